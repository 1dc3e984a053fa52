"""The change feed: what each load changed in a viewer's portfolio, in order, with a cursor."""

from smi_portal.portfolio.feed.kinds import FIELDS, KINDS
from smi_portal.portfolio.feed.rows import Wanted, events_after, last_cursor, listing

__all__ = ["FIELDS", "KINDS", "Wanted", "events_after", "last_cursor", "listing"]
