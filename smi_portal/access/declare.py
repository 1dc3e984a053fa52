"""Who may enter a view: every view says so itself, or nobody enters (deny by default)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from smi_portal.access.readers import Role

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Entry:
    """A view's declaration: open to anyone, or to signed-in people, with or without a portal role; or to tokens.

    `roles` narrows it to those portal roles (empty = every role); `administrator` to those who administer
    their organisation. `token`: the view is for programs alone, which bring an API token; a session does not let
    anyone in. `cost`: how many ordinary requests one of these stands for, in the pace that is allowed.
    `second_step` is False for the pages on which a second step is set up: everywhere else, who must have one is
    led there first.
    """

    anonymous: bool = False
    needs_role: bool = True
    roles: frozenset[Role] = frozenset()
    administrator: bool = False
    token: bool = False
    cost: int = 1
    second_step: bool = True


ATTRIBUTE = "smi_entry"


def public(view: View) -> View:
    """Anyone may enter: sign-in, errors, help."""
    return _declare(view, Entry(anonymous=True, needs_role=False))


def signed_in(view: View) -> View:
    """Any active person may enter, even one whose organisation may see nothing (so that we can say why)."""
    return _declare(view, Entry(needs_role=False))


def setting_up(view: View) -> View:
    """Any active person may enter, also before they have set up the second step that they must use."""
    return _declare(view, Entry(needs_role=False, second_step=False))


def with_role(view: View) -> View:
    """People whose organisation has a portal role. The view gets it as `request.viewer`."""
    return _declare(view, Entry())


def for_roles(*roles: Role, administrator: bool = False) -> Callable[[View], View]:
    """People whose organisation has one of these portal roles; only its administrators when so said."""
    return lambda view: _declare(view, Entry(roles=frozenset(roles), administrator=administrator))


def administrators(view: View) -> View:
    """Administrators of an organisation that has a portal role."""
    return _declare(view, Entry(administrator=True))


def by_token(view: View, cost: int = 1) -> View:
    """Programs with an API token. The view gets `request.viewer` and `request.token`."""
    # Django's check against forged forms protects what a cookie lets in; here no cookie does.
    view.csrf_exempt = True  # type: ignore[attr-defined]
    return _declare(view, Entry(token=True, cost=cost))


def entry_of(view: Callable[..., Any]) -> Entry | None:
    """The declaration on a view function or on the class behind it, or None."""
    found = getattr(view, ATTRIBUTE, None) or getattr(getattr(view, "view_class", None), ATTRIBUTE, None)
    return found if isinstance(found, Entry) else None


def _declare(view: View, entry: Entry) -> View:
    setattr(view, ATTRIBUTE, entry)
    return view
