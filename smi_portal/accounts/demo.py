"""The demo's people: one for each role, so that everyone's view can be tried. Invented, and never in production."""

from __future__ import annotations

from dataclasses import dataclass

from smi_portal.accounts.models import Person, ReleaseDecision
from smi_portal.inventory.models import Organisation

DEMO_PASSWORD = "demo-portal-2018"  # noqa: S105 - shown on the demo's sign-in page; the demo refuses to run without DEBUG


@dataclass(frozen=True)
class DemoPerson:
    """A person of the demo, and what to try as them."""

    email: str
    name: str
    organisation: str
    to_try: str
    administrator: bool = False


PEOPLE = (
    DemoPerson(
        "map@northmoor.example",
        "Ash Northmoor",
        "MAP-NORTHMOOR",
        "Run MAP_001, filter by status and installation date, download Excel: the supplier has been released to you.",
        administrator=True,
    ),
    DemoPerson(
        "map@severnside.example",
        "Sam Severnside",
        "MAP-SEVERN",
        "Run MAP_001 again: other meters, and no supplier column, since DCC has not released it to you.",
    ),
    DemoPerson(
        "supplier@brightwater.example",
        "Bo Brightwater",
        "SUP-BRIGHTWATER",
        "Run BKF_001: how many MAP IDs must you still put into the inventory?",
        administrator=True,
    ),
    DemoPerson(
        "supplier@larkfield.example",
        "Lee Larkfield",
        "SUP-LARKFIELD",
        "Run RSMI_001 as at a day last year: only the meters that were yours on that day.",
    ),
    DemoPerson(
        "secas@example.test", "Pat Panel", "SECAS", "Run BKF_002: each User's progress, and no device."
    ),
    DemoPerson(
        "dcc@example.test",
        "Dee Operator",
        "DCC",
        "Run RSMI_006 and filter by finding: DUPLICATE. Then release a field to a MAP under Permissions.",
        administrator=True,
    ),
    DemoPerson(
        "dcc2@example.test",
        "Del Second",
        "DCC",
        "Approve what the other operator asks for: invite somebody to DCC as Dee, approve it here.",
    ),
)


def seed() -> list[DemoPerson]:
    """Make the people whose organisations are in the loaded extract, and the demo's one release. Idempotent."""
    made = []
    for demo in PEOPLE:
        organisation = Organisation.objects.using("owner").filter(organisation=demo.organisation).first()
        if organisation is None:
            continue
        person = Person.objects.using("owner").filter(email=demo.email).first()
        person = person or Person(email=demo.email, name=demo.name, organisation=organisation)
        if not person.check_password(DEMO_PASSWORD):
            person.set_password(DEMO_PASSWORD)
        person.is_administrator = demo.administrator
        person.save(using="owner")
        made.append(demo)
    _release_supplier_to("MAP-NORTHMOOR")
    return made


def people_to_show() -> list[dict[str, str]]:
    """The demo's people who exist, as the sign-in page lists them."""
    existing = {
        person.email: person
        for person in Person.objects.filter(email__in=[p.email for p in PEOPLE]).select_related(
            "organisation"
        )
    }
    return [
        {
            "role": role.words if (role := existing[demo.email].organisation.role) else "None",
            "organisation": existing[demo.email].organisation.name,
            "email": demo.email,
            "password": DEMO_PASSWORD,
            "try": demo.to_try,
        }
        for demo in PEOPLE
        if demo.email in existing
    ]


def _release_supplier_to(code: str) -> None:
    organisation = Organisation.objects.using("owner").filter(organisation=code).first()
    decided = ReleaseDecision.objects.using("owner").filter(organisation=organisation, group="supplier")
    if organisation is not None and not decided.exists():
        ReleaseDecision.objects.using("owner").create(
            organisation=organisation,
            group="supplier",
            is_released=True,
            reason="The demo shows one MAP with the release, one without.",
            decided_by="the demo",
        )
