"""The web server's way in."""

import os

from django.core.wsgi import get_wsgi_application

from config.env import load

# One pooled connection per thread of granian's four; only the web server loads this module.
os.environ.setdefault("HEADFRAME_DB_POOL", "4")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"config.settings.{load().HEADFRAME_ENV}")

application = get_wsgi_application()
