"""Settings of a real site: everything secret or local comes from the environment, and HTTPS is assumed."""

from smi_portal.settings.base import *

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY")
# The first key seals the audit; those after it still verify what was sealed before a change of key.
SMI_AUDIT_KEYS: list[str] = env.list("AUDIT_KEYS", default=[SECRET_KEY])
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
# A program that is led on to HTTPS would go on sending its token in clear, unnoticed: it is refused instead.
SECURE_REDIRECT_EXEMPT = [r"^api/v1/"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=365 * 24 * 60 * 60)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
SMI_DEVICE_COOKIE = "__Host-smi-browser"
if env.bool("BEHIND_HTTPS_PROXY", default=False):
    # Only behind a proxy that sets this header itself: otherwise anyone could claim HTTPS.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

STATIC_ROOT = env.path("STATIC_ROOT", default=BASE_DIR / "staticfiles")
STORAGES["staticfiles"] = {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
