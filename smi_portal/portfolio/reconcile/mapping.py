"""Which column of somebody's file is what: found by its heading, or mapped once by hand and kept by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from smi_portal.portfolio.asking import Refused

#: Field → what it means, for help and the covering sheet.
FIELDS: Final = {
    "device_id": "Device ID (EUI-64) of the asset",
    "mpxn": "MPAN or MPRN; enough by itself where there is no Device ID",
    "from": "first day billed",
    "to": "the day after the last day billed (not billed itself)",
    "last_day": "last day billed (itself billed)",
    "days": "number of days billed",
    "supplier_id": "MPID of the supplier billed",
    "map_id": "MAP ID of the one who bills",
    "rate": "pounds a day",
    "amount": "pounds billed",
}

#: Headings that are understood without being told, in small letters with everything else than letters and digits out.
HEADINGS: Final = {
    "device_id": ("deviceid", "device", "eui64", "eui", "guid", "meterdeviceid", "assetid", "asset"),
    "mpxn": ("mpxn", "mpan", "mprn", "mpanmprn", "mpanormprn", "importmpxn", "importmpan", "meterpoint"),
    "from": ("from", "firstday", "start", "startdate", "datefrom", "fromdate", "periodstart", "billedfrom"),
    "to": ("to", "tonotincluded", "effectiveto", "validto", "todate", "dateto", "billedto"),
    "last_day": ("lastday", "end", "enddate", "periodend", "lastdaybilled", "toincluded"),
    "days": ("days", "numberofdays", "rentaldays", "daysbilled", "billeddays", "yourdays"),
    "supplier_id": ("supplierid", "supplier", "suppliermpid"),
    "map_id": ("mapid", "map", "mapmpid"),
    "rate": ("rate", "dailyrate", "rateperday", "priceperday", "poundsperday", "rategbp"),
    "amount": ("amount", "amountgbp", "charge", "value", "netamount", "youramount"),
}
_PLAIN = re.compile(r"[^a-z0-9]+")

#: Field → place of its column in a line.
Places = dict[str, int]


def place_columns(headings: Sequence[str], given: Mapping[str, str]) -> Places:
    """Where each field stands. `given` (field → heading) goes before what is understood by itself.

    Raises Refused naming fields or headings that there are not, and when no column identifies an asset.
    """
    errors: list[str] = []
    found: Places = {}
    plain = [_plain(heading) for heading in headings]
    for field, heading in given.items():
        if field not in FIELDS:
            errors.append(f"There is no field {field!r} to map. There are: {', '.join(FIELDS)}.")
        elif _plain(heading) not in plain:
            errors.append(
                f"The file has no column {heading!r} for {field}. It has: {', '.join(headings) or 'none'}."
            )
        else:
            found[field] = plain.index(_plain(heading))
    taken = set(found.values())
    for field, names in HEADINGS.items():
        if field in given:
            continue
        places = [at for at, heading in enumerate(plain) if heading in names and at not in taken]
        if len(places) > 1:
            listed = " and ".join(repr(headings[at]) for at in places)
            errors.append(f"{listed} could both be {field}: say which, by mapping {field}.")
        elif places:
            found[field] = places[0]
    if not errors and not {"device_id", "mpxn"} & set(found):
        errors.append(
            "No column holds a Device ID or an MPxN, so no line can be matched. The file has: "
            f"{', '.join(headings) or 'none'}. Map device_id or mpxn to one of them."
        )
    if "to" in found and "last_day" in found:
        errors.append(
            f"{headings[found['to']]!r} (the day after) and {headings[found['last_day']]!r} (the last day) both "
            "say where a line ends: map one of the two only."
        )
    if errors:
        raise Refused({"mapping": errors})
    return found


def read_pairs(pairs: Sequence[str]) -> dict[str, str]:
    """`field=heading` as given on a command line. Raises Refused."""
    found: dict[str, str] = {}
    for pair in pairs:
        field, equals, heading = pair.partition("=")
        if not equals or not heading.strip():
            raise Refused({"mapping": [f"{pair!r}: write it as field=heading, such as device_id=Asset."]})
        found[field.strip()] = heading.strip()
    return found


def _plain(heading: str) -> str:
    return _PLAIN.sub("", heading.lower())
