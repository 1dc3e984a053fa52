"""Tests of the pre-flight: the rules alone, the readers alone, and the whole of it over a loaded inventory."""
