"""Who may enter which address: every one declares it, and what does not, lets nobody in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import URLPattern, URLResolver, get_resolver, path
from django.views import View

from smi_portal.access.declare import entry_of, public, signed_in, with_role
from tests.support import people

pytestmark = pytest.mark.django_db

#: A value for each kind of part that an address may have.
PARTS = {"code": "RSMI_001", "extension": "csv", "organisation": "S1", "month": "2018-11"}
PARTS |= {"form": "csv", "pk": "999999999", "rest": "no/such", "what": "rows"}
PARTS |= dict.fromkeys(("export_id", "schedule_id", "job"), "00000000-0000-4000-8000-000000000000") | {
    "action": "pause"
}
PARTS |= {"token": "abc", "group": "supplier", "provider_id": "northmoor"}
#: An example for each address that is a regular expression.
PATTERNS = {"^account/forgotten/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": "account/forgotten/1-abc/"}
#: Public pages that say no (403): where a sign-in service leads back to when it was interrupted.
SAID_NO = {"/account/single-sign-on/cancelled/", "/account/single-sign-on/error/"}
PARTS |= {"device_id": "00-DB-00-00-00-01-00-01", "kept_id": "00000000-0000-4000-8000-000000000000"}
PARTS |= {"job_id": "00000000-0000-4000-8000-000000000000"}
EVERYONE = ("M1", "M2", "S1", "S2", "M0", "S0", "DCC", "SECAS", "OTHER")
ROLELESS = ("M0", "S0", "OTHER")
PARTS |= {"device_id": "00-DB-00-00-00-01-00-01"}


def patterns(resolver: URLResolver | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address of the URLconf, as an example, with its pattern."""
    for found in (resolver or get_resolver()).url_patterns:
        if isinstance(found, URLResolver):
            yield from patterns(found, before + str(found.pattern))
        else:
            yield _example(before + str(found.pattern)), found


def _example(route: str) -> str:
    if route.endswith(".*"):
        return "/no-such-page/"
    if route in PATTERNS:
        return f"/{PATTERNS[route]}"
    for name, value in PARTS.items():
        for kind in ("str:", "int:", "path:", "month:", "uuid:", ""):
            route = route.replace(f"<{kind}{name}>", value)
    assert "<" not in route, f"give PARTS an example for {route}"
    return f"/{route}"


PARTS |= {"reference": "AAAAAAAAAA"}  # of a data issue, or of its submission
ADDRESSES = [(address, pattern) for address, pattern in patterns()]
IDS = [address for address, _ in ADDRESSES]


@pytest.mark.parametrize(("address", "pattern"), ADDRESSES, ids=IDS)
def test_every_view_declares_who_may_enter(address: str, pattern: URLPattern) -> None:
    assert entry_of(pattern.callback) is not None


@pytest.mark.parametrize(("address", "pattern"), ADDRESSES, ids=IDS)
def test_strangers_are_sent_to_sign_in(address: str, pattern: URLPattern) -> None:
    """By GET and by POST; save from what is declared public."""
    entry = entry_of(pattern.callback)
    assert entry is not None
    for answer in (Client().get(address), Client().post(address)):
        if entry.token:
            assert answer.status_code == 401
        elif entry.anonymous:
            led_on = ("/sign-in/", "/account/forgotten/sent/")
            assert (
                answer.status_code in {200, 404, 405}
                or address in SAID_NO
                or (answer["Location"].startswith(led_on))
            )
        else:
            assert answer.status_code in {302, 405}
            if answer.status_code == 302:
                assert answer["Location"].startswith("/sign-in/?next=")


def test_what_is_public_is_listed() -> None:
    """A new public address is a decision: write it here."""
    public_ones = {
        address for address, pattern in ADDRESSES if (e := entry_of(pattern.callback)) and e.anonymous
    }
    signing_in = {"/sign-in/", "/sign-in/code/", "/sign-in/passkey/", "/sign-out/", "/sign-up/"}
    forgotten = {"/account/forgotten/" + end for end in ("", "sent/", "1-abc/", "changed/")}
    assert public_ones == {
        *signing_in,
        *forgotten,
        *SAID_NO,
        *("/account/single-sign-on/northmoor/login/" + end for end in ("", "callback/")),
        "/account/invitation/abc/",
        *(
            "/account/closed/",
            "/inbox/",
            "/inbox/999999999/",
            "/accessibility/",
            "/glossary/",
            "/no-such-page/",
        ),
        *("/statistics/", "/statistics/2018-11/", "/statistics/2018-11/statistics.csv"),
    }


