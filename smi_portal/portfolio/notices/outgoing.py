"""A request to an address that somebody typed: only to the public internet, by HTTPS, without redirects.

The name is resolved once and the connection goes to that very address, so that a name cannot lead elsewhere between
the check and the use.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

SECONDS = 10
HTTPS = 443


class NotDelivered(Exception):
    """Why it was not received, in words for the person who set the address."""


def wrong_with(url: str) -> str:
    """What is wrong with an address, or ""; its name is not looked up here."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "This is no address: write it like https://example.org/events."
    if parts.scheme != "https" and not _may_be_private():
        return "The address must begin with https://, so that nobody can read the events on their way."
    if not parts.hostname or parts.username or parts.password or parts.fragment:
        return "Write the address like https://example.org/events, without a name, a password or a # part."
    if port not in {None, HTTPS} and not _may_be_private():
        return "The address must use the usual port of HTTPS."
    return ""


def post(url: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Send the body. Raises NotDelivered unless the answer is 2xx."""
    if wrong := wrong_with(url):
        raise NotDelivered(wrong)
    parts = urlsplit(url)
    connection = _connection(parts, _address(parts))
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, {**headers, "Host": parts.netloc})
        answer = connection.getresponse()
        answer.read(1_000)
    except (OSError, http.client.HTTPException) as error:
        raise NotDelivered(f"No answer: {type(error).__name__}.") from error
    finally:
        connection.close()
    if not 200 <= answer.status < 300:
        raise NotDelivered(f"The answer was {answer.status}, not 2xx.")


def _address(parts: SplitResult) -> tuple[str, int]:
    port = parts.port or (HTTPS if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise NotDelivered(f"The name {parts.hostname} is not known.") from None
    for *_, place in found:
        ip = str(place[0])
        if not ipaddress.ip_address(ip.split("%")[0]).is_global and not _may_be_private():
            raise NotDelivered(f"The name {parts.hostname} leads to an address that is not public.")
    return str(found[0][4][0]), port


def _connection(parts: SplitResult, address: tuple[str, int]) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(*address, timeout=SECONDS)
    if parts.scheme == "https":
        try:
            plain = socket.create_connection(address, SECONDS)
            context = ssl.create_default_context()
            connection.sock = context.wrap_socket(plain, server_hostname=parts.hostname)
        except OSError as error:
            raise NotDelivered(f"No secure connection: {type(error).__name__}.") from error
    return connection


def _may_be_private() -> bool:
    return bool(settings.SMI_WEBHOOKS_TO_PRIVATE_ADDRESSES)
