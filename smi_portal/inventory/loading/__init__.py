"""Loading the SMI extract (docs/extract-format.md): copy, check, apply, rebuild; in one transaction, or in steps."""
