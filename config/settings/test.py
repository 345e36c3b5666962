"""For the tests: servers of their own, cheap passwords, mail kept in memory."""

import os

# Before the environment is read, and for every process that a test starts.
os.environ["HEADFRAME_ENV"] = "test"

from config.settings.base import *  # noqa: F403

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# Straight from the packages: nothing is collected, and a folder that is not there would be warned of.
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = None
