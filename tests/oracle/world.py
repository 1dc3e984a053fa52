"""Small, valid and awkward extracts: few devices, every table, much beginning and ending on one day."""

from datetime import date
from random import Random

from .activity import MPIDS, certificate, device_id, either_case, schedule, service_request, sometimes
from .calendar import Calendar, Span
from .inventory import Tables, TextRow

ORGANISATIONS = {
    "MAP-ONE": "MAP",
    "map-two": "MAP",
    "SUP-ONE": "SUPPLIER",
    "sup-two": "SUPPLIER",
    "SUP-OUT": "SUPPLIER",
    "DCC": "DCC",
    "SECAS": "SECAS",
    "OTHER": "OTHER",
}
OWNERS = {"MAP": ["MAP-ONE", "map-two"], "SUPPLIER": ["SUP-ONE", "sup-two", "SUP-OUT"]}
UNKNOWN, ODD = "ZZZZ", "ODD"
METERS = ["ESME", "GSME"]
TYPES = ["ESME", "GSME", "GPF", "PPMID", "IHD", "HCALCS", "CAD"]
STATUSES = [
    *("Commissioned", "InstalledNotCommissioned", "Whitelisted", "Pending"),
    *("Decommissioned", "Withdrawn", "Suspended", "Quarantined"),
]
VARIANTS = ["A", "B", "BD", "ADE", None]
MANUFACTURERS = ["Fenland Meters", "Fenland Meters", 'Tarn, "West" Works', None]
MODELS = ["FM-1", "FM-1", "=TW+2", None]
FIRMWARES = ["1.0", "1.1"]
CPL_STATUSES = ["Active", "Cancelled", "Expired", "Withdrawn"]
MPANS = ["1000000000012", "2012345678906", "1000000000013"]
MPRNS = ["1234567810", "123409", "1234567811"]
OF_A_DEVICE = [
    *("device_statuses", "device_firmwares", "device_mpxns", "hub_links", "map_assignments", "certificates"),
]


def build(rng: Random, calendar: Calendar) -> Tables:
    """All the tables of a full extract."""
    hubs = [device_id(number) for number in range(rng.randint(1, 2))]
    kinds = ["ESME"] + [rng.choice([*TYPES, "GPF", *METERS, *METERS]) for _ in range(rng.randint(1, 5))]
    others = {device_id(len(hubs) + number): kind for number, kind in enumerate(kinds)}
    types = dict.fromkeys(hubs, "CHF") | others
    tables: Tables = {
        "organisations": organisations(rng),
        "participants": participants(rng, calendar),
        "devices": [device(rng, calendar, identifier, types) for identifier in types],
    }
    tables |= {table: [] for table in OF_A_DEVICE}
    for identifier in types:
        for table, rows in facts_of(rng, calendar, identifier, types).items():
            tables[table] += rows
    used = sorted({str(row["mpxn"]) for row in tables["device_mpxns"]})
    tables["registrations"] = [row for mpxn in used for row in registrations(rng, calendar, mpxn)]
    if rng.random() < 0.35:
        gpfs = {identifier for identifier, kind in types.items() if kind == "GPF"}
        day = calendar.day(rng.randint(2, 8))
        tables["hub_links"] = ended_by(tables["hub_links"], day, gpfs)
    tables["cpl"] = cpl(rng, calendar, tables["devices"])
    tables["schedules"] = [
        row for number in range(rng.randint(0, 4)) for row in schedule(rng, calendar, number, list(types))
    ]
    tables["service_requests"] = [
        service_request(rng, calendar, number, list(types)) for number in range(rng.randint(0, 18))
    ]
    return tables


def ended_by(rows: list[TextRow], day: date, but: set[str]) -> list[TextRow]:
    """The links that had begun before that day, all over by it (a GPF's apart): empty homes."""
    end = day.isoformat()
    kept = [row for row in rows if str(row["device_id"]).upper() in but]
    begun = [row for row in rows if row not in kept and str(row["effective_from"]) < end]
    return kept + [row | {"effective_to": min(str(row["effective_to"] or end), end)} for row in begun]


