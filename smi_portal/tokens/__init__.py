"""API tokens: how programs come in for a person."""