MAPS, SUPPLIERS = ("M1", "M2"), ("S1", "S2")
#: Address → organisations whose people are let in (200). Everyone else: 403 for those signed in.
LET_IN = {
    "/": EVERYONE,
    "/sign-in/": (),
    "/accessibility/": EVERYONE,
    "/no-such-page/": (),
    "/schedules/": (*MAPS, *SUPPLIERS, "DCC", "SECAS"),
    "/schedules/new/RSMI_001/": (*MAPS, *SUPPLIERS, "DCC"),
    "/files/": (*MAPS, *SUPPLIERS, "DCC", "SECAS"),
    "/files/new/RSMI_001/": (*MAPS, *SUPPLIERS, "DCC"),
    "/account/": EVERYONE,
    "/account/what-you-may-see/": EVERYONE,
    "/people/": (),
    "/people/approvals/": ("DCC",),
    "/organisations/": ("DCC",),
    "/organisations/M1/": ("DCC",),
    "/permissions/": ("DCC",),
    "/permissions/M1/supplier/": ("DCC",),
    "/reports/": (*MAPS, *SUPPLIERS, "DCC", "SECAS"),
    "/reports/RSMI_001/": (*MAPS, *SUPPLIERS, "DCC"),
    "/reports/RSMI_001/download.csv": (*MAPS, *SUPPLIERS, "DCC"),
    "/reports/MAP_001/": (*MAPS, "DCC"),
    "/reports/BKF_001/": (*SUPPLIERS, "DCC"),
    "/reports/BKF_002/": (*SUPPLIERS, "DCC", "SECAS"),
    "/reports/BKF_002/download.xlsx": (*SUPPLIERS, "DCC", "SECAS"),
    "/reports/MAP_001/download.xlsx": (*MAPS, "DCC"),
    "/find/": (*MAPS, *SUPPLIERS, "DCC"),
    "/lists/": (*MAPS, *SUPPLIERS, "DCC"),
    "/quality/": (*MAPS, *SUPPLIERS, "DCC"),
    "/preflight/": (*MAPS, *SUPPLIERS),
    "/data-issues/": (*MAPS, *SUPPLIERS, "DCC", "SECAS"),
    "/data-issues/raise/": (*MAPS, *SUPPLIERS),
    "/data-issues/figures/": ("DCC", "SECAS"),
    "/changes/": (*MAPS, *SUPPLIERS, "DCC"),
    "/changes/download.csv": (*MAPS, *SUPPLIERS, "DCC"),
    "/changes/notices/": (*MAPS, *SUPPLIERS, "DCC"),
    "/rental-days/": (*MAPS, *SUPPLIERS, "DCC"),
    "/reconcile/": (*MAPS, *SUPPLIERS),
}


@pytest.mark.parametrize("organisation", EVERYONE)
def test_each_role_is_let_in_where_it_belongs(organisation: str) -> None:
    client = people.signed_in(organisation)
    for address, welcome in LET_IN.items():
        status = client.get(address).status_code
        if address == "/sign-in/":
            assert status == 302
        elif address == "/no-such-page/":
            assert status == 404
        else:
            assert status == (200 if organisation in welcome else 403), address
    assert client.get("/reports/NOSUCH/").status_code == (403 if organisation in ROLELESS else 404)


def test_a_refusal_says_for_whom_the_page_is() -> None:
    told = people.signed_in("M1").get("/backfill/").content.decode()
    assert "This part of the backfill is for another role: Supplier, DCC operator or SECAS." in told
    told = people.signed_in("S1").get("/organisations/").content.decode()
    assert "This page is for another role: DCC operator." in told


@pytest.mark.parametrize("organisation", ["M1", "SECAS"])
def test_the_reports_that_a_role_may_run_come_first(organisation: str) -> None:
    told = people.signed_in(organisation).get("/reports/").content.decode()
    assert 0 < told.rindex("You may run this") < told.index("Not for your role")


@pytest.mark.parametrize("organisation", ROLELESS)
def test_who_is_no_user_sees_nothing(organisation: str) -> None:
    """Not a User, or of a kind without a role: every address that shows data is closed, for every method."""
    client = people.signed_in(organisation)
    for address, pattern in ADDRESSES:
        entry = entry_of(pattern.callback)
        assert entry is not None
        if entry.token:
            assert {client.get(address).status_code, client.post(address).status_code} == {401}, address
        elif entry.needs_role:
            assert {client.get(address).status_code, client.post(address).status_code} <= {403, 405}, address
    assert "RSMI_001" not in client.get("/").content.decode()


def undeclared(request: HttpRequest) -> HttpResponse:
    """A view that somebody forgot to declare."""
    return HttpResponse("secret")


class Undeclared(View):
    """A class-based one."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse("secret")


def answer(request: HttpRequest) -> HttpResponse:
    """Who the middleware says is asking."""
    return HttpResponse(str(getattr(request, "viewer", "nobody")))


def _copy(view: Callable[..., Any]) -> Callable[..., Any]:
    def copied(request: HttpRequest) -> HttpResponse:
        return answer(request)

    return copied


urlpatterns = [
    path("forgotten/", undeclared),
    path("forgotten-class/", Undeclared.as_view()),
    path("open/", public(_copy(answer))),
    path("signed-in/", signed_in(_copy(answer))),
    path("role/", with_role(_copy(answer))),
    path("sign-in/", public(_copy(answer)), name="sign-in"),
    path("home/", public(_copy(answer)), name="home"),
]


@override_settings(ROOT_URLCONF="tests.access.test_entry", LOGIN_URL="/sign-in/")
def test_denied_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """A view without a declaration lets nobody in: not even the DCC operator."""
    status = {
        (who, where): (people.signed_in(who) if who else Client(raise_request_exception=False))
        .get(f"/{where}/", headers={"accept": "text/plain"})
        .status_code
        for who in ("", "OTHER", "M1", "DCC")
        for where in ("open", "signed-in", "role")
    }
    assert status == {
        **{("", "open"): 200, ("", "signed-in"): 302, ("", "role"): 302},
        **{("OTHER", "open"): 200, ("OTHER", "signed-in"): 200, ("OTHER", "role"): 403},
        **{(who, where): 200 for who in ("M1", "DCC") for where in ("open", "signed-in", "role")},
    }
    for who in ("", "M1", "DCC"):
        for where in ("forgotten", "forgotten-class"):
            client = people.signed_in(who) if who else Client()
            found = client.get(f"/{where}/")
            assert found.status_code == 403
            assert b"secret" not in found.content
