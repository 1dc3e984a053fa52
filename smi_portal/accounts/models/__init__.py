"""People, what they are invited to and may do, and what has been released to their organisations."""

from smi_portal.accounts.models.people import Invitation, OrganisationSettings, Person, RoleRequest
from smi_portal.accounts.models.plumbing import DemoMail, FailedAttempt
from smi_portal.accounts.models.releases import ReleaseDecision, released_to, viewer_for

__all__ = [
    "DemoMail",
    "FailedAttempt",
    "Invitation",
    "OrganisationSettings",
    "Person",
    "ReleaseDecision",
    "RoleRequest",
    "released_to",
    "viewer_for",
]
