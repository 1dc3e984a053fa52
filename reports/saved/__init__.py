"""Saved views: a question to a report under a name. A view holds a query string and no data."""
