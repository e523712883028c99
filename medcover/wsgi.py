"""WSGI application: `gunicorn medcover.wsgi`."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "medcover.settings.dev")

application = get_wsgi_application()