def _iso(span: Span) -> TextRow:
    return {"effective_from": span[0].isoformat(), "effective_to": span[1].isoformat() if span[1] else None}


def _spanned(span: Span, **cells: str | None) -> TextRow:
    return cells | _iso(span)


def organisations(rng: Random) -> list[TextRow]:
    """Two MAPs and three suppliers, of which one is no User (nor, at times, the second MAP)."""
    no_user = {"SUP-OUT", "OTHER", rng.choice(["SECAS", "DCC", "map-two"])}
    return [
        {
            "organisation": code,
            "name": f"{code.title()} (invented)",
            "kind": kind,
            "is_user": "false" if code in no_user else "true",
        }
        for code, kind in ORGANISATIONS.items()
    ]


def participants(rng: Random, calendar: Calendar) -> list[TextRow]:
    """MDD: mostly settled, sometimes with an owner that changes, a gap, or a fuel each for two owners."""
    rows: list[TextRow] = []
    for role, mpids in MPIDS.items():
        for number, mpid in enumerate(mpids):
            fuels = rng.choice([["E"], ["E", "G"], ["G"]]) if len(mpid) == 4 else ["G"]
            usual = OWNERS[role][number % len(OWNERS[role])]
            for fuel in fuels:
                settled = rng.random() < 0.7
                spans = [(calendar.day(-9), None)] if settled else calendar.spans(rng)
                for span in spans:
                    owner = usual if settled else rng.choice([usual, *OWNERS[role], None])
                    rows.append(
                        _spanned(span, mpid=mpid, fuel=fuel, role=role, name=mpid, organisation=owner)
                    )
    # An MPID that is a MAP's in no hand, a supplier's in a MAP's: it gives neither of them a meter.
    for role, owner in rng.sample([("SUPPLIER", "MAP-ONE"), ("MAP", "sup-two")], rng.randint(0, 2)):
        span = (calendar.day(-9), None)
        rows.append(_spanned(span, mpid=ODD, fuel="G", role=role, name=ODD, organisation=owner))
    return rows


def device(rng: Random, calendar: Calendar, identifier: str, types: dict[str, str]) -> TextRow:
    kind = types[identifier]
    gpfs = [other for other, other_kind in types.items() if other_kind == "GPF"]
    removed = sometimes(rng, 0.3, calendar.any_day(rng, after=2).isoformat())
    has_variant = kind == "ESME" or rng.random() < 0.1
    return {
        "device_id": either_case(rng, identifier),
        "device_type": kind,
        "manufacturer": rng.choice(MANUFACTURERS),
        "model": rng.choice(MODELS),
        "serial_number": sometimes(rng, 0.8, f"0{rng.randint(1, 99)}E7"),
        "smets_chts_version": rng.choice(["SMETS2 V2.0", None]),
        "esme_variant": rng.choice(VARIANTS) if has_variant else None,
        "gpf_device_id": rng.choice(gpfs) if kind == "GSME" and gpfs else None,
        "csp_region": rng.choice(["North", "South", None]),
        "uprn": sometimes(rng, 0.7, f"01000{rng.randint(1, 9)}"),
        "postcode": sometimes(rng, 0.7, "ZZ1 1ZZ"),
        "address_identifier": None,
        "pre_notified_by": rng.choice(["SUP-ONE", "sup-two", "SUP-ONE", "SUP-OUT", "MAP-ONE", None]),
        "pre_notified_on": calendar.day(rng.choice([-3, -2, -1, 0, 2, 4, 5, 6])).isoformat(),
        "installed_on": sometimes(rng, 0.7, calendar.any_day(rng, before=2, after=2).isoformat()),
        "commissioned_on": sometimes(rng, 0.6, calendar.any_day(rng, before=2, after=2).isoformat()),
        "removed_on": removed,
        "removal_reason": rng.choice(["Upgrade", "Faulty", None]) if removed else None,
    }


