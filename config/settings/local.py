"""On one machine, as `make run` starts it: plain http, embedded servers, static files straight from the packages."""

from config.settings.base import *  # noqa: F403

WHITENOISE_USE_FINDERS = True
