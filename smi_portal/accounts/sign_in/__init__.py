"""Signing in: password and second step through django-allauth, throttles, sessions, known browsers."""
