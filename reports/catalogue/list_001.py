"""A list of identifiers, annotated: its lines in their own order, and what each names."""

from __future__ import annotations

from reports.engine import columns as c
from reports.engine.ask import Ask, AskRefused
from reports.engine.columns import Column, Kind
from reports.engine.devices import held_list, matches
from reports.engine.inputs import Choice, OfList
from reports.engine.report import Report
from reports.engine.summaries import CountBy
from smi_portal.access.readers import Role
from smi_portal.lookup.recognise import Kind as Named

FOUND, NOT_FOUND, MALFORMED, REPEATED = "found", "not found or not yours", "malformed", "duplicate"

#: A doubtful identifier (a wrong check digit) that the inventory holds all the same is found.
OUTCOME = (
    f"CASE WHEN u.repeat_of > 0 THEN '{REPEATED}' WHEN p.device_ids IS NOT NULL THEN '{FOUND}' "
    f"WHEN u.kind = '{Named.NOTHING.value}' OR u.why <> '' THEN '{MALFORMED}' ELSE '{NOT_FOUND}' END"
)
WHY = (
    "CASE WHEN u.repeat_of > 0 THEN 'the same as line ' || u.repeat_of WHEN u.kind <> "
    f"'{Named.NOTHING.value}' AND p.device_ids IS NULL AND u.why = '' THEN NULL "
    "WHEN p.devices > 1 THEN concat_ws(' ', nullif(u.why, ''), p.devices || ' devices have it: the first is shown.') "
    "ELSE nullif(u.why, '') END"
)
KINDS = " ".join(f"WHEN '{kind.value}' THEN '{kind.words}'" for kind in Named if kind is not Named.NOTHING)


#: What is shown of the device, and of the first where there are several: columns of the periods.
SHOWN = ("device_type", "status", "manufacturer", "model", "mpxn", "map_id")


class AnnotatedList(Report):
    """One row for each line of a list of identifiers, in the list's own order."""

    code = "LIST_001"
    title = "Annotated list"
    answers = "Which of these identifiers are devices of mine, and where do those stand?"
    roles = frozenset({Role.MAP, Role.SUPPLIER, Role.DCC})
    key = ("line",)
    listed = False
    inputs = (
        OfList("given", "Reference of one of your lists, such as L-7F3K9Q.", "Device list"),
        Choice("outcome"),
        Choice("identifier_kind"),
    )
    columns = (
        Column("line", "Line", "u.line", Kind.INTEGER, "Number of the line in the list, from 1."),
        Column("given", "Given", "u.given", help="The identifier as it was given."),
        Column(
            "outcome",
            "Outcome",
            OUTCOME,
            help="found; not found or not yours (which of the two is never told); malformed; or duplicate of an "
            "earlier line.",
        ),
        Column("why", "Why", WHY, help="What is wrong with the identifier, or which line it repeats."),
        Column(
            "identifier_kind",
            "Taken for",
            f"CASE u.kind {KINDS} END",
            help="What the identifier was taken for; blank when it can be none.",
        ),
        Column(
            "identifier", "Looked for", "nullif(u.value, '')", help="The identifier as it was looked for."
        ),
        Column("device_ids", "Device IDs", "p.device_ids", help="Every device that it names, joined by ;"),
        c.DEVICE_TYPE,
        c.STATUS,
        c.MANUFACTURER,
        c.DEVICE_MODEL,
        c.MPXN,
        c.MAP_ID,
    )
    counts = (CountBy("outcome", "Outcomes", "How many lines of the list have which outcome."),)
    notes = (
        "Nothing here tells an identifier of another organisation's device from one that does not exist.",
        "An identifier whose check digit is wrong is malformed, unless the inventory holds it all the same.",
    )

    def source(self, ask: Ask) -> str:
        """The list's lines, each with the devices that it names. Raises AskRefused without a list of the viewer's."""
        reference = ask.given.get("devices")
        if not reference:
            raise AskRefused({"devices": ["Name the list: devices=L-… . Your lists are under Find."]})
        held = held_list(ask, reference)
        # Looked up line by line: who asks for the first lines does not wait for the last, nor who counts lines for any.
        named = matches(ask, "SELECT u.kind, u.value", held.kinds, SHOWN)
        # One array of all that is shown, since each aggregate by itself costs as much as the look-up: [1] is the first's.
        every = f"array_agg(ARRAY[{', '.join(f'n.{name}' for name in SHOWN)}] ORDER BY n.device_id)"
        first = ", ".join(f"q.shown[1][{place}] AS {name}" for place, name in enumerate(SHOWN, start=1))
        return (
            f"({held.lines}) u LEFT JOIN LATERAL (SELECT {first}, q.devices, q.device_ids FROM (SELECT {every} AS shown, "
            "count(*) AS devices, string_agg(n.device_id, ';' ORDER BY n.device_id) AS device_ids "
            f"FROM ({named}) n) q) p ON true"
        )
