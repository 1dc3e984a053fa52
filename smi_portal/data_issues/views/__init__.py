"""Pages of the data issues."""
