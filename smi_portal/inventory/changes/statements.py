"""The statements that find events. Every table is keyed by reader (`audience`, `org_id`) and device.

A reader's view is its own period rows and no others. Both views of a device are laid over each other; where they
differ on a run of days, that run is one event for each field: "on these days it was X to you, and is Y now".
"""

from __future__ import annotations

from smi_portal.inventory.changes.capture import COLUMNS, COMPARED, METERS

READER = "audience, org_id, device_id"
VALUES = ("status", "firmware_version", "mpxn", "supplier_id", "map_id")
ATTRIBUTES_OF = ("device_type", "installed_on", "removed_on", "removal_reason")


def after(everything: bool) -> str:
    """Make `change_after`: the periods as they are now, of all meters or of those that were rebuilt."""
    some = "" if everything else "JOIN change_scope USING (device_id) "
    return (
        f"CREATE TEMP TABLE change_after ON COMMIT DROP AS SELECT {COLUMNS} FROM inventory_assetperiod a {some}"
        f"WHERE a.device_type IN {METERS}"
    )


_BEFORE = ", ".join(f"b.{name}" for name in COMPARED)
_AFTER = ", ".join(f"a.{name}" for name in COMPARED)

#: Only these devices are looked at closely.
CHANGED = f"""
CREATE TEMP TABLE change_device ON COMMIT DROP AS
SELECT DISTINCT device_id
FROM change_before b FULL JOIN change_after a USING (device_id, lane, from_day)
WHERE ({_BEFORE}) IS DISTINCT FROM ({_AFTER})
"""


def views(name: str, source: str) -> str:
    """Make `name`: each reader's rows of the changed devices. An organisation has at most one row a day."""
    rest = ", ".join(["p.from_day", "p.to_day", *(f"p.{column}" for column in (*VALUES, *ATTRIBUTES_OF))])
    reader = f"SELECT {{audience}}::text AS audience, {{org}}::integer AS org_id, p.device_id, {rest} FROM {source} p "
    parts = (("'MAP'", "p.map_org_id"), ("'SUPPLIER'", "p.supplier_org_id"), ("'DCC'", "0"))
    where = ("p.map_org_id IS NOT NULL", "p.supplier_org_id IS NOT NULL", "p.lane = 0")
    selects = (
        reader.format(audience=audience, org=org) + f"JOIN change_device USING (device_id) WHERE {condition}"
        for (audience, org), condition in zip(parts, where, strict=True)
    )
    return f"CREATE TEMP TABLE {name} ON COMMIT DROP AS " + " UNION ALL ".join(selects)


_OLD_AND_NEW = ", ".join(f"o.{name} AS old_{name}, n.{name} AS new_{name}" for name in VALUES)
_ON = (
    "({t}.audience, {t}.org_id, {t}.device_id) = (s.audience, s.org_id, s.device_id) "
    "AND {t}.from_day <= s.day AND {t}.to_day > s.day"
)

OVERLAY = f"""
CREATE TEMP TABLE change_overlay ON COMMIT DROP AS
WITH edge AS (
    SELECT {READER}, from_day AS day FROM change_old UNION SELECT {READER}, to_day FROM change_old
    UNION SELECT {READER}, from_day FROM change_new UNION SELECT {READER}, to_day FROM change_new
), segment AS (
    SELECT *, lead(day) OVER (PARTITION BY {READER} ORDER BY day) AS to_day FROM edge
)
SELECT s.audience, s.org_id, s.device_id, s.day AS from_day, s.to_day,
       o.device_id IS NOT NULL AS was, n.device_id IS NOT NULL AS is_now,
       coalesce(n.device_type, o.device_type) AS device_type, {_OLD_AND_NEW}
FROM segment s
LEFT JOIN change_old o ON {_ON.format(t="o")}
LEFT JOIN change_new n ON {_ON.format(t="n")}
WHERE s.to_day IS NOT NULL AND (o.device_id IS NOT NULL OR n.device_id IS NOT NULL)
"""

