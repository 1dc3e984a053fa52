"""Settings that hold everywhere. The environment is read here and in `production`, through environs."""

from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environs import Env, validate

from smi_portal.database.locate import databases
from smi_portal.database.state import state_directory
from smi_portal.settings.files import files_store

env = Env()


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL."""
    return "://".join(urlsplit(url)[:2])


BASE_DIR = Path(__file__).resolve().parents[2]

INSTALLED_APPS = [
    "smi_portal.database",
    "smi_portal.access",
    "smi_portal.audit",
    "smi_portal.accounts",
    "smi_portal.tokens",
    "smi_portal.inventory",
    "smi_portal.lookup",
    "smi_portal.quality",
    "smi_portal.backfill",
    "smi_portal.fair_use",
    "smi_portal.preflight",
    "smi_portal.portfolio",
    "smi_portal.oversight",
    "smi_portal.statistics",
    "smi_portal.data_issues",
    "reports",
    "reports.exports",
    "procrastinate.contrib.django",
    "reports.saved",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_tables2",
    "django_filters",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "smi_portal.audit.origin.KnowOrigin",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "smi_portal.pages.KeepPrivate",
    "smi_portal.pages.OwnNotFound",
    "allauth.account.middleware.AccountMiddleware",
    "smi_portal.accounts.sign_in.middleware.SessionRules",
    "smi_portal.uploads.LimitBody",
    "smi_portal.access.middleware.DenyByDefault",
]

ROOT_URLCONF = "smi_portal.urls"
WSGI_APPLICATION = "smi_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "smi_portal.pages.freshness",
                "smi_portal.accounts.context.demo",
            ],
        },
    },
]

DATABASES = databases()
DATABASE_ROUTERS = ["smi_portal.database.router.OwnerMigrates"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People and sessions
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["smi_portal.accounts.sign_in.backend.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "smi_portal.accounts.sign_in.passwords.NotGuessedFirst"},
]
PASSWORD_RESET_TIMEOUT = 60 * 60  # seconds that a mailed password link works
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 15 * 60  # seconds without a request until a person must sign in again
SESSION_SAVE_EVERY_REQUEST = (
    False  # SessionRules has it saved again while it is used, so that the age counts from then
)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

# Signing in: docs/sign-in.md. Administrators and DCC must use a second step, save in the demo.
SMI_REQUIRE_MFA: bool = env.bool("SMI_REQUIRE_MFA", default=True)
SMI_FRESH_SIGN_IN = 5 * 60  # seconds after signing in in which nobody is asked again who they are
SMI_DEVICE_COOKIE = "smi-browser"
SHOW_DEMO_PEOPLE = False
ACCOUNT_ADAPTER = "smi_portal.accounts.sign_in.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # an address is proved by the invitation that was sent to it
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_FORMS = {
    "login": "smi_portal.accounts.sign_in.forms.SignInForm",
    "change_password": "smi_portal.accounts.sign_in.password_forms.ChangePassword",
    "reset_password": "smi_portal.accounts.sign_in.password_forms.ForgottenPassword",
    "reset_password_from_key": "smi_portal.accounts.sign_in.password_forms.NewPassword",
}
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": None}  # accounts.sign_in.throttle counts these
# How many proxies before the site name the client's address in X-Forwarded-For.
ALLAUTH_TRUSTED_PROXY_COUNT: int = env.int("SMI_TRUSTED_PROXIES", default=0)
MFA_ADAPTER = "smi_portal.accounts.sign_in.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an address is proved by the invitation that was sent to it
MFA_TOTP_ISSUER = "SMI Portal"
MFA_TOTP_TOLERANCE = 1  # steps of 30 seconds that a clock may be wrong
MFA_FORMS = {
    "authenticate": "smi_portal.accounts.sign_in.forms.CodeForm",
    "reauthenticate": "smi_portal.accounts.sign_in.forms.ConfirmCodeForm",
    "add_webauthn": "smi_portal.accounts.sign_in.forms.AddPasskeyForm",
    "authenticate_webauthn": "smi_portal.accounts.sign_in.forms.PasskeyForm",
    "login_webauthn": "smi_portal.accounts.sign_in.forms.SignInPasskeyForm",
    "reauthenticate_webauthn": "smi_portal.accounts.sign_in.forms.ConfirmPasskeyForm",
}

# Single sign-on by OpenID Connect: each service speaks for one organisation (docs/sign-in.md).
SMI_SIGN_IN_SERVICES: list[dict[str, str]] = list(env.json("SMI_SIGN_IN_SERVICES", default=[]))
SOCIALACCOUNT_ADAPTER = "smi_portal.accounts.sign_in.services.ServiceAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = (
    False  # the adapter finds the person itself, within the service's organisation
)
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": service["id"],
                "name": service["name"],
                "client_id": service["client_id"],
                "secret": service["secret"],
                "settings": {"server_url": service["server_url"], "organisation": service["organisation"]},
            }
            for service in SMI_SIGN_IN_SERVICES
        ],
    }
}

# What a browser may do with our pages: load our own files, and nothing else; nothing inline.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        # Signing in through a service leaves by a form: browsers ask where its redirect may lead.
        "form-action": ["'self'", *sorted({origin_of(one["server_url"]) for one in SMI_SIGN_IN_SERVICES})],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

# The most that a request may send, in bytes: refused before anything is read (smi_portal.uploads).
DATA_UPLOAD_MAX_MEMORY_SIZE: int = env.int("SMI_MAX_UPLOAD", default=25_000_000)
# Bytes of a ledger that may be handed in; it goes to disk, never whole into memory.
SMI_MAX_LEDGER: int = env.int("SMI_MAX_LEDGER", default=250_000_000)

# Words, days and times
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# Files of the pages
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]

# The Smart Metering Inventory
# The first day that the reports speak of: the implementation date of the reporting obligation.
SMI_IMPLEMENTATION_DATE: date = env.date("SMI_IMPLEMENTATION_DATE", default=date(2018, 11, 1))
# Bank holidays of the backfill's deadlines: country or country-subdivision, as the holidays package names them.
SMI_WORKING_DAY_CALENDAR: str = env.str("SMI_WORKING_DAY_CALENDAR", default="GB-ENG")
# What day it is to the backfill: "clock", or "extract" for data that stays in the past.
SMI_TODAY: str = env.str("SMI_TODAY", default="clock", validate=validate.OneOf(["clock", "extract"]))

# Audit: where the chains' heads are witnessed outside the database. The keys: see dev and production.
SMI_AUDIT_WITNESS: str = env.str("SMI_AUDIT_WITNESS", default=str(state_directory() / "audit-heads.sqlite3"))
# Fair use: what one person may look up and export in a day (our design; the sector has such caps).
SMI_DAILY_CAPS = {
    "lookups": env.int("SMI_DAILY_LOOKUPS", default=200_000, validate=validate.Range(min=1)),
    "rows": env.int("SMI_DAILY_ROWS", default=5_000_000, validate=validate.Range(min=1)),
}
# DCC's XML schema of DUIS requests, for the pre-flight; empty = requests are read without it.
SMI_DUIS_XSD: str = env.str("SMI_DUIS_XSD", default="")

# Mail: the backfill's reminders. console: prints it; submission://user:password@host:587 sends it.
vars().update(env.dj_email_url("EMAIL_URL", default="console:"))
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", default="smi-portal@localhost")
# The site's own address, for links in mail.
SMI_SITE_URL: str = env.str("SMI_SITE_URL", default="http://127.0.0.1:8000")

# The API: how many requests a minute one person's programs may make; a file counts as ten.
SMI_API_REQUESTS_PER_MINUTE: int = env.int(
    "SMI_API_REQUESTS_PER_MINUTE", default=120, validate=validate.Range(min=1)
)
# Files: kept in the state directory, or in an S3-compatible store when a bucket is named. A bucket must be private;
# access keys come from the store's usual AWS_… variables. No address of a stored file is ever given out.
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "exports": files_store(
        bucket=env.str("SMI_FILES_S3_BUCKET", default=""),
        endpoint=env.str("SMI_FILES_S3_ENDPOINT", default=""),
        region=env.str("SMI_FILES_S3_REGION", default=""),
    ),
}
# Rows up to which a download starts at once; larger ones become jobs.
SMI_DIRECT_ROWS: int = env.int("SMI_DIRECT_ROWS", default=100_000)
# Seconds within which they must have been counted to come at once: what takes longer is better made in the background.
SMI_DIRECT_SECONDS: float = env.float("SMI_DIRECT_SECONDS", default=0.4, validate=validate.Range(min=0.01))
# Downloads that one web process sends while they are made; one more becomes a job. Leave threads for pages.
SMI_DIRECT_AT_ONCE: int = env.int("SMI_DIRECT_AT_ONCE", default=4, validate=validate.Range(min=1))
# Seconds in which a reader must take one piece (some 64 to 256 KB) of a file, or is given up: it holds a thread.
SMI_READER_SECONDS: int = env.int("SMI_READER_SECONDS", default=60, validate=validate.Range(min=1))
# Days for which a finished file is kept; months for the monthly data dump.
SMI_FILE_DAYS: int = env.int("SMI_FILE_DAYS", default=7)
SMI_DUMP_MONTHS: int = env.int("SMI_DUMP_MONTHS", default=13)
# The hour (UTC) from which a day's scheduled files are made.
SMI_SCHEDULE_HOUR: int = env.int("SMI_SCHEDULE_HOUR", default=6, validate=validate.Range(min=0, max=23))
# Fair use: unfinished files of one person; files asked for, and files fetched, by one organisation in 24 hours.
SMI_FILES_AT_ONCE: int = env.int("SMI_FILES_AT_ONCE", default=5)
SMI_FILES_A_DAY: int = env.int("SMI_FILES_A_DAY", default=200)
SMI_FETCHES_A_DAY: int = env.int("SMI_FETCHES_A_DAY", default=1000)
# Whether the change feed's webhooks may go to addresses that are not public, without TLS: for trials only.
SMI_WEBHOOKS_TO_PRIVATE_ADDRESSES: bool = env.bool("SMI_WEBHOOKS_TO_PRIVATE_ADDRESSES", default=False)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("SMI_LOG_LEVEL", default="WARNING")},
}
