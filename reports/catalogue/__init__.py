"""Every report, one file each. A new report is one new file here."""

from importlib import import_module
from pkgutil import iter_modules


def load() -> None:
    """Import each module of this package; subclassing `Report` registers it."""
    for module in iter_modules(__path__):
        import_module(f"{__name__}.{module.name}")
