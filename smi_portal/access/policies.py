"""Grants and row-level security, derived from the tables' declarations (`tables`), in one place.

Run after every migration by the owner: what is declared is granted, all else is revoked. Policies are integer
equality on columns of the row itself (measured: no slower than an explicit WHERE, unlike IN or EXISTS).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, LiteralString

from django.db import connections, models
from psycopg import sql

from smi_portal.access.readers import Reader, Role
from smi_portal.access.signing import key_pads
from smi_portal.access.tables import (
    Access,
    OwnerOnly,
    Reference,
    Scoped,
    SiteTable,
    managed_tables,
)

SITE_ROLE = "smi_site"
OWNER_ALIAS = "owner"
#: Ends the name of the policy under which a reader adds rows.
ADDS = "_adds"
#: Ends the name of the policy under which a reader changes rows.
CHANGES = "_changes"
#: Ends the name of the policy under which a reader deletes rows.
REMOVES = "_removes"

ENDS = (ADDS, CHANGES, REMOVES)
#: The restrictive policy that closes a table while it is filled for the first time (`unserved`). It shows nothing.
UNSERVED = "smi_unserved"

#: The only SECURITY DEFINER function: it tells a reader its own organisation's id, and nothing else.
CONTEXT_FUNCTION = """
CREATE OR REPLACE FUNCTION smi_context_org(reader text) RETURNS integer
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$
DECLARE
    part text[] := string_to_array(nullif(current_setting('smi.context', true), ''), ':');
    pad record;
BEGIN
    IF part IS NULL OR cardinality(part) <> 4 OR part[1] <> reader THEN
        RETURN NULL;
    END IF;
    SELECT inner_pad, outer_pad INTO pad FROM {schema}.access_contextkey;
    IF encode(sha256(pad.outer_pad || sha256(pad.inner_pad ||
            convert_to(part[1] || ':' || part[2] || ':' || part[3], 'UTF8'))), 'hex') IS DISTINCT FROM part[4] THEN
        RETURN NULL;
    END IF;
    IF part[3]::bigint < extract(epoch FROM statement_timestamp()) THEN
        RETURN NULL;
    END IF;
    RETURN part[2]::integer;
END $body$
"""


def after_migrate(using: str, **kwargs: Any) -> None:
    """Signal handler: apply everything once the access app (listed last to migrate) is in place."""
    if using == OWNER_ALIAS:
        apply(using)


def apply(using: str = OWNER_ALIAS) -> None:
    """Make grants, policies, the context function and its key exactly what the declarations say. Idempotent."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if "access_contextkey" not in existing:
            return
        _install_context(cursor)
        cursor.execute(_schema_usage())
        for model, access in managed_tables():
            if model._meta.db_table in existing:
                for statement in statements(model, access):
                    cursor.execute(statement)
        cursor.execute(_sequences())
        cursor.execute(f"REVOKE ALL ON django_migrations FROM PUBLIC, {SITE_ROLE}")
        cursor.execute(f"GRANT SELECT ON django_migrations TO {SITE_ROLE}")


def statements(model: type[models.Model], access: Access | None) -> Iterator[sql.Composable]:
    """The statements that give one table its grants and policies, from a clean slate."""
    table = sql.Identifier(model._meta.db_table)
    roles: list[sql.Composable] = [sql.SQL("PUBLIC"), sql.Identifier(SITE_ROLE), *map(_name, Reader)]
    everyone = sql.SQL(", ").join(roles)
    yield sql.SQL("REVOKE ALL ON {} FROM {}").format(table, everyone)
    # A column's grant outlives the table's REVOKE when it was made column by column.
    columns = _identifiers(columns_of(model))
    yield sql.SQL("REVOKE SELECT ({}) ON {} FROM {}").format(columns, table, everyone)
    if isinstance(access, SiteTable):
        verbs = sql.SQL(", ").join(map(sql.SQL, access.verbs))
        yield sql.SQL("GRANT {} ON {} TO {}").format(verbs, table, sql.Identifier(SITE_ROLE))
    elif isinstance(access, Reference):
        readers = sql.SQL(", ").join([sql.Identifier(SITE_ROLE), *map(_name, Reader)])
        yield sql.SQL("GRANT SELECT ON {} TO {}").format(table, readers)
    elif isinstance(access, Scoped):
        yield from _row_security(table)
        yield from _scoped(model, access)


def _row_security(table: sql.Identifier) -> Iterator[sql.Composable]:
    """Forced, with no policy yet but the owner's."""
    yield sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(table)
    yield sql.SQL("ALTER TABLE {} FORCE ROW LEVEL SECURITY").format(table)
    names = ["smi_owner_all", SITE_ROLE + ADDS]
    for name in [*names, *(reader.value + end for reader in Reader for end in ("", *ENDS))]:
        yield sql.SQL("DROP POLICY IF EXISTS {} ON {}").format(sql.Identifier(name), table)
    # FORCE binds the owner too; loads run as the owner and need every row.
    yield sql.SQL("CREATE POLICY smi_owner_all ON {} TO CURRENT_USER USING (true) WITH CHECK (true)").format(
        table
    )


