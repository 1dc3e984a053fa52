"""The change feed, rental days and reconciliation, each against a naive model that counts day by day."""