#: state: lost, gained; new (on gained days, where the value differs from the day before); changed.
_ITEMS = ",\n        ".join(
    f"('{'supplier' if name == 'supplier_id' else name}', CASE WHEN NOT is_now THEN NULL WHEN NOT was THEN 'new' "
    f"WHEN old_{name} IS DISTINCT FROM new_{name} THEN 'changed' END, CASE WHEN was THEN old_{name} END, new_{name})"
    for name in VALUES
)
_ISLAND = "PARTITION BY audience, org_id, device_id, field"

#: One row for each run of days on which one field went from one value to another.
FOUND = f"""
CREATE TEMP TABLE change_found ON COMMIT DROP AS
WITH item AS (
    SELECT v.audience, v.org_id, v.device_id, v.from_day, v.to_day, x.field, x.state, x.old, x.new
    FROM change_overlay v CROSS JOIN LATERAL (VALUES
        ('presence', CASE WHEN NOT is_now THEN 'lost' WHEN NOT was THEN 'gained' END,
            CASE WHEN was THEN 'yes' END, CASE WHEN is_now THEN 'yes' END),
        {_ITEMS}
    ) x (field, state, old, new)
    WHERE x.state IS NOT NULL
), fresh AS (
    SELECT *, (lag(to_day) OVER w, lag(state) OVER w, lag(old) OVER w, lag(new) OVER w)
              IS DISTINCT FROM (from_day, state, old, new) AS starts
    FROM item WINDOW w AS ({_ISLAND} ORDER BY from_day)
), island AS (
    SELECT *, count(*) FILTER (WHERE starts) OVER ({_ISLAND} ORDER BY from_day) AS no FROM fresh
), run AS (
    SELECT {READER}, field, state, old, new, min(from_day) AS from_day, max(to_day) AS to_day
    FROM island GROUP BY {READER}, field, no, state, old, new
), known AS (
    SELECT *, lag(new) OVER w AS earlier,
           (lag(to_day) OVER w, lag(state) OVER w) IS NOT DISTINCT FROM (from_day, state) AS goes_on
    FROM run WINDOW w AS ({_ISLAND} ORDER BY from_day)
)
SELECT {READER}, field, state, CASE WHEN state = 'new' THEN earlier ELSE old END AS old, new, from_day, to_day,
       NULL::text AS removal_reason
FROM known WHERE state <> 'new' OR goes_on
"""

#: Installation and removal are told as on the reports: only when before the end of the reader's own days.
#: A meter that is all new to a reader tells its removal as well; its installation goes without saying.
ATTRIBUTES = f"""
INSERT INTO change_found
WITH told_old AS (
    SELECT {READER}, max(CASE WHEN installed_on < run_end THEN installed_on END) AS installed_on,
           max(CASE WHEN removed_on < run_end THEN removed_on END) AS removed_on,
           max(CASE WHEN removed_on < run_end THEN removal_reason END) AS reason
    FROM (SELECT *, max(to_day) OVER (PARTITION BY {READER}) AS run_end FROM change_old) o GROUP BY {READER}
), told_new AS (
    SELECT {READER}, max(CASE WHEN installed_on < run_end THEN installed_on END) AS installed_on,
           max(CASE WHEN removed_on < run_end THEN removed_on END) AS removed_on,
           max(CASE WHEN removed_on < run_end THEN removal_reason END) AS reason
    FROM (SELECT *, max(to_day) OVER (PARTITION BY {READER}) AS run_end FROM change_new) n GROUP BY {READER}
), pair AS (
    SELECT n.*, o.device_id IS NULL AS is_new, o.installed_on AS old_installed, o.removed_on AS old_removed,
           o.reason AS old_reason
    FROM told_new n LEFT JOIN told_old o USING (audience, org_id, device_id)
)
SELECT {READER}, 'removed_on', CASE WHEN old_removed IS NULL THEN 'changed' ELSE 'rewritten' END,
       old_removed::text, removed_on::text, least(removed_on, old_removed), 'infinity'::date, reason
FROM pair WHERE (removed_on, reason) IS DISTINCT FROM (old_removed, old_reason)
UNION ALL
SELECT {READER}, 'installed_on', CASE WHEN old_installed IS NULL THEN 'changed' ELSE 'rewritten' END,
       old_installed::text, installed_on::text, least(installed_on, old_installed), 'infinity'::date, NULL
FROM pair WHERE NOT is_new AND installed_on IS DISTINCT FROM old_installed
"""

