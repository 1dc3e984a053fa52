"""How fast a person's programs may ask: so many requests a minute, all tokens together, over all web processes.

Counted in PostgreSQL: the web processes share nothing else, and one statement both decides and counts, so that
two processes cannot each give away the last request. Method: the generic cell rate algorithm, one instant a person.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

#: Seconds over which the requests are counted.
WINDOW = 60

TAKE = """
INSERT INTO tokens_pace AS p (person_id, due) VALUES (%(person)s, clock_timestamp() + %(cost)s * interval '1 second')
ON CONFLICT (person_id) DO UPDATE
    SET due = greatest(p.due, clock_timestamp()) + %(cost)s * interval '1 second'
    WHERE greatest(p.due, clock_timestamp()) + %(cost)s * interval '1 second'
          <= clock_timestamp() + %(window)s * interval '1 second'
RETURNING extract(epoch FROM due - clock_timestamp())::float8
"""
AHEAD = "SELECT extract(epoch FROM due - clock_timestamp())::float8 FROM tokens_pace WHERE person_id = %s"


@dataclass(frozen=True)
class Taken:
    """What became of a request: `wait` is 0 when it may go on, else the whole seconds until it may."""

    allowed: int
    left: int
    reset: int
    wait: int = 0

    @property
    def headers(self) -> dict[str, str]:
        """The limit as the IETF's RateLimit header fields write it (draft-ietf-httpapi-ratelimit-headers)."""
        return {
            "RateLimit-Policy": f'"requests";q={self.allowed};w={WINDOW}',
            "RateLimit": f'"requests";r={self.left};t={self.reset}',
            **({"Retry-After": str(self.wait)} if self.wait else {}),
        }


def take(person_id: int, cost: int = 1) -> Taken:
    """Count a request of this person's. `cost`: how many ordinary requests it stands for, at most the limit."""
    allowed: int = settings.SMI_API_REQUESTS_PER_MINUTE
    each = WINDOW / allowed
    seconds = min(cost, allowed) * each
    with connection.cursor() as cursor:
        cursor.execute(TAKE, {"person": person_id, "cost": seconds, "window": WINDOW})
        row = cursor.fetchone()
        if row is not None:
            return _taken(allowed, row[0])
        cursor.execute(AHEAD, [person_id])
        (ahead,) = cursor.fetchone()
    return _taken(allowed, ahead, max(1, math.ceil(ahead + seconds - WINDOW)))


def _taken(allowed: int, ahead: float, wait: int = 0) -> Taken:
    left = max(0, math.floor((WINDOW - ahead) * allowed / WINDOW))
    return Taken(allowed, left, max(0, math.ceil(ahead)), wait)
