"""Monthly statistics for those who see no rows: SECAS, and anyone, once DCC publishes a month."""
