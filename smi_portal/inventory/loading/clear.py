"""Forgetting every extract, to start over from another producer's sequence."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connections, transaction

from smi_portal.inventory.hands import OWNER
from smi_portal.inventory.loading import leftovers
from smi_portal.inventory.loading.loader import check_migrations, take_lock
from smi_portal.inventory.models import Organisation


def clear(progress: Callable[[str], None]) -> None:
    """Remove all rows of the inventory and the record of loads, in one transaction.

    Organisations stay, as not in the extract (`leftovers.emptied_tables` says why).
    """
    check_migrations()
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        take_lock(cursor, progress)
        leftovers.sweep(cursor, progress)
        cursor.execute(f"TRUNCATE {', '.join(leftovers.emptied_tables())}")
        Organisation.objects.using(OWNER).update(in_extract=False)
