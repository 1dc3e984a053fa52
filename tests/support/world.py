"""One inventory for the contract and access tests: every report has rows for every role, over several pages.

Two MAPs (M1, M2) and two suppliers (S1, S2) share homes; devices change hands around 10 and 12 November 2018, hubs
fall empty, MAP IDs are outstanding, and texts are what has broken pages and files elsewhere. All invented.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tests.oracle.home import Home, iso
from tests.oracle.inventory import Tables

HOMES, EMPTY_HOMES = 48, 30
AS_AT = datetime(2018, 11, 20, 6, tzinfo=UTC)
#: Days of November on which homes change supplier, and MAP.
CHANGE_OF_SUPPLIER, CHANGE_OF_MAP = 10, 12
#: Homes (by number) that change from S1 to S2, and from M1 to M2.
LEFT_S1, LEFT_M1 = 3, 9

HOSTILE = (
    "Fenland Meters",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    'Tarn, "West" & Söhne',
    "two\nlines",
    "@SUM(1+1)",
    "</td></tr>&amp;",
    "-2+3",
    "bell\x07 and \x1b[31m",
    "Ωmega 😀",
    "  =1+1",
    "+44 20",
    "\tTab",
    "back\\slash \\N",
    "it's {{ 7|add:7 }}",
    "＝1＋1",
)
STATUSES = (
    "Commissioned",
    "InstalledNotCommissioned",
    "Pending",
    "Suspended",
    "Decommissioned",
    "Whitelisted",
)


def device_id(home: int, number: int) -> str:
    """Home and number as an EUI-64."""
    return f"00-DB-00-00-{home // 256:02X}-{home % 256:02X}-00-{number:02X}"


def mpan(home: int) -> str:
    """An MPAN's digits; the check digit is right for about one in eleven."""
    return f"1{home:012d}"


def mprn(home: int) -> str:
    """An MPRN's digits."""
    return f"7{home:09d}"


def odd(number: int) -> str:
    """A text that some page or file might not bear."""
    return HOSTILE[number % len(HOSTILE)]


def build(supplier_shift: int = 0, premises: str = "ZZ1 1ZZ") -> Tables:
    """The tables of a full extract. `supplier_shift` and `premises` change nothing but fields that need a release."""
    world = Home(extract_day=20)
    for code, name in (("M1", "Ashlock <b>Assets</b>"), ("S1", "Brightwater & Co")):
        row = next(row for row in world.tables["organisations"] if row["organisation"] == code)
        row["name"] = name
    for home in range(1, HOMES + 1):
        _home(world, home, supplier_shift, premises)
    for home in range(HOMES + 1, HOMES + EMPTY_HOMES + 1):
        _empty_home(world, home, supplier_shift, premises)
    _products(world)
    return world.tables


def suppliers(home: int, shift: int) -> list[tuple[str, int, int | None]]:
    """MPID and days of each registration: S1 twice in a row, S2, or a change from S1 to S2."""
    days = CHANGE_OF_SUPPLIER + shift
    if home % LEFT_S1 == 0:
        return [("SUPA", -90, days), ("SUPZ" if shift == 0 else "SUPB", days, None)]
    first, second = ("SUPA", "SUPB") if home % LEFT_S1 == 1 else ("SUPZ", "SUPZ")
    if shift:
        first, second = "SUPZ", "SUPA"
    return [(first, -90, -20 + shift), (second, -20 + shift, None)]


def maps(home: int) -> list[tuple[str, int, int | None]]:
    """MAP ID and days of each assignment; one home in six has none, one in nine changes from M1 to M2."""
    if home % 6 == 5:
        return [("MAPZ", -60, -30)] if home % 12 == 5 else []
    if home % LEFT_M1 == 0:
        return [("MAPA", -80, CHANGE_OF_MAP), ("MAPZ", CHANGE_OF_MAP, None)]
    return [(("MAPA", "MAPB", "MAPZ")[home % 3 - 1], -80, None)]


def _home(world: Home, home: int, shift: int, premises: str) -> None:
    hub = _device(world, home, 0, "CHF", premises)
    esme = _device(world, home, 1, "ESME", premises, esme_variant="AB"[home % 2])
    gsme = _device(world, home, 2, "GSME", premises)
    others = [_device(world, home, 3, ("GPF", "PPMID")[home % 2], premises)] if home % 3 == 0 else []
    for identifier in (esme, gsme, *others):
        world.link(identifier, hub, -85)
    _facts(world, home, esme, mpan(home), shift)
    _facts(world, home, gsme, mprn(home), shift)
    world.mpxn(esme, mpan(home + 500), kind="EXPORT")
    owner = ("S1", "S2")[(home + (shift != 0)) % 2]
    _schedule(world, f"{home}-{odd(home)}", esme, owner, home)
    if home % 9 == 1:
        _schedule(world, f"M-{home}", esme, "M1" if home % 3 else "M2", home)
    for number in range(home % 3):
        _request(world, f"{home}-{number}", ("S1", "S2")[home % 2], esme, number + home % 12)


