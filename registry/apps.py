"""The register: who mines and what they hold. It knows nothing of any law."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "registry"
    verbose_name = "Register"
    default_auto_field = "django.db.models.BigAutoField"
