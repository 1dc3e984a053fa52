"""Market Domain Data of the demo (participants.csv), with dead, dummy and late entries as real MDD has."""

from collections.abc import Iterator

from smi_portal.inventory.demo import cast

Row = tuple[str, ...]
_START = "2010-04-01"
_LATE_FROM = "2019-01-15"
_NEW_FROM = "2019-02-11"


def market_rows(*, updated: bool) -> list[Row]:
    """Return the rows of participants.csv, sorted by key; `updated` adds what MDD learned by the delta."""
    rows = [*_parties("SUPPLIER", cast.SUPPLIERS), *_parties("MAP", cast.MAPS), *_oddities()]
    if updated:
        rows += _pair(cast.ODD_MAPS["new"], "MAP", "Larchwood Meter Assets", "", _NEW_FROM)
        rows += _pair(("SN1E", "SN1"), "SUPPLIER", "Sandling New Energy", "", _NEW_FROM)
    return sorted(rows, key=lambda row: (row[0], row[1], row[2], row[5]))


def _parties(role: str, parties: tuple[cast.Party, ...]) -> Iterator[Row]:
    moved = {
        cast.MAP_MOVED: (cast.MAP_MOVED_ON.isoformat(), cast.MAP_MOVED_TO),
        cast.SUPPLIER_MOVED: (cast.SUPPLIER_MOVED_ON.isoformat(), cast.SUPPLIER_MOVED_TO),
    }
    for party in parties:
        code, name = party.organisation.code, party.organisation.name
        for fuel, mpids in (("E", party.electricity), ("G", party.gas)):
            for mpid in mpids:
                if mpid in moved:
                    day, successor = moved[mpid]
                    yield (mpid, fuel, role, name, code, _START, day)
                    yield (mpid, fuel, role, name, successor, day, "")
                else:
                    yield (mpid, fuel, role, name, code, _START, "")


def _oddities() -> Iterator[Row]:
    """Entries that ended, that stand for nobody, that come late, and parties unknown to the inventory."""
    maps, suppliers = cast.ODD_MAPS, cast.ODD_SUPPLIERS
    yield from _pair(maps["dead"], "MAP", "Old Mill Meters", "MAP-DOVEDALE", "2010-04-01", "2017-09-30")
    yield from _pair(maps["dummy"], "MAP", "DUMMY - DO NOT USE", "", "2005-01-01")
    yield from _pair(maps["late"], "MAP", "Cairngate Asset Finance Two", "MAP-CAIRNGATE", _LATE_FROM)
    yield from _pair(("RF1E", "RF1"), "MAP", "Rushford Meter Trust", "", "2018-10-01")
    yield from _pair(("VA1E", "VA1"), "MAP", "Vanehall Meters", "", "2011-01-01", "2014-01-01")
    yield from _pair(suppliers["no_organisation"], "SUPPLIER", "Novahurst Energy", "", "2016-05-01")
    yield from _pair(
        suppliers["dead"], "SUPPLIER", "Halcyon Vale (old)", "SUP-HALCYONVALE", "2008-01-01", "2017-07-01"
    )
    yield from _pair(("DMY1", "DMY"), "SUPPLIER", "TEST PARTICIPANT", "", "2005-01-01", "2006-01-01")


def _pair(
    mpids: tuple[str, str], role: str, name: str, organisation: str, start: str, end: str = ""
) -> list[Row]:
    """Return one row for the electricity identifier and one for the gas identifier."""
    return [
        (mpid, fuel, role, name, organisation, start, end) for mpid, fuel in zip(mpids, "EG", strict=True)
    ]
