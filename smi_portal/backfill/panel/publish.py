"""Publishing a month: its rows are stored, and from then on the Panel's page shows the stored rows."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction

from smi_portal.backfill.models import Publication, PublishedRow
from smi_portal.backfill.panel.months import Month, differences, published
from smi_portal.inventory.models import Organisation


class NotPublished(Exception):
    """Why a month cannot be published now, in a sentence for people."""


def publish(month: Month, note: str, today: date, person: str) -> Publication:
    """Freeze `month` (live figures) as its next version. Call inside SECAS' scope. Raises NotPublished."""
    if not month.complete:
        raise NotPublished(
            f"{month.first:%B %Y} is not over in the data, which reaches {month.day.day} {month.day:%B %Y}. "
            "Publish it once the extract of its last day is loaded."
        )
    last = Publication.objects.filter(month=month.key).order_by("-version").first()
    if last is not None:
        if not note:
            raise NotPublished(f"Version {last.version} is published. Say what the new version corrects.")
        if not differences(published(last), month):
            raise NotPublished(
                f"Nothing has changed since version {last.version}, so there is nothing to correct."
            )
    try:
        with transaction.atomic():
            return _store(month, last.version + 1 if last else 1, note, today, person)
    except IntegrityError as error:
        raise NotPublished(
            "A colleague has published this month at this moment: look at it again."
        ) from error


def _store(month: Month, version: int, note: str, today: date, person: str) -> Publication:
    ids = dict(Organisation.objects.values_list("organisation", "pk"))
    publication = Publication.objects.create(
        month=month.key,
        version=version,
        note=note,
        published_on=today,
        day=month.day,
        extract_sequence=month.extract_sequence,
        as_at=month.as_at,
        made_by=person,
    )
    PublishedRow.objects.bulk_create(
        PublishedRow(
            publication=publication,
            user_org_id=ids[standing.row["organisation"]],
            name=standing.name,
            figures=dict(standing.row),
        )
        for standing in month.standings
    )
    return publication
