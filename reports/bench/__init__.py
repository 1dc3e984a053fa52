"""Benchmarks of the product against its floor: the same SQL by hand, and `psql \\copy`. Ratios within one run.

Seconds drift with the machine; a ratio of two things measured in turn does not. Run over whatever extract is
loaded (`manage.py bench`); the targets are stated for 1,000,000 meters (docs/runbook.md says how to load them).
"""
