"""Reconciling a rental invoice, a billing file or an asset register with the inventory, line by line."""

from smi_portal.portfolio.reconcile.run import Options, Outcome, Step, reconcile

__all__ = ["Options", "Outcome", "Step", "reconcile"]