def _empty_home(world: Home, home: int, shift: int, premises: str) -> None:
    hub = _device(world, home, 0, "CHF", premises)
    esme = _device(world, home, 1, "ESME", premises, esme_variant="A")
    world.link(esme, hub, -85, -20 + home % 30)
    _facts(world, home, esme, mpan(home), shift)


def _device(world: Home, home: int, number: int, kind: str, premises: str, **cells: str) -> str:
    identifier = device_id(home, number)
    turn = home * 4 + number
    world.device(
        identifier,
        kind,
        pre=-100 + home % 5,
        manufacturer=odd(turn),
        model=odd(turn // 3),
        serial_number=odd(turn + 5) if kind in {"ESME", "GSME"} else None,
        smets_chts_version="SMETS2 V2.0" if turn % 2 else None,
        csp_region=("North", "Central & <South>", None)[turn % 3],
        uprn=f"{sum(map(ord, premises))}{home}",
        postcode=premises,
        pre_notified_by=("S1", "S2", None)[home // 5 % 3],
        installed_on=iso(-80 + turn % 95) if turn % 5 else None,
        commissioned_on=iso(-78 + turn % 95) if turn % 4 else None,
        removed_on=iso(turn % 25) if turn % 7 == 0 else None,
        removal_reason=odd(turn) if turn % 7 == 0 else None,
        **cells,
    )
    world.status(identifier, STATUSES[turn % 6], -90, turn % 19 - 30)
    world.status(identifier, STATUSES[(turn + 1) % 6], turn % 19 - 30)
    world.firmware(identifier, odd(turn // 2), -90)
    for serial in range(1 + turn % 2):
        world.add(
            "certificates",
            device_id=identifier,
            certificate_serial=f"0{turn:03X}{serial}",
            key_usage=("DIGITAL_SIGNATURE", odd(turn))[serial],
            issued_on=iso(-90 + serial),
            expires_on=iso(-60 + turn),
            revoked_on=iso(turn % 30) if turn % 11 == 0 else None,
        )
    return identifier


def _facts(world: Home, home: int, meter: str, mpxn: str, shift: int) -> None:
    world.mpxn(meter, mpxn)
    for map_id, start, end in maps(home):
        world.map(meter, map_id, start, end)
    if home % 8 == 7:
        return  # not registered
    for mpid, start, end in suppliers(home, shift):
        world.supplier(mpxn, mpid, start, end)


def _schedule(world: Home, name: str, device: str, owner: str, home: int) -> None:
    world.add(
        "schedules",
        schedule_id=name,
        device_id=device,
        organisation=owner,
        service_reference_variant=("4.8.1", "4.10", "9.9")[home % 3],
        frequency=("Daily", "Weekly", "Monthly", "=1+1")[home % 4],
        start_date=iso(-30 + home % 20),
        end_date=iso(25 + home) if home % 4 == 0 else None,
    )


def _request(world: Home, name: str, owner: str, device: str, day: int) -> None:
    world.add(
        "service_requests",
        request_id=name,
        organisation=owner,
        service_reference_variant="8.4",
        device_id=device,
        map_id="MAPA",
        received_at=f"{iso(day)}T10:00:00Z",
        response_code=("I0", "E080407")[day % 2],
    )


def _products(world: Home) -> None:
    """A CPL entry for every second product that a device is."""
    versions = {row["device_id"]: row["firmware_version"] for row in world.tables["device_firmwares"]}
    products = {
        (
            row["device_type"],
            row.get("esme_variant"),
            row["manufacturer"],
            row["model"],
            versions[row["device_id"]],
        )
        for row in world.tables["devices"]
    }
    for number, (kind, variant, manufacturer, model, version) in enumerate(sorted(products, key=str)):
        if number % 2:
            world.spanned(
                "cpl",
                -300,
                None if number % 5 else 9,
                device_type=kind,
                esme_variant_class=variant,
                manufacturer=manufacturer,
                model=model,
                firmware_version=version,
                cpl_status=("Active", "Cancelled")[number % 4 == 3],
                firmware_status=("Active", odd(number))[number % 4 == 3],
            )
