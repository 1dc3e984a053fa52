"""gunicorn with send buffers so small that a reader who stops reading is felt at once, as over a slow line."""

import socket
from typing import Any


def when_ready(server: Any) -> None:
    """Accepted connections take this over from the listening ones."""
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
