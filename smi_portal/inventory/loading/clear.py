"""Forgetting every extract, to start over from another producer's sequence."""

from __future__ import annotations

from collections.abc import Callable

from django.apps import apps
from django.db import connections, transaction

from smi_portal.inventory.loading.loader import OWNER, check_migrations, take_lock
from smi_portal.inventory.models import ChangeStream, Organisation


def clear(progress: Callable[[str], None]) -> None:
    """Remove all rows of the inventory and the record of loads, in one transaction.

    Organisations stay, as not in the extract: people, grants and the audit refer to them. So do the last positions
    of the change feed, lest a cursor be given twice.
    """
    check_migrations()
    tables = [
        m._meta.db_table
        for m in apps.get_app_config("inventory").get_models()
        if m not in {Organisation, ChangeStream}
    ]
    with transaction.atomic(using=OWNER), connections[OWNER].cursor() as cursor:
        take_lock(cursor, progress)
        cursor.execute(f"TRUNCATE {', '.join(tables)}")
        Organisation.objects.using(OWNER).update(in_extract=False)
