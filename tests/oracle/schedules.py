"""The rows of RSMI_005: scheduled service requests."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta

from . import facts
from .inventory import Row
from .sight import Ask, sees

Cells = dict[str, object]

NAMES = {
    "4.2": "Read Instantaneous Export Registers",
    "4.6.1": "Retrieve Import Daily Read Log",
    "4.6.2": "Retrieve Export Daily Read Log",
    "4.8.1": "Read Active Import Profile Data",
    "4.8.2": "Read Reactive Import Profile Data",
    "4.8.3": "Read Export Profile Data",
    "4.10": "Read Network Data",
    "4.12.1": "Read Maximum Demand Import Registers",
    "4.12.2": "Read Maximum Demand Export Registers",
    "4.14": "Read Prepayment Daily Read Log",
    "4.15": "Read Load Limit Data",
    "4.16": "Read Active Power Import",
    "4.17": "Retrieve Daily Consumption Log",
    "14.1": "Record Network Data (GAS)",
}
DAYS = {"Daily": 1, "Weekly": 7}
MONTHS = {"Monthly": 1, "Quarterly": 3, "Half-Yearly": 6, "Yearly": 12}


def rsmi_005(ask: Ask) -> Iterator[Cells]:
    """One row a schedule in force at D (its end date included), of a device that exists at D."""
    for schedule in ask.inventory["schedules"]:
        device = ask.inventory.device(schedule["device_id"])
        ended = schedule["end_date"] is not None and schedule["end_date"] < ask.day
        if schedule["start_date"] > ask.day or ended or not facts.exists(device, ask.day):
            continue
        seen = sees(ask.inventory, ask.viewer, device, ask.day)
        its_own = schedule["organisation"] == ask.viewer.organisation
        # A supplier is shown its own schedules only; a MAP, those of its meters as well.
        if its_own or (seen and ask.viewer.kind in {"MAP", "DCC"}):
            yield _row(ask, schedule, device, seen)


def _row(ask: Ask, schedule: Row, device: Row, seen: bool) -> Cells:
    inventory, day = ask.inventory, ask.day
    return {
        "schedule_id": schedule["schedule_id"],
        "device_id": device["device_id"],
        "device_type": device["device_type"],
        "mpxn": facts.mpxn(inventory, device, day) if seen else None,
        "service_reference_variant": schedule["service_reference_variant"],
        "service_request_name": NAMES.get(schedule["service_reference_variant"]),
        "frequency": schedule["frequency"],
        "start_date": schedule["start_date"],
        "end_date": schedule["end_date"],
        "next_run_on": next_run(schedule, day),
        "owner": schedule["organisation"],
        "device_status": facts.status(inventory, device, day) if seen else None,
        "map_id": facts.map_id(inventory, device, day) if seen else None,
        "supplier_id": facts.supplier(inventory, device, day) if seen else None,
    }


def next_run(schedule: Row, day: date) -> date | None:
    """The first run after that day. None past the end date, and for a frequency that nobody has defined."""
    start, frequency = schedule["start_date"], schedule["frequency"]
    if frequency not in DAYS and frequency not in MONTHS:
        return None
    count = 0
    run = start
    while run <= day:
        count += 1
        if frequency in DAYS:
            run = start + timedelta(days=DAYS[frequency] * count)
        else:
            run = _months_later(start, MONTHS[frequency] * count)
    return None if schedule["end_date"] is not None and run > schedule["end_date"] else run


def _months_later(start: date, months: int) -> date:
    """The same day so many months on, or that month's last day: 31 January, 28 February, 31 March."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))
