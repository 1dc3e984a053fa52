"""Inviting people, changing what they may do, and opening organisations to their first administrators."""
