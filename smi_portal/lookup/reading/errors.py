"""What cannot be read."""


class CannotRead(Exception):
    """A file or text that cannot be read; the message says why and how to mend it."""
