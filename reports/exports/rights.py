"""Who may have a file: asked when it is requested, again when it is made, and again each time it is fetched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from reports.engine.ask import AskRefused
from reports.engine.report import report_for
from reports.exports.models import Delivery, Export, State
from smi_portal.access.readers import FieldGroup
from smi_portal.access.scope import Viewer
from smi_portal.accounts.acting import RightLost, viewer_now
from smi_portal.accounts.models import Person
from smi_portal.jobs.attempts import UNFINISHED

__all__ = ["RightLost", "TooMuch", "check_day", "check_fetch", "check_request", "viewer_now"]

DAY = timedelta(days=1)


class TooMuch(AskRefused):
    """A fair-use cap has been reached. `retry_after`: seconds after which it is worth asking again."""

    def __init__(self, errors: Mapping[str, list[str]], retry_after: int) -> None:
        super().__init__(errors, status=429)
        self.retry_after = retry_after


def check_fetch(export: Export, viewer: Viewer) -> None:
    """Whether this viewer may fetch this finished file now. Raises RightLost, or TooMuch at the cap.

    What the file holds was decided when it was made; so role, report and releases must still allow all of it.
    """
    report = report_for(export.report)
    if export.organisation_id != viewer.organisation_id or export.role != viewer.role.value:
        raise RightLost("This file was made for another role. Make it again.")
    if report is None or viewer.role not in report.roles:
        raise RightLost("Your role may no longer run this report.")
    if not all(viewer.sees(FieldGroup(group)) for group in export.groups.split(",") if group):
        raise RightLost(
            "This file holds fields that are no longer released to your organisation. Make it again without them."
        )
    fetched = Delivery.objects.filter(organisation_id=viewer.organisation_id, at__gt=timezone.now() - DAY)
    if fetched.count() >= settings.SMI_FETCHES_A_DAY:
        raise _too_much(
            f"Your organisation has fetched {settings.SMI_FETCHES_A_DAY:,} files in 24 hours, which is the most it may. "
            "Try again later; the file stays until it expires.",
            fetched.earliest("at").at,
        )


def check_request(person: Person) -> None:
    """Whether this person may ask for one more file. Raises TooMuch."""
    waiting = Export.objects.filter(person=person, state__in=UNFINISHED).count()
    if waiting >= settings.SMI_FILES_AT_ONCE:
        raise TooMuch(
            {"limit": [f"You have {waiting} files being made. Wait for one to finish, or cancel one."]}, 60
        )
    check_day(person.organisation_id)


def check_day(organisation_id: int, spare: int = 0) -> None:
    """Whether the organisation is within its files of 24 hours. Raises TooMuch.

    `spare`: how many of them are the very ones that are asked about (one, when a job is about to run).
    """
    asked = Export.objects.filter(
        organisation_id=organisation_id, requested_at__gt=timezone.now() - DAY
    ).exclude(state=State.CANCELLED)
    if asked.count() - spare >= settings.SMI_FILES_A_DAY:
        raise _too_much(
            f"Your organisation has asked for {settings.SMI_FILES_A_DAY:,} files in 24 hours, which is the most it may. "
            "Try again later.",
            asked.earliest("requested_at").requested_at,
        )


def _too_much(sentence: str, oldest: datetime) -> TooMuch:
    again = oldest + DAY - timezone.now()
    return TooMuch({"limit": [sentence]}, max(60, int(again.total_seconds())))