def facts_of(rng: Random, calendar: Calendar, identifier: str, types: dict[str, str]) -> Tables:
    """The rows of one device in every table of periods, and its certificates."""
    kind = types[identifier]
    is_meter = kind in {"ESME", "GSME"}
    has_status = kind not in {"IHD", "CAD"}
    hubs = [other for other, other_kind in types.items() if other_kind == "CHF"]
    found: Tables = {
        "device_statuses": [
            _spanned(span, status=rng.choice(STATUSES))
            for span in _maybe(rng, calendar, 0.9 if has_status else 0.1)
        ],
        "device_firmwares": [
            _spanned(span, firmware_version=rng.choice(FIRMWARES)) for span in _maybe(rng, calendar, 0.8)
        ],
        "device_mpxns": device_mpxns(rng, calendar, kind),
        "hub_links": [
            _spanned(span, chf_device_id=either_case(rng, rng.choice(hubs)))
            for span in ([] if kind == "CHF" or not hubs else _maybe(rng, calendar, 0.8, endless=0.3))
        ],
        "map_assignments": [
            _spanned(
                span,
                map_id=rng.choice([*MPIDS["MAP"] * 2, UNKNOWN, ODD]),
                source=rng.choice(["PRE_NOTIFICATION", "UPDATE_INVENTORY", "BACKFILL"]),
            )
            for span in _maybe(rng, calendar, 0.85 if is_meter else 0.1)
        ],
        "certificates": [certificate(rng, calendar, number) for number in range(rng.randint(0, 2))],
    }
    for rows in found.values():
        written = either_case(rng, identifier)
        for row in rows:
            row["device_id"] = written
    return found


def _maybe(rng: Random, calendar: Calendar, chance: float, endless: float = 0.7) -> list[Span]:
    return calendar.spans(rng, endless=endless) if rng.random() < chance else []


def device_mpxns(rng: Random, calendar: Calendar, kind: str) -> list[TextRow]:
    """Several IMPORT MPxNs at once, and the same MPxN on several devices, are common."""
    if kind not in {"ESME", "GSME"} and rng.random() < 0.8:
        return []
    numbers = MPRNS if kind == "GSME" else MPANS
    rows: list[TextRow] = []
    for number in rng.sample(numbers + [MPANS[0]] * (kind == "GSME"), rng.randint(0, 2)):
        for role in rng.choice([["IMPORT"], ["IMPORT", "EXPORT"], ["SECONDARY_IMPORT"]]):
            rows += [_spanned(span, mpxn=number, kind=role) for span in calendar.spans(rng)]
    return rows


def registrations(rng: Random, calendar: Calendar, mpxn: str) -> list[TextRow]:
    """Changes of supplier, gaps, suppliers that MDD does not know; one MPxN in six has none."""
    if rng.random() < 0.15:
        return []
    return [
        _spanned(span, mpxn=mpxn, supplier_mpid=rng.choice([*MPIDS["SUPPLIER"] * 2, UNKNOWN, ODD]))
        for span in calendar.spans(rng, most=4)
    ]


def cpl(rng: Random, calendar: Calendar, devices: list[TextRow]) -> list[TextRow]:
    """Entries for most of the products that the devices are, and for some that none is."""
    found: dict[tuple[str, ...], TextRow] = {}
    for one in devices:
        for version in FIRMWARES:
            letter = (one["esme_variant"] or "")[:1] if one["device_type"] == "ESME" else ""
            if rng.random() < 0.1:
                letter = "" if letter else "A"
            product = (str(one["device_type"]), letter, one["manufacturer"], one["model"], version)
            if one["manufacturer"] and one["model"] and rng.random() < 0.8:
                span = rng.choice(calendar.spans(rng))
                found[tuple(map(str, product))] = {
                    "device_type": product[0],
                    "esme_variant_class": letter or None,
                    "manufacturer": one["manufacturer"],
                    "model": one["model"],
                    "firmware_version": version,
                    "smets_chts_version": None,
                    "cpl_status": rng.choice(["Active", "Active", *CPL_STATUSES]),
                    "firmware_status": rng.choice(CPL_STATUSES),
                } | _iso(span)
    return list(found.values())
