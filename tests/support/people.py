"""People of the test world's organisations, and what has been released to them."""

from __future__ import annotations

from django.core.management import call_command
from django.test import Client

from smi_portal.accounts.models import Person
from smi_portal.inventory.models import Organisation

#: Organisation → field groups that are released to it.
RELEASED = {"M1": ("supplier", "premises")}
#: Organisations that see something, one or two of each role.
VIEWERS = ("M1", "M2", "S1", "S2", "DCC", "SECAS")


def make_people() -> None:
    """One person for each organisation, and the releases; through the owner, to stay."""
    for organisation in Organisation.objects.using("owner").all():
        Person.objects.db_manager("owner").create_person(
            address(organisation.organisation), "A Person", organisation, None
        )
    for code, groups in RELEASED.items():
        for group in groups:
            call_command("release_field", code, group, verbosity=0, stdout=_Nowhere())


def address(organisation: str) -> str:
    """The e-mail address of an organisation's person."""
    return f"person@{organisation.lower()}.example"


def signed_in(organisation: str) -> Client:
    """A browser in which that organisation's person has signed in."""
    client = Client()
    client.force_login(Person.objects.get(email=address(organisation)))
    return client


class _Nowhere:
    """A stream for what nobody reads."""

    def write(self, _text: str) -> int:
        return 0
