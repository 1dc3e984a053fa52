"""Slows guessing down without letting one person lock another out.

Failures are counted in buckets. A browser that has signed in to the account before has a bucket of its own
(`devices`), which nobody else can fill. All others share: five failures in five minutes from one network address
for one account; thirty from one address for any account; a hundred an hour for one account from anywhere. So the
worst that somebody else can do is make an *unknown* browser wait, and the mailed password link makes it known.

Counted in the database, so that all web processes count together. An attempt is written before the password is
looked at, so that attempts at the same moment cannot all slip through; a success takes it back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from smi_portal.accounts.models import FailedAttempt

#: Longer than any window: older rows are of no use.
KEPT = timedelta(hours=1)


@dataclass(frozen=True)
class Bucket:
    """What is counted together, and how much of it is too much."""

    name: str
    limit: int
    window: timedelta

    @property
    def key(self) -> str:
        """What the table holds: a hash, so that it lists neither accounts nor addresses."""
        return hashlib.sha256(self.name.encode()).hexdigest()


def buckets(kind: str, account: str, address: str, device: str | None) -> list[Bucket]:
    """The buckets of an attempt of this kind (`password`, `code`) on an account."""
    five = timedelta(minutes=5)
    if device:
        return [Bucket(f"{kind}|{account}|device|{device}", 5, five)]
    return [
        Bucket(f"{kind}|{account}|{address}", 5, five),
        Bucket(f"{kind}|*|{address}", 30, five),
        Bucket(f"{kind}|{account}|*", 100 if kind == "password" else 30, KEPT),
    ]


@dataclass
class Attempt:
    """An attempt that has been let in and written down as failed, until it is taken back."""

    rows: list[FailedAttempt]
    own: Bucket

    def succeeded(self) -> None:
        """Take it back, and forgive earlier slips from the same place on the same account."""
        FailedAttempt.objects.filter(pk__in=[row.pk for row in self.rows]).delete()
        FailedAttempt.objects.filter(bucket=self.own.key).delete()


def begin(found: Sequence[Bucket]) -> Attempt | None:
    """Write an attempt down; None when a bucket is full, so that nobody is kept out for longer by waiting worse."""
    now = timezone.now()
    FailedAttempt.objects.filter(at__lt=now - KEPT).delete()
    rows = FailedAttempt.objects.bulk_create([FailedAttempt(bucket=one.key, at=now) for one in found])
    for bucket in found:
        if FailedAttempt.objects.filter(bucket=bucket.key, at__gt=now - bucket.window).count() > bucket.limit:
            FailedAttempt.objects.filter(pk__in=[row.pk for row in rows]).delete()
            return None
    return Attempt(rows, found[0])
