"""On one machine, as `make run` starts it: plain http, embedded servers, static files straight from the packages."""

from config.settings.base import *  # noqa: F403

# Straight from the packages: nothing is collected, and a folder that is not there would be warned of.
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = None
