"""What changed in an organisation's portfolio, who owes rent for which days, and how that compares with a ledger."""
