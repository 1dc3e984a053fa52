"""The words of the data-issue route: causes, routes, states, what happens to a line, and who holds it."""

from __future__ import annotations

from enum import StrEnum

from smi_portal.inventory.quality.rules import RULES


class Cause(StrEnum):
    """What is wrong. The first are the data-quality conditions, under the same codes; the rest people name."""

    CHECK_DIGIT = "CHECK_DIGIT"
    E080413 = "E080413"
    E080414 = "E080414"
    DUPLICATE = "DUPLICATE"
    UNREGISTERED = "UNREGISTERED"
    MAP_BLANK = "MAP_BLANK"
    MAP_UNKNOWN = "MAP_UNKNOWN"
    MAP_ENDED = "MAP_ENDED"
    MAP_NOT_BEGUN = "MAP_NOT_BEGUN"
    FUEL = "FUEL"
    NO_CPL = "NO_CPL"
    STALE_PENDING = "STALE_PENDING"
    EMPTY_HUB = "EMPTY_HUB"
    WRONG_MPXN = "WRONG_MPXN"
    WRONG_STATUS = "WRONG_STATUS"
    WRONG_DETAILS = "WRONG_DETAILS"
    WRONG_MAP_ID = "WRONG_MAP_ID"
    NOT_THERE = "NOT_THERE"
    SHOULD_NOT_BE_THERE = "SHOULD_NOT_BE_THERE"
    OTHER = "OTHER"

    @property
    def words(self) -> str:
        """The cause for people."""
        return _CAUSES[self]


_CAUSES = {
    **{Cause(rule.code): rule.title for rule in RULES},
    Cause.WRONG_MPXN: "Wrong MPxN",
    Cause.WRONG_STATUS: "Wrong status",
    Cause.WRONG_DETAILS: "Wrong manufacturer, model, firmware or variant",
    Cause.WRONG_MAP_ID: "Wrong MAP ID",
    Cause.NOT_THERE: "Device is missing from the inventory",
    Cause.SHOULD_NOT_BE_THERE: "Device should not be in the inventory",
    Cause.OTHER: "Something else",
}


class Route(StrEnum):
    """Where a line goes after its pre-check."""

    SELF = "SELF"
    PARTY = "PARTY"
    DCC = "DCC"
    RETURN = "RETURN"

    @property
    def words(self) -> str:
        """The route for people."""
        return {
            "SELF": "You can mend it yourself",
            "PARTY": "The installing or registered supplier must mend it",
            "DCC": "DCC must mend it",
            "RETURN": "Correct the line first",
        }[self.value]


class State(StrEnum):
    """Where a line stands."""

    OPEN = "OPEN"
    MENDED = "MENDED"
    VERIFIED = "VERIFIED"
    CLOSED = "CLOSED"
    RETURNED = "RETURNED"
    WITHDRAWN = "WITHDRAWN"

    @property
    def words(self) -> str:
        """The state for people."""
        return {
            "OPEN": "Open",
            "MENDED": "Mended, waiting for the next extract",
            "VERIFIED": "Verified by an extract",
            "CLOSED": "Closed",
            "RETURNED": "Returned for correction",
            "WITHDRAWN": "Withdrawn",
        }[self.value]

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to be done (a later extract may still reopen what was verified)."""
        return self not in {State.OPEN, State.MENDED}


class Holder(StrEnum):
    """Who has to act next, as everyone concerned is told it: a role, never a name."""

    RAISER = "RAISER"
    PARTY = "PARTY"
    DCC = "DCC"
    NOBODY = "NOBODY"


class By(StrEnum):
    """Who did something to a line."""

    RAISER = "RAISER"
    PARTY = "PARTY"
    DCC = "DCC"
    PORTAL = "PORTAL"


class Kind(StrEnum):
    """What happened to a line. All but a comment lead to a state."""

    RAISED = "RAISED"
    NOTIFIED = "NOTIFIED"
    MENDED = "MENDED"
    PASSED = "PASSED"
    SENT_BACK = "SENT_BACK"
    CONFIRMED = "CONFIRMED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"
    VERIFIED = "VERIFIED"
    REOPENED = "REOPENED"
    COMMENT = "COMMENT"

    @property
    def words(self) -> str:
        """What happened, for people."""
        return {
            "RAISED": "Raised and pre-checked",
            "NOTIFIED": "The supplier concerned was notified",
            "MENDED": "Said to be mended",
            "PASSED": "Passed to DCC",
            "SENT_BACK": "Sent back by DCC",
            "CONFIRMED": "Confirmed as mended",
            "CLOSED": "Closed by DCC",
            "WITHDRAWN": "Withdrawn",
            "VERIFIED": "The extract agrees: verified",
            "REOPENED": "The extract disagrees: reopened",
            "COMMENT": "Comment",
        }[self.value]
