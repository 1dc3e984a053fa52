"""Synthetic SMI extracts for the demo, tests and measurements: invented homes, meters and companies."""
