"""Settings of a developer's machine and of the demo: local addresses, plain files, a key of this checkout."""

from smi_portal.database.state import secret
from smi_portal.settings.base import *

# The demo is seeded with DEBUG on and served with it off, so that people meet the real error pages.
DEBUG = env.bool("SMI_DEBUG", default=True)
SECRET_KEY = secret("django")
SMI_AUDIT_KEYS = [secret("audit")]
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
INTERNAL_IPS = ["127.0.0.1"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
SHOW_DEMO_PEOPLE = True  # on the sign-in page, also while the demo is served with DEBUG off
# Signing in to the demo is one step, and its mail goes to the page /inbox/.
SMI_REQUIRE_MFA = env.bool("SMI_REQUIRE_MFA", default=False)
if not env.str("EMAIL_URL", default=""):
    EMAIL_BACKEND = "smi_portal.accounts.inbox.backend.DemoInbox"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True  # passkeys on http://localhost
SMI_TODAY = env.str("SMI_TODAY", default="extract")  # the demo's data stays in 2019
