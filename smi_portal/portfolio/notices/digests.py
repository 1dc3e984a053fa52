"""The feed's digest by mail: how many events of each kind since the last one, once, and nothing when nothing changed."""

from __future__ import annotations

from datetime import date, timedelta
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string

from smi_portal.accounts.models import Person, viewer_for
from smi_portal.portfolio.asking import ROLES
from smi_portal.portfolio.feed import KINDS, Wanted, last_cursor
from smi_portal.portfolio.feed.summary import counts
from smi_portal.portfolio.models import Digest

EVERY = {"daily": timedelta(days=1), "weekly": timedelta(days=7)}


def subscribe(person: Person, frequency: str) -> None:
    """Send this person a digest from now on; "" = no more. Past events are not sent."""
    if not frequency:
        Digest.objects.filter(person=person).delete()
        return
    viewer = viewer_for(person.organisation)
    cursor = last_cursor(viewer) if viewer is not None and viewer.role in ROLES else 0
    digest, created = Digest.objects.get_or_create(
        person=person, defaults={"frequency": frequency, "cursor": cursor}
    )
    if not created and digest.frequency != frequency:
        digest.frequency = frequency
        digest.save(update_fields=["frequency"])


def due(today: date) -> list[int]:
    """The digests that may be sent today, by id."""
    found = Digest.objects.filter(person__is_active=True).order_by("pk")
    return [one.pk for one in found if one.sent_on is None or one.sent_on + EVERY[one.frequency] <= today]


def send(pk: int, today: date) -> bool:
    """Send one digest if it is still due and there is news; whether a mail was sent.

    What was sent is recorded before the mail leaves, in one step that only one run can make: a crash between the
    two loses a mail (the feed still says it), and none is sent twice. Raises SMTPException, OSError; the digest is
    then due again.
    """
    with transaction.atomic():
        digest = (
            Digest.objects.select_for_update(of=("self",))
            .select_related("person__organisation")
            .filter(pk=pk)
            .first()
        )
        if digest is None or (digest.sent_on and digest.sent_on + EVERY[digest.frequency] > today):
            return False
        before = digest.cursor, digest.sent_on
        digest.sent_on = today
        digest.save(update_fields=["sent_on"])
    viewer = viewer_for(digest.person.organisation)
    if viewer is None or viewer.role not in ROLES:
        return False
    newest = last_cursor(viewer)
    told = counts(viewer, Wanted(after=digest.cursor)) if newest > digest.cursor else {}
    Digest.objects.filter(pk=pk).update(cursor=max(newest, digest.cursor))
    if not told:
        return False
    number = sum(told.values())
    context = {
        "person": digest.person,
        "counts": [(KINDS[kind][0], count) for kind, count in told.items()],
        "number": number,
        "frequency": digest.frequency,
        "site": settings.SMI_SITE_URL.rstrip("/"),
    }
    try:
        send_mail(
            f"Your portfolio: {number:,} change{'' if number == 1 else 's'}",
            render_to_string("portfolio/digest.txt", context),
            None,
            [digest.person.email],
        )
    except (SMTPException, OSError):
        Digest.objects.filter(pk=pk).update(cursor=before[0], sent_on=before[1])
        raise
    return True
