"""The authentication backend: allauth's, reading the person with what every request needs of them."""

from __future__ import annotations

from allauth.account.auth_backends import AuthenticationBackend

from smi_portal.accounts.models import Person


class Backend(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    """One query brings the person, their organisation and its settings."""

    def get_user(self, user_id: int) -> Person | None:
        """The person of a session; None once they are deactivated, so the next request is a stranger's."""
        found = Person.objects.select_related("organisation__settings").filter(pk=user_id).first()
        return found if found is not None and self.user_can_authenticate(found) else None
