"""The product: reports declared once, and every page and file derived from the declaration."""
