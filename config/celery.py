"""The task queue; its settings are the CELERY_ ones of config/settings/base.py."""

import os

from celery import Celery, signals

from config.env import load
from config.heartbeat import WorkerHeartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"config.settings.{load().HEADFRAME_ENV}")

app = Celery("headframe")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(["registry", "compliance"])
app.steps["worker"].add(WorkerHeartbeat)


@signals.setup_logging.connect
def keep_djangos_logging(**_: object) -> None:
    """Celery sets its own logging up unless somebody listens here."""
