"""Tests of the data issues: routing alone, the pages with real commits, the post, the extract that verifies."""
