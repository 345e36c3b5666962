"""For the tests: servers of their own, cheap passwords, mail kept in memory."""

import os

# Before the environment is read, and for every process that a test starts.
os.environ["HEADFRAME_ENV"] = "test"

from config import addresses
from config.settings.base import *  # noqa: F403
from config.settings.base import CACHES, REDIS_URL

# Each worker of xdist has its own queue and cache, or one would run the other's tasks.
_NUMBER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
REDIS_URL = addresses.redis_with_database(REDIS_URL, 2 * _NUMBER)
CELERY_BROKER_URL = CELERY_RESULT_BACKEND = addresses.celery_broker(REDIS_URL)
CACHES["default"]["LOCATION"] = addresses.redis_with_database(REDIS_URL, 2 * _NUMBER + 1)

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Straight from the packages: nothing is collected, and a folder that is not there would be warned of.
WHITENOISE_USE_FINDERS = True
# Looked up when asked for: else every client of a test lists all files anew.
WHITENOISE_AUTOREFRESH = True
STATIC_ROOT = None
