"""The keyed hash over an entry. The key comes from the settings: a database owner does not have it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings

#: What the hash covers, in this order, after chain, number and the previous hash.
COVERED = ("kind", "person_id", "person", "organisation_id", "organisation", "origin", "details")


def seal(entry: Any) -> str:
    """The entry's hash under the key in force; `entry` has AuditEntry's attributes."""
    return _mac(_keys()[0], _text(entry))


def is_sealed(entry: Any) -> bool:
    """Whether the entry's `mac` is right under the key in force or an earlier one."""
    text = _text(entry)
    return any(hmac.compare_digest(_mac(key, text), entry.mac) for key in _keys())


def seal_head(chain: str, n: int, mac: str) -> str:
    """The hash that a witness of a chain's head carries."""
    return _mac(_keys()[0], f"head:{chain}:{n}:{mac}")


def is_sealed_head(chain: str, n: int, mac: str, sealed: str) -> bool:
    """Whether a head was witnessed by us."""
    return any(hmac.compare_digest(_mac(key, f"head:{chain}:{n}:{mac}"), sealed) for key in _keys())


def _text(entry: Any) -> str:
    linked = [str(entry.chain), entry.n, entry.previous, entry.at.isoformat()]
    return json.dumps([*linked, *(getattr(entry, name) for name in COVERED)], sort_keys=True)


def _mac(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _keys() -> Sequence[bytes]:
    return [hashlib.sha512(b"smi.audit:" + key.encode()).digest() for key in settings.SMI_AUDIT_KEYS]
