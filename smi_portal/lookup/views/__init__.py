"""The look-up's pages."""
