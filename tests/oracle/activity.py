"""Rows of certificates, schedules and service requests for the generated extracts."""

from datetime import timedelta
from random import Random

from .calendar import Calendar
from .inventory import TextRow

MPIDS = {"MAP": ["MAPA", "MAPB", "MAPC", "GMA"], "SUPPLIER": ["SUPA", "SUPB", "SUPC", "GSA"]}
FREQUENCIES = ["Daily", "Weekly", "Monthly", "Quarterly", "Half-Yearly", "Yearly", "Fortnightly", "Daily"]
VARIANTS_OF_SERVICE = ["4.2", "4.6.1", "4.8.2", "4.10", "14.1", "9.9"]
RESPONSES = ["I0", "I0", "E080407", "E080410"]


def device_id(number: int) -> str:
    return f"00-DB-12-34-56-78-90-{0xA0 + number:02X}"


def either_case(rng: Random, identifier: str) -> str:
    return identifier.lower() if rng.random() < 0.15 else identifier


def sometimes(rng: Random, chance: float, value: str) -> str | None:
    return value if rng.random() < chance else None


def certificate(rng: Random, calendar: Calendar, number: int) -> TextRow:
    issued, expires = sorted(rng.sample(range(-3, calendar.length + 4), 2))
    return {
        "certificate_serial": ["0A1F", "0a1e"][number],
        "key_usage": rng.choice(["DIGITAL_SIGNATURE", "KEY_AGREEMENT"]),
        "issued_on": calendar.day(issued).isoformat(),
        "expires_on": calendar.day(expires).isoformat(),
        "revoked_on": sometimes(rng, 0.3, calendar.any_day(rng, after=3).isoformat()),
    }


def schedule(rng: Random, calendar: Calendar, number: int, devices: list[str]) -> list[TextRow]:
    """One schedule; at times of a month's last day, and long before."""
    start = calendar.any_day(rng, before=2, after=1).isoformat()
    if rng.random() < 0.4:
        start = rng.choice(["2018-08-31", "2017-10-31", "2018-01-30", "2016-02-29"])
    end = calendar.any_day(rng, after=3).isoformat()
    return [
        {
            "schedule_id": f"{'Ss'[number % 2]}-{number}",
            "device_id": either_case(rng, rng.choice(devices)),
            "organisation": rng.choice(["SUP-ONE", "sup-two", "MAP-ONE", "OTHER"]),
            "service_reference_variant": rng.choice(VARIANTS_OF_SERVICE),
            "frequency": rng.choice(FREQUENCIES),
            "start_date": start,
            "end_date": end if end >= start and rng.random() < 0.5 else None,
        }
    ]


def service_request(rng: Random, calendar: Calendar, number: int, devices: list[str]) -> TextRow:
    """Mostly an 8.4 that carries a MAP ID; at times it names no known device, or none at all of the rest."""
    when = rng.choice(["00:00:00", "23:59:59"])
    day = rng.choice([calendar.day(5), calendar.any_day(rng)]) - timedelta(days=rng.choice([0, 0, 0, 27, 28]))
    return {
        "request_id": f"R-{number}",
        "organisation": rng.choice([*["SUP-ONE"] * 4, "sup-two", "MAP-ONE", "SUP-OUT"]),
        "service_reference_variant": "12.2" if rng.random() < 0.15 else "8.4",
        "device_id": either_case(rng, rng.choice([*devices[1:3] * 2, *devices, device_id(0x50)])),
        "map_id": sometimes(rng, 0.8, rng.choice(MPIDS["MAP"])),
        "received_at": f"{day}T{when}Z",
        "response_code": rng.choice(RESPONSES),
    }