_KIND = """CASE
    WHEN f.state = 'rewritten' AND f.from_day < %(previous)s THEN 'corrected_history'
    WHEN f.field = 'presence' THEN f.state
    WHEN f.field = 'map_id' THEN CASE WHEN f.old IS NULL THEN 'map_id_set' WHEN f.new IS NULL THEN 'map_id_lost'
                                      ELSE 'map_id_changed' END
    WHEN f.field = 'firmware_version' THEN 'firmware_changed'
    WHEN f.field = 'removed_on' THEN 'removed'
    WHEN f.field = 'installed_on' THEN 'installed'
    ELSE f.field || '_changed' END"""

_SEEN = ", ".join(
    f"CASE WHEN v.is_now THEN v.new_{name} ELSE v.old_{name} END AS {name}"
    for name in ("status", "firmware_version", "mpxn", "map_id")
)

#: A run that ended before the day of the extract before is corrected history, whatever its field. One that began
#: before it and goes on is the change that it is, and a correction of the days before: two events.
INSERT = f"""
INSERT INTO inventory_changeevent (
    audience, org_id, position, map_org_id, supplier_org_id, extract_sequence, told_on, kind, field, device_id,
    device_type, from_day, to_day, before, after, supplier_before, supplier_after, status, firmware_version, mpxn,
    map_id, removal_reason)
WITH named AS (
    SELECT f.*, {_KIND} AS kind, v.device_type, v.old_supplier_id, v.new_supplier_id, {_SEEN}
    FROM change_found f
    CROSS JOIN LATERAL (
        SELECT * FROM change_overlay v
        WHERE v.audience = f.audience AND v.org_id = f.org_id AND v.device_id = f.device_id
        ORDER BY v.from_day <= f.from_day DESC,
                 CASE WHEN v.from_day <= f.from_day THEN v.from_day - f.from_day ELSE f.from_day - v.from_day END DESC
        LIMIT 1
    ) v
), told AS (
    SELECT *, CASE WHEN to_day <= %(previous)s THEN 'corrected_history' ELSE kind END AS told_kind, to_day AS until
    FROM named
    UNION ALL
    SELECT *, 'corrected_history', %(previous)s FROM named
    WHERE from_day < %(previous)s AND to_day > %(previous)s AND kind <> 'corrected_history' AND state <> 'new'
)
SELECT t.audience, t.org_id,
       coalesce(s.last_position, 0) + row_number() OVER (PARTITION BY t.audience, t.org_id ORDER BY t.device_id,
           t.field <> 'presence', t.from_day, t.field, t.told_kind = 'corrected_history', t.until),
       CASE WHEN t.audience = 'MAP' THEN t.org_id END, CASE WHEN t.audience = 'SUPPLIER' THEN t.org_id END,
       %(sequence)s, %(day)s, t.told_kind, t.field, t.device_id, t.device_type, t.from_day, t.until,
       CASE WHEN t.field <> 'supplier' THEN t.old WHEN t.old IS NOT NULL THEN 'registered' END,
       CASE WHEN t.field <> 'supplier' THEN t.new WHEN t.new IS NOT NULL THEN 'registered' END,
       CASE WHEN t.field = 'supplier' THEN t.old WHEN t.state = 'lost' THEN t.old_supplier_id END,
       CASE WHEN t.field = 'supplier' THEN t.new WHEN t.state <> 'lost' THEN t.new_supplier_id END,
       t.status, t.firmware_version, t.mpxn, t.map_id, t.removal_reason
FROM told t LEFT JOIN inventory_changestream s ON s.audience = t.audience AND s.org_id = t.org_id
"""

STREAMS = """
INSERT INTO inventory_changestream (audience, org_id, last_position)
SELECT audience, org_id, max(position) FROM inventory_changeevent WHERE extract_sequence = %(sequence)s
GROUP BY 1, 2
ON CONFLICT (audience, org_id) DO UPDATE SET last_position = excluded.last_position
"""
