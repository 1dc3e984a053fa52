"""Telling people and machines what changed: digests by mail, events to a webhook."""
