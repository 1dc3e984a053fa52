"""Whoever reads an answer, as gunicorn lets us see them: the socket, its patience, and whether it was closed."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest


def reader_of(request: HttpRequest) -> Callable[[], bool]:
    """Give up on this request's reader when they stall for SMI_READER_SECONDS; returns how to ask whether they have gone.

    Under another server than gunicorn nobody knows, and the reader counts as there.
    """
    found = request.META.get("gunicorn.socket")
    if not isinstance(found, socket.socket):
        return lambda: False
    found.settimeout(settings.SMI_READER_SECONDS)  # gunicorn sets it back for the next request
    return lambda: has_gone(found)


def has_gone(reader: socket.socket) -> bool:
    """Whether the other end has closed. Never waits; what the reader has sent meanwhile stays to be read."""
    try:
        look = select.poll()
        look.register(reader, select.POLLIN)
        return bool(look.poll(0)) and reader.recv(1, socket.MSG_PEEK) == b""
    except OSError:  # reset
        return True
    except ValueError:  # closed on our side; or TLS, whose sockets cannot be looked into
        return reader.fileno() < 0
