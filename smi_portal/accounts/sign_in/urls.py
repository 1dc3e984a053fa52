"""Addresses of signing in and of one's own account. allauth asks for its views by the names they have here."""

from __future__ import annotations

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount.providers.openid_connect import views as services
from django.urls import path, re_path

from smi_portal.access.declare import public, setting_up
from smi_portal.accounts.sign_in import views

#: Nobody has signed in yet: the pages say nothing about who exists.
ENTRANCE = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/", views.sign_in, name="account_login"),
    path("sign-in/code/", public(mfa.authenticate), name="mfa_authenticate"),
    path("sign-in/passkey/", public(webauthn.login_webauthn), name="mfa_login_webauthn"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("sign-out/", views.sign_out, name="account_logout"),
    path("sign-up/", views.by_invitation, name="account_signup"),
    path("account/forgotten/", public(account.password_reset), name="account_reset_password"),
    path("account/forgotten/sent/", public(account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^account/forgotten/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        public(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "account/forgotten/changed/",
        public(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("account/closed/", views.by_invitation, name="account_inactive"),
]

#: One's own account: also for those who have yet to set up the second step that they must use.
OWN = [
    path("account/", views.account, name="account"),
    path("account/password/", setting_up(account.password_change), name="account_change_password"),
    path("account/password/set/", setting_up(account.password_set), name="account_set_password"),
    path("account/confirm/", setting_up(account.reauthenticate), name="account_reauthenticate"),
    path("account/confirm/code/", setting_up(mfa.reauthenticate), name="mfa_reauthenticate"),
    path(
        "account/confirm/passkey/",
        setting_up(webauthn.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/second-step/", setting_up(mfa.index), name="mfa_index"),
    path("account/second-step/app/", setting_up(totp.activate_totp), name="mfa_activate_totp"),
    path("account/second-step/app/code.svg", views.totp_picture, name="totp-picture"),
    path("account/second-step/app/remove/", setting_up(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("account/second-step/codes/", setting_up(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path(
        "account/second-step/codes/new/",
        setting_up(codes.generate_recovery_codes),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/second-step/codes.txt",
        setting_up(codes.download_recovery_codes),
        name="mfa_download_recovery_codes",
    ),
    path("account/second-step/passkeys/", setting_up(webauthn.list_webauthn), name="mfa_list_webauthn"),
    path("account/second-step/passkeys/add/", setting_up(webauthn.add_webauthn), name="mfa_add_webauthn"),
    path(
        "account/second-step/passkeys/<int:pk>/remove/",
        views.remove_passkey,
        name="mfa_remove_webauthn",
    ),
    path(
        "account/second-step/passkeys/<int:pk>/name/",
        setting_up(webauthn.edit_webauthn),
        name="mfa_edit_webauthn",
    ),
    path("account/sessions/", views.sessions, name="usersessions_list"),
]

#: Single sign-on. A service that is not in the settings is 404.
SERVICES = [
    path(
        "account/single-sign-on/<str:provider_id>/login/", public(services.login), name="openid_connect_login"
    ),
    path(
        "account/single-sign-on/<str:provider_id>/login/callback/",
        public(services.callback),
        name="openid_connect_callback",
    ),
    path("account/single-sign-on/cancelled/", views.service_refused, name="socialaccount_login_cancelled"),
    path("account/single-sign-on/error/", views.service_refused, name="socialaccount_login_error"),
    path("sign-up/", views.by_invitation, name="socialaccount_signup"),
    path("account/", views.account, name="socialaccount_connections"),
]

urlpatterns = ENTRANCE + OWN + SERVICES
