"""What must be unique, or must exist, tells whoever may add rows whether somebody else's row is there: catalogue lint.

A unique index and a foreign key look at all rows, whatever the policies say. So on a table to which readers add rows,
each unique index names the organisation, or is over values that nobody can guess, or that tell nothing.
"""

from __future__ import annotations

from django.db import DatabaseError, connection, connections, transaction

from reports.saved.models import SavedView
from smi_portal.access.scope import scope
from smi_portal.access.tables import Scoped, managed_tables
from tests.access.hostile import viewer

#: Index → why it may look at everyone's rows.
TELL_NOTHING = {
    "serial": "a number that the database gives: that some row has it tells that there are rows, and not whose or what",
    "uuid": "122 random bits",
    "reference": "50 random bits",
    "published": "what is published is read by all who may add it",
    "chain": "the audit's place in a chain: made by the process, of random chains",
}
SERIAL = """
accounts_releasedecision backfill_allowance backfill_dailycapacity backfill_declaration backfill_paneldate
backfill_publication backfill_publishedrow data_issues_event data_issues_line data_issues_submission lookup_devicelist
portfolio_columnmapping portfolio_reconciliationpart portfolio_statementpart saved_preference saved_savedview
"""
#: (table, columns) → which of these.
EVERYONES = {
    **{(table, ("id",)): "serial" for table in SERIAL.split()},
    **{(f"portfolio_{kept}", ("id",)): "uuid" for kept in ("ledgerpart", "reconciliation", "statement")},
    ("portfolio_ledger", ("job_id",)): "uuid",
    ("exports_exportcontent", ("export_id",)): "uuid",
    ("exports_schedulecontent", ("schedule_id",)): "uuid",
    ("data_issues_line", ("reference",)): "reference",
    ("data_issues_submission", ("reference",)): "reference",
    ("audit_auditentry", ("chain", "n")): "chain",
    ("backfill_publication", ("month", "version")): "published",
}

UNIQUE = """
SELECT c.relname, array_agg(coalesce(a.attname, '(expression)') ORDER BY k.place), pg_get_indexdef(i.indexrelid)
FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid
CROSS JOIN LATERAL unnest(i.indkey::int[]) WITH ORDINALITY k (number, place)
LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace AND c.relname = ANY (%s)
GROUP BY c.relname, i.indexrelid
"""


def added_to() -> dict[str, set[str]]:
    """Tables to which readers may add or change rows → the columns that say whose a row is."""
    found = {}
    for model, access in managed_tables():
        if isinstance(access, Scoped) and (access.adders or access.changers):
            names = {access.own, access.map, access.supplier, access.secas} - {None}
            found[model._meta.db_table] = {str(name) for name in names}
    return found


def test_no_unique_index_tells_of_others(real: None) -> None:
    tables = added_to()
    with connections["owner"].cursor() as cursor:
        cursor.execute(UNIQUE, [list(tables)])
        indexes = cursor.fetchall()
    assert len(indexes) > 20
    everyones = {(table, tuple(columns)) for table, columns, _ in indexes if not tables[table] & set(columns)}
    assert everyones - EVERYONES.keys() == set(), "Put the organisation into it, or say why it tells nothing."
    assert EVERYONES.keys() - everyones == set(), "These are no such indexes (any more)."
    assert set(EVERYONES.values()) == set(TELL_NOTHING)


def kept_view(person: int, organisation: int, name: str) -> str:
    """What M2's attacker is told who keeps a view for somebody of another organisation; taken back."""
    with scope(viewer()):
        try:
            with transaction.atomic():
                SavedView.objects.create(
                    organisation_id=organisation, person_id=person, made_by="x", report="MAP_001", name=name
                )
                transaction.set_rollback(True)
        except DatabaseError as error:
            return f"{type(error).__name__}: {error}"
    return "taken"


def test_a_name_that_another_organisation_uses_is_free(real: None) -> None:
    """M1 keeps “Severn deal”; an attacker in M2's scope tries that name, and one that nobody uses, for M1's person."""
    other, mine = viewer("M1"), viewer()
    with scope(other):
        theirs = SavedView.objects.create(
            organisation_id=other.organisation_id,
            person_id=77,
            made_by="x",
            report="MAP_001",
            name="Severn deal",
        )
    try:
        told = {
            kept_view(77, organisation, name).replace(name, "NAME")
            for organisation in (mine.organisation_id,)
            for name in ("Severn deal", "Nobody's name")
        }
        assert told == {"taken"}
        assert "row-level security" in kept_view(77, other.organisation_id, "Severn deal")
    finally:
        with scope(other):
            theirs.delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("smi_site",)
