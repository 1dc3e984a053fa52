"""Data quality: the conditions that an asset can break, and how many of each party's do, load by load."""
