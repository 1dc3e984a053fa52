"""What the books ask SQLite: their tables, indexes and joins."""

from __future__ import annotations

TABLES = """
CREATE TABLE span (device_id TEXT, mpxn TEXT, map_id TEXT, supplier_id TEXT, start INTEGER, stop INTEGER,
                   why_start TEXT, why_stop TEXT, nth INTEGER, PRIMARY KEY (device_id, start, nth)) WITHOUT ROWID;
CREATE TABLE event (device_id TEXT, position INTEGER, kind TEXT, day INTEGER, extract INTEGER, nth INTEGER,
                    PRIMARY KEY (device_id, position, nth)) WITHOUT ROWID;
CREATE TABLE claim (line INTEGER PRIMARY KEY, device_id TEXT, mpxn TEXT, map_id TEXT, supplier_id TEXT,
                    start INTEGER, stop INTEGER, days INTEGER, rate TEXT, amount TEXT, outside INTEGER, wrong TEXT);
"""
#: Only for a file whose lines name no device.
BY_MPXN = "CREATE INDEX span_mpxn ON span (mpxn)"
#: A line is held against the first 400 of its asset: a file of one asset over and over must not take for ever.
#: `repeated`: lines whose asset has others. `first`: what they are held against.
CLAIMED = """
CREATE INDEX claim_device ON claim (device_id) WHERE device_id <> '';
CREATE INDEX claim_mpxn ON claim (mpxn) WHERE device_id = '';
CREATE TABLE repeated AS
    SELECT line, row_number() OVER (PARTITION BY device_id ORDER BY line) AS nth FROM claim
    WHERE device_id <> '' AND device_id IN
        (SELECT device_id FROM claim WHERE device_id <> '' GROUP BY device_id HAVING count(*) > 1)
    UNION ALL
    SELECT line, row_number() OVER (PARTITION BY mpxn ORDER BY line) AS nth FROM claim
    WHERE device_id = '' AND mpxn IN
        (SELECT mpxn FROM claim WHERE device_id = '' GROUP BY mpxn HAVING count(*) > 1);
CREATE INDEX repeated_line ON repeated (line);
CREATE TABLE first AS SELECT c.* FROM repeated r JOIN claim c ON c.line = r.line WHERE r.nth <= 400;
CREATE INDEX first_device ON first (device_id); CREATE INDEX first_mpxn ON first (mpxn) WHERE device_id = '';
"""

SPAN = "s.device_id, s.mpxn, s.map_id, s.supplier_id, s.start, s.stop, s.why_start, s.why_stop"
_TOUCHES = "{0}.start < c.stop AND {0}.stop > c.start"
_LINES = "line BETWEEN ? AND ?"
#: By Device ID where a line has one, else by MPxN. CROSS JOIN keeps SQLite to this order: a few lines, then the index.
SPANS = f"""
SELECT c.line, {SPAN} FROM claim c CROSS JOIN span s ON s.device_id = c.device_id AND {_TOUCHES.format("s")}
WHERE c.{_LINES} AND c.device_id <> ''
UNION ALL
SELECT c.line, {SPAN} FROM claim c CROSS JOIN span s ON s.mpxn = c.mpxn AND {_TOUCHES.format("s")}
WHERE c.{_LINES} AND c.device_id = ''
"""
_SAME = " AND ".join(
    f"(e.{name} = '' OR c.{name} = '' OR e.{name} = c.{name})" for name in ("mpxn", "map_id", "supplier_id")
)
EARLIER = f"""
SELECT c.line, e.start, e.stop, e.line FROM repeated r CROSS JOIN claim c ON c.line = r.line
    CROSS JOIN first e ON e.device_id = c.device_id AND e.line < c.line AND {_TOUCHES.format("e")} AND {_SAME}
WHERE r.{_LINES} AND c.device_id <> ''
UNION ALL
SELECT c.line, e.start, e.stop, e.line FROM repeated r CROSS JOIN claim c ON c.line = r.line
    CROSS JOIN first e ON e.mpxn = c.mpxn AND e.device_id = '' AND e.line < c.line AND {_TOUCHES.format("e")} AND {_SAME}
WHERE r.{_LINES} AND c.device_id = ''
ORDER BY 1, 4
"""
_ITS = " AND ".join(f"(c.{name} = '' OR c.{name} = s.{name})" for name in ("map_id", "supplier_id"))
#: Runs of days that no single claim covers, each with the claims that name its device.
UNCLAIMED = f"""
SELECT {SPAN}, c.start, c.stop FROM span s LEFT JOIN claim c
    ON c.device_id = s.device_id AND c.device_id <> '' AND (c.mpxn = '' OR c.mpxn = s.mpxn) AND {_ITS}
    AND {_TOUCHES.format("s")}
WHERE NOT EXISTS (SELECT 1 FROM claim c WHERE c.device_id = s.device_id AND c.device_id <> ''
                  AND (c.mpxn = '' OR c.mpxn = s.mpxn) AND {_ITS} AND c.start <= s.start AND c.stop >= s.stop)
AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.device_id = '' AND c.mpxn = s.mpxn AND s.mpxn <> '' AND {_ITS}
                AND c.start <= s.start AND c.stop >= s.stop)
ORDER BY s.device_id, s.start, s.nth
"""
