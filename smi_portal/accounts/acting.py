"""Who acts when nobody is at the keyboard: what was asked for is done, and given out, as its person may see it then."""

from __future__ import annotations

from smi_portal.access.scope import Viewer
from smi_portal.accounts.models import Person, viewer_for

NO_ROLE = "Your organisation sees nothing here now: it has not completed DCC User Entry, or has lost it."


class RightLost(Exception):
    """The person may no longer have what was asked for. The text says why, and holds no data."""


def viewer_now(person: Person, organisation_id: int | None = None) -> Viewer:
    """The viewer that acts for this person now, read afresh. Raises RightLost.

    `organisation_id`: the organisation for which something was asked, if it must still be the person's own.
    """
    found = Person.objects.select_related("organisation").filter(pk=person.pk, is_active=True).first()
    if found is None:
        raise RightLost("The person who asked has left.")
    if organisation_id is not None and found.organisation_id != organisation_id:
        raise RightLost("The person who asked now works for another organisation.")
    viewer = viewer_for(found.organisation)
    if viewer is None:
        raise RightLost(NO_ROLE)
    return viewer
