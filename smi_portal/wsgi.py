"""The WSGI application that gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application

from smi_portal.database.locate import ensure_running

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smi_portal.settings.production")
ensure_running()
application = get_wsgi_application()
