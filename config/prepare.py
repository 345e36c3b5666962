"""`python -m config.prepare`: what has to be done to the database before the service starts; harmless when done before.

It leaves the words of welcome in `<data>/run/welcome`: the log-in and the headline.
"""

import io
import os
import sys
import time
from typing import Any

import django
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command

from config.env import Env, kept_secret, load
from config.progress import WELCOME, say, tell_time

DEMO_USER = "demo"
SAMPLE_MINERS = 5000
SAMPLE_SEED = 1
# compose.yaml runs the same commands.
STEPS = (
    ("Preparing the database", ("migrate",)),
    ("Loading territories and device models", ("seed",)),
    ("Loading the law", ("law", "load", "--all")),
    ("Setting up roles", ("roles",)),
    ("Setting up schedules", ("schedules",)),
)


def step(title: str, *command: str, **options: Any) -> None:
    started = time.monotonic()
    say(f"{title} …")
    # What these commands print is for those who call them by hand; their progress and errors are shown.
    call_command(*command, stdout=io.StringIO(), **options)
    tell_time(started)


def log_in(env: Env) -> str:
    """The log-in to show. The demo user is made once, and never in production."""
    if env.HEADFRAME_ENV == "production":
        return "Make a first user with `manage.py createsuperuser`."
    password = kept_secret(env.data, "demo_password", 16)
    users = get_user_model()
    user = users.objects.filter(username=DEMO_USER).first()
    if user is None:
        user = users.objects.create_superuser(username=DEMO_USER, email="demo@localhost", password=password)
    known = user.check_password(password)
    return f"Log in as {DEMO_USER} with the password {password if known else 'that you gave it'}"


def prepare(env: Env) -> None:
    for title, command in STEPS:
        step(title, *command, verbosity=0)
    words = log_in(env)
    if env.HEADFRAME_ENV != "production" and not apps.get_model("registry", "Miner").objects.exists():
        sample = ("--miners", str(SAMPLE_MINERS), "--seed", str(SAMPLE_SEED))
        step(f"Making a sample register of {SAMPLE_MINERS} synthetic miners (first start only)", "sample", *sample)
        step("Linking sightings that name nobody", "link")
        step("Computing rates, findings and exposure", "recompute")
        # The worker computes it once it is up, so that nobody waits for it here.
        step("Asking for the estimate of all mining", "estimate", "monthly")
    headline = io.StringIO()
    call_command("headline", stdout=headline)
    welcome = env.data / WELCOME
    welcome.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(os.open(welcome, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(f"{words}\n\n{headline.getvalue()}")


def main() -> None:
    env = load()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"config.settings.{env.HEADFRAME_ENV}")
    django.setup()
    try:
        prepare(env)
    except CommandError as reason:
        sys.exit(str(reason))


if __name__ == "__main__":
    main()
