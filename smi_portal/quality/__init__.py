"""Data quality: what about a party's own assets looks wrong, how that changes, and what mends it."""
