"""The backfill of MAP IDs (SECMP0011): obligations, declarations, allowances, plans, the Panel's month."""
