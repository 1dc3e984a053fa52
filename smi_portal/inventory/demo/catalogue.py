"""The demo's Central Products List: invented makers, models and firmware releases over the years."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from smi_portal.inventory.demo.days import ISO, NEVER, number

Row = tuple[str, ...]
MAKERS: Final = (
    "Kestrel Metrology",
    "Aldermoor Instruments",
    "Tarn Electronics",
    "Windrush Metering",
    "Penhallow Controls",
)
UNLISTED_FIRMWARE: Final = "FFFF0001"
"""A firmware version that no CPL row knows; some devices run it."""

_FIRST_RELEASE: Final = number(date(2013, 9, 2))
_LATE_RELEASE: Final = number(date(2019, 2, 5))
_WITHDRAWN_IN_DELTA: Final = number(date(2019, 2, 12))


@dataclass(frozen=True, slots=True)
class Model:
    """A device model on the CPL; `releases` are (day number, firmware version), oldest first."""

    device_type: str
    variant_class: str
    maker: int
    name: str
    smets: str
    releases: tuple[tuple[int, str], ...]

    @property
    def manufacturer(self) -> str:
        """The maker's name."""
        return MAKERS[self.maker]


def _model(at: int, device_type: str, variant_class: str, maker: int, name: str, smets: str) -> Model:
    """Build a model whose releases come about every eleven months, at days of its own."""
    step = 317 + at % 5 * 11
    first = _FIRST_RELEASE + at * 37 % 211
    releases = tuple(
        (first + step * n, f"{maker + 1:02X}{at:02X}{n + 1:02X}{(n * 7 + at) % 256:02X}") for n in range(6)
    )
    if name == "KM-E200":
        releases = (*releases, (_LATE_RELEASE, "0100FF01"))
    return Model(device_type, variant_class, maker, name, smets, releases)


MODELS: Final = tuple(
    _model(at, *row)
    for at, row in enumerate(
        (
            ("ESME", "A", 0, "KM-E200", "2"),
            ("ESME", "A", 1, "AI-Volta 1", "2"),
            ("ESME", "A", 2, "TE-100", "2"),
            ("ESME", "A", 3, "WM Single 4", "2"),
            ("ESME", "B", 1, "AI-Volta Twin", "2"),
            ("ESME", "C", 4, "PC-Poly 3", "2"),
            ("GSME", "", 0, "KM-G40", "2"),
            ("GSME", "", 3, "WM Gas 6", "2"),
            ("GSME", "", 4, "PC-Diaphragm 2", "2"),
            ("CHF", "", 2, "TE-Hub 420", "CHTS 1.0"),
            ("CHF", "", 1, "AI-Hub S", "CHTS 1.0"),
            ("GPF", "", 2, "TE-Hub 420", "CHTS 1.0"),
            ("GPF", "", 1, "AI-Hub S", "CHTS 1.0"),
            ("PPMID", "", 4, "PC-View", "2"),
            ("PPMID", "", 3, "WM Panel", "2"),
            ("HCALCS", "", 4, "PC-Relay", "2"),
            ("IHD", "", 0, "KM-Display", "2"),
            ("CAD", "", 2, "TE-Bridge", "2"),
        )
    )
)


def models_of(device_type: str, variant_class: str = "") -> tuple[Model, ...]:
    """Return the models of a type (for an ESME: of a class, the variant's first letter)."""
    return tuple(m for m in MODELS if (m.device_type, m.variant_class) == (device_type, variant_class))


def cpl_rows(as_at: int) -> list[Row]:
    """Return the rows of cpl.csv as known on a day number. IHDs and CADs are not on the CPL."""
    rows = [
        row
        for at, model in enumerate(MODELS)
        if model.device_type not in ("IHD", "CAD")
        for row in _rows_of(at, model, as_at)
    ]
    return sorted(rows)


def _rows_of(at: int, model: Model, as_at: int) -> list[Row]:
    """Return a model's rows: the first release expired, one withdrawn or cancelled, the rest active."""
    rows: list[Row] = []
    for n, (day, version) in enumerate(model.releases):
        if day > as_at:
            continue
        cpl_status, firmware_status, end = "Active", "Active", NEVER
        if n == 0:
            cpl_status, firmware_status, end = "Expired", "Expired", day + 1100
        elif n == 2 and at % 3 == 0:
            firmware_status, end = "Withdrawn", day + 500
        elif n == 3 and at % 5 == 1:
            cpl_status, firmware_status, end = "Cancelled", "Cancelled", day + 300
        elif n == 4 and at == 1 and as_at >= _WITHDRAWN_IN_DELTA:
            cpl_status, firmware_status, end = "Withdrawn", "Withdrawn", _WITHDRAWN_IN_DELTA
        key = (model.device_type, model.variant_class, model.manufacturer, model.name, version)
        rows.append(
            (*key, model.smets, cpl_status, firmware_status, ISO[day], ISO[end] if end <= as_at else "")
        )
    return rows
