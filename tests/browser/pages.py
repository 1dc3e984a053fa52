"""Every page × role that is looked at in a browser: an address that is in neither table fails the build.

M = MAP, S = supplier, C = SECAS, D = DCC, n = nobody has signed in. `test_sweep.py` opens each of them for each of
its roles; `test_pages.py` holds the tables against the URLs and against tests/access/rights.txt.
"""

from __future__ import annotations

from typing import Final

#: Name of the address → who is shown it.
PAGES: Final = {
    "home": "MSCD",
    "accessibility": "MSCDn",
    "glossary": "MSCDn",
    # Signing in, and one's own account.
    "sign-in": "n",
    "account_signup": "n",
    "account_inactive": "n",
    "account_reset_password": "n",
    "account_reset_password_done": "n",
    "account_reset_password_from_key": "n",
    "account_reset_password_from_key_done": "n",
    "accept-invitation": "n",
    "socialaccount_login_cancelled": "n",
    "socialaccount_login_error": "n",
    "account": "MSCD",
    "account_change_password": "MSCD",
    "mfa_index": "MSCD",
    "mfa_activate_totp": "MSCD",
    "mfa_list_webauthn": "MSCD",
    "mfa_add_webauthn": "MSCD",
    "usersessions_list": "MSCD",
    "what-you-may-see": "MSCD",
    "tokens:tokens": "MSCD",
    "tokens:revoke": "MSCD",
    # People and rights.
    "people": "MSD",
    "person": "MSD",
    "approvals": "D",
    "organisations": "D",
    "organisation": "D",
    "permissions": "D",
    "permission": "D",
    "oversight:audit": "MSD",
    "oversight:usage": "MSCD",
    "oversight:lift": "D",
    # Reports, views, files.
    "reports:catalogue": "MSCD",
    "reports:report": "MSCD",
    "saved:all": "MSCD",
    "saved:new": "MSCD",
    "saved:edit": "MSCD",
    "saved:delete": "MSCD",
    "exports:files": "MSCD",
    "exports:new": "MSCD",
    "exports:export": "MSCD",
    "schedules:schedules": "MSCD",
    "schedules:new": "MSCD",
    "schedules:schedule": "MSCD",
    "schedules:edit": "MSCD",
    "schedules:dump": "MSD",
    "api:help": "MSCD",
    "statistics:index": "MSCDn",
    "statistics:month": "MSCDn",
    # Devices.
    "lookup:find": "MSD",
    "lookup:device": "MSD",
    "lookup:lists": "MSD",
    "lookup:list": "MSD",
    "quality:overview": "MSD",
    "preflight:check": "MS",
    "data-issues:overview": "MSCD",
    "data-issues:raise": "MS",
    "data-issues:figures": "CD",
    "data-issues:submission": "MSD",
    "data-issues:line": "MSD",
    # The portfolio.
    "changes:feed": "MSD",
    "changes:asset": "MSD",
    "changes:notices": "MSD",
    "rental:days": "MSD",
    "rental:statement": "MS",
    "reconcile:start": "MS",
    "reconcile:result": "MS",
    # The backfill.
    "backfill:overview": "SCD",
    "backfill:plan": "S",
    "backfill:outcome": "S",
    "backfill:lost": "S",
    "backfill:allowance": "D",
    "backfill:demand": "D",
    "backfill:panel": "CD",
    "backfill:month": "CD",
    "backfill:pack": "CD",
}

FILE, ACTION, OTHER_NAME = (
    "a file",
    "a button of a page: what it does wrong is that page's error",
    "another's",
)
#: Addresses that are no page of their own, or that cannot be one here; and why.
NO_PAGES: Final = {
    **dict.fromkeys(
        (
            *("account_login", "account_logout", "socialaccount_signup", "socialaccount_connections"),
            "account_set_password",
        ),
        OTHER_NAME,
    ),
    **dict.fromkeys(
        (
            *("totp-picture", "mfa_download_recovery_codes", "reports:download", "api:openapi-file"),
            *("oversight:audit-csv", "oversight:usage-csv", "statistics:csv", "exports:download"),
            *("backfill:plan-ics", "backfill:plan-csv", "backfill:resend-csv", "backfill:lost-csv"),
            *("backfill:pack-xlsx", "data-issues:submission-csv", "data-issues:request", "changes:file"),
            *("rental:file", "rental:differences", "reconcile:file"),
        ),
        FILE,
    ),
    **dict.fromkeys(
        (
            *(
                "sign-out",
                "mfa_login_webauthn",
                "demand-second-step",
                "invitation",
                "saved:question",
                "saved:prefer",
            ),
            *("lookup:rename", "lookup:delete", "statistics:publish", "exports:cancel", "exports:again"),
            *(
                "reconcile:cancel",
                "schedules:change",
                "backfill:declare",
                "backfill:capacity",
                "backfill:panel-date",
            ),
            *("backfill:publish", "data-issues:act", "changes:digest", "changes:webhook", "rental:keep"),
        ),
        ACTION,
    ),
    "exports:progress": "a part of exports:export",
    "reconcile:ledger": "there while a large ledger is compared, for which the sweep has no worker",
    "reconcile:progress": "a part of reconcile:ledger",
    "openid_connect_login": "needs a sign-in service",
    "openid_connect_callback": "needs a sign-in service",
    "demo-inbox": "the demo's alone: 404 elsewhere",
    "demo-mail": "the demo's alone: 404 elsewhere",
    **dict.fromkeys(
        (
            *("mfa_authenticate", "account_reauthenticate", "mfa_reauthenticate"),
            *("mfa_reauthenticate_webauthn", "mfa_deactivate_totp", "mfa_view_recovery_codes"),
            *("mfa_generate_recovery_codes", "mfa_remove_webauthn", "mfa_edit_webauthn"),
        ),
        "with a second step alone: test_second_step.py",
    ),
}