def _scoped(model: type[models.Model], access: Scoped) -> Iterator[sql.Composable]:
    table = sql.Identifier(model._meta.db_table)
    if access.site_adds:
        site = sql.Identifier(SITE_ROLE)
        yield sql.SQL("CREATE POLICY {} ON {} FOR INSERT TO {} WITH CHECK (true)").format(
            sql.Identifier(SITE_ROLE + ADDS), table, site
        )
        yield sql.SQL("GRANT INSERT ON {} TO {}").format(table, site)
    for reader in Reader:
        condition = condition_of(reader, access)
        if condition is None:
            continue
        yield sql.SQL("CREATE POLICY {0} ON {1} FOR SELECT TO {0} USING ({2})").format(
            _name(reader), table, condition
        )
        visible = [column for column in columns_of(model) if may_read(reader, access, column)]
        yield sql.SQL("GRANT SELECT ({}) ON {} TO {}").format(_identifiers(visible), table, _name(reader))
        for end, verb, clauses in doing(reader, access):
            yield sql.SQL("CREATE POLICY {} ON {} FOR {} TO {} {}").format(
                sql.Identifier(reader.value + end),
                table,
                sql.SQL(verb),
                _name(reader),
                sql.SQL(clauses).format(condition),
            )
            yield sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(verb), table, _name(reader))


def doing(reader: Reader, access: Scoped) -> Iterator[tuple[str, LiteralString, LiteralString]]:
    """What a reader may do beside reading: the end of the policy's name, the verb, the clauses of its condition."""
    if reader in access.adders:
        yield ADDS, "INSERT", "WITH CHECK ({0})"
    if reader in access.changers:
        yield CHANGES, "UPDATE", "USING ({0}) WITH CHECK ({0})"
    if reader in access.removers:
        yield REMOVES, "DELETE", "USING ({0})"


def condition_of(reader: Reader, access: Scoped) -> sql.Composable | None:
    """The policy's USING clause; None = this reader has no row of the table, ever."""
    organisation = _context(reader)
    if access.own is not None:
        return _own(access.own, reader)
    if reader in access.everyone:
        return sql.SQL("{} IS NOT NULL").format(organisation)
    if access.viewers is not None and reader.role in {Role.MAP, Role.SUPPLIER}:
        return sql.SQL("{} = ANY ({})").format(organisation, sql.Identifier(access.viewers))
    columns = {Role.MAP: access.map, Role.SUPPLIER: access.supplier, Role.SECAS: access.secas}
    column = columns.get(reader.role)
    return None if column is None else _own(column, reader)


def _context(reader: Reader) -> sql.Composable:
    return sql.SQL("(SELECT smi_context_org({}))").format(sql.Literal(reader.value))


def _own(column: str, reader: Reader) -> sql.Composable:
    """The row's organisation is the one that the signed context names."""
    return sql.SQL("{} = {}").format(sql.Identifier(column), _context(reader))


def may_read(reader: Reader, access: Scoped, column: str) -> bool:
    """Whether the reader may name this column of the rows that it sees."""
    if reader in access.only and column not in access.only[reader]:
        return False
    group = access.hidden.get(column)
    return group is None or group in reader.released


def columns_of(model: type[models.Model]) -> list[str]:
    """The table's columns."""
    return [field.column for field in model._meta.concrete_fields if field.column]


def _identifiers(names: Sequence[str]) -> sql.Composable:
    return sql.SQL(", ").join([sql.Identifier(name) for name in names])


def _name(reader: Reader) -> sql.Identifier:
    return sql.Identifier(reader.value)


def _install_context(cursor: Any) -> None:
    cursor.execute("SELECT current_schema()")
    schema = sql.Identifier(cursor.fetchone()[0])
    cursor.execute(sql.SQL(CONTEXT_FUNCTION).format(schema=schema))
    inner, outer = key_pads()
    cursor.execute(
        "INSERT INTO access_contextkey (id, inner_pad, outer_pad) VALUES (1, %s, %s) "
        "ON CONFLICT (id) DO UPDATE SET inner_pad = excluded.inner_pad, outer_pad = excluded.outer_pad",
        [inner, outer],
    )


def _schema_usage() -> sql.Composable:
    roles = sql.SQL(", ").join([sql.Identifier(SITE_ROLE), *map(_name, Reader)])
    return sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(roles)


def _sequences() -> sql.Composable:
    return sql.SQL("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {}").format(sql.Identifier(SITE_ROLE))


__all__ = ["OWNER_ALIAS", "SITE_ROLE", "OwnerOnly", "after_migrate", "apply", "statements"]
