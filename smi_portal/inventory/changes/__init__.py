"""The change feed's derivation: what a load changed in each organisation's view of its meters.

Inside the load's own transaction: `begin` before the periods are rebuilt, `remember` (called by the rebuild, once it
knows which devices it will cut anew), `record` afterwards. The first extract is the baseline: it tells no events.
"""

from smi_portal.inventory.changes.capture import begin, remember
from smi_portal.inventory.changes.record import record

__all__ = ["begin", "record", "remember"]
