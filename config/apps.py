"""The wiring as a Django app: it brings the task queue up and registers the checks of the set-up."""

from django.apps import AppConfig

from config import checks
from config.celery import app


class WiringConfig(AppConfig):
    name = "config"
    label = "wiring"
    verbose_name = "Wiring"

    def ready(self) -> None:
        app.set_default()  # tasks that are declared by the apps find their queue in every process
        checks.register_all()
