"""The signed context: which reader of which organisation a transaction serves, and until when.

`reader:organisation id:expiry:HMAC-SHA256` is put into a transaction-local setting. A database function checks
it with key pads that the site's role cannot read, so an injected statement can forge neither organisation nor
reader (measured: a plain setting can be forged). PostgreSQL has sha256() built in but no HMAC without an
extension, so the two padded keys of RFC 2104 are stored instead of the key.
"""

from __future__ import annotations

import hashlib
import hmac
import time

from django.conf import settings

from smi_portal.access.readers import Reader

#: Seconds that a context lives. Checked when a statement starts, so a long download is not cut off.
LIFETIME = 300


def context_key() -> bytes:
    """The 64-byte HMAC key, derived from the site's secret so that there is one secret to keep."""
    return hashlib.sha512(b"smi.context:" + settings.SECRET_KEY.encode()).digest()


def key_pads() -> tuple[bytes, bytes]:
    """The inner and outer padded keys of RFC 2104, as the database stores them."""
    key = context_key()
    return bytes(b ^ 0x36 for b in key), bytes(b ^ 0x5C for b in key)


def sign(reader: Reader, organisation_id: int, now: float | None = None) -> str:
    """A context for `reader` of the organisation with this id, valid for `LIFETIME` seconds."""
    expiry = int(time.time() if now is None else now) + LIFETIME
    claim = f"{reader.value}:{organisation_id}:{expiry}"
    mac = hmac.new(context_key(), claim.encode(), hashlib.sha256).hexdigest()
    return f"{claim}:{mac}"
