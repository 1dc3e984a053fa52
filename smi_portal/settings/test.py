"""Settings of the tests: as in production where it matters, faster where it does not."""

from smi_portal.settings.base import *

DEBUG = False
SECRET_KEY = "for the tests alone, which hold nothing worth protecting"  # noqa: S105
SMI_AUDIT_KEYS = ["for the tests alone"]
SMI_AUDIT_WITNESS = ":memory:"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
SMI_TODAY = "extract"
SMI_REQUIRE_MFA = False  # tests/accounts/ turns it on; elsewhere people sign in with a word
# A busy machine must not turn a download into a job; tests/exports sets what it tests.
SMI_DIRECT_SECONDS = 30.0
# A quick machine must not run out of its minute's requests; tests/api/test_pace.py sets what it tests.
SMI_API_REQUESTS_PER_MINUTE = 100_000
