"""Rental days: who had each asset on which days, under which MPxN, from its installation to its removal."""

from smi_portal.portfolio.rental.days import listing, rows

__all__ = ["listing", "rows"]
