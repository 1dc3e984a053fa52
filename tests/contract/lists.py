"""The list of identifiers that every organisation's person keeps in the contract's world."""

from __future__ import annotations

from smi_portal.accounts.models import Person
from smi_portal.lookup.lists import recognised
from smi_portal.lookup.models import DeviceList
from tests.support import world

#: The same for each organisation: references are its own.
REFERENCE = "L-BCDFGH"


def identifiers() -> list[str]:
    """Of every home by turns: the meter, its MPxN, its gas meter; what is wrong, doubled, nobody's or hostile."""
    homes = range(1, world.HOMES + 1)
    return [
        *(world.device_id(home, 1).lower() for home in homes[::2]),
        *(world.mpan(home) for home in homes[1::3]),
        *(world.device_id(home, 2) for home in homes[::5]),
        *("1.2E+12", "123", "1000000000000000000", "00-DB-FF-FF-FF-FF-FF-FF", world.device_id(1, 1)),
        *world.HOSTILE,
    ]


def make_lists() -> None:
    """Give each person that list; through the owner, to stay."""
    lines = recognised(identifiers())
    DeviceList.objects.using("owner").all().delete()
    for person in Person.objects.using("owner").all():
        DeviceList.objects.using("owner").create(
            reference=REFERENCE,
            organisation_ref=person.organisation_id,
            person_ref=person.pk,
            given=lines.given,
            kinds=[kind.value for kind in lines.kinds],
            identifiers=lines.identifiers,
            repeats=lines.repeats,
            why=lines.why,
        )
