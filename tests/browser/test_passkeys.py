"""A passkey from making it to signing in with it alone, in a real browser, under the site's own policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from smi_portal.accounts.demo import DEMO_PASSWORD

from .acting import follow
from .people import OTHER_MAP

pytestmark = pytest.mark.browser


def test_a_passkey_replaces_the_password(browser: Browser, site: str) -> None:
    """On localhost: a passkey belongs to a name, not to a number."""
    context = browser.new_context(base_url=site.replace("127.0.0.1", "localhost"))
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto("/sign-in/?next=/account/second-step/passkeys/add/")
    page.get_by_label("Email address").fill(OTHER_MAP)
    page.get_by_label("Password").fill(DEMO_PASSWORD)
    follow(page, "Sign in")
    page.get_by_label("A name for it").fill("This laptop")
    page.get_by_label("Sign in with this passkey alone").check()
    follow(page, "Add the passkey")
    expect(page.get_by_role("heading", level=1)).to_have_text("Recovery codes")
    follow(page, "Sign out")
    page.goto("/sign-in/")
    follow(page, "Use a passkey")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hello")
    page.goto("/account/second-step/passkeys/")
    expect(page.get_by_role("table")).to_contain_text("This laptop")
    follow(page, page.get_by_role("link", name="Remove"))
    follow(page, "Remove it")
    expect(page.get_by_role("heading", level=2)).to_have_text("No passkey")
    assert complaints == []
    context.close()
