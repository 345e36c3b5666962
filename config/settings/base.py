"""Settings that every environment shares; what differs comes from the environment's variables."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from config import __version__, addresses, embedded
from config.env import PROJECT, kept_secret, load
from config.logs import logging_settings
from config.settings.unfold import UNFOLD as UNFOLD

ENV = load()
BASE_DIR = PROJECT
DATA_DIR = ENV.data

SECRET_KEY = ENV.SECRET_KEY or kept_secret(DATA_DIR, "secret_key")
DEBUG = False
# The machine itself always may ask: /healthz is read from inside the container.
ALLOWED_HOSTS = [*ENV.HEADFRAME_HOSTS, "127.0.0.1", "localhost"]
CSRF_TRUSTED_ORIGINS = list(ENV.HEADFRAME_CSRF_ORIGINS)

INSTALLED_APPS = [
    "config.apps.WiringConfig",
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "pgtrigger",
    "pghistory",
    "registry.apps.RegistryConfig",
    "compliance.apps.ComplianceConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.requests.without_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Notes on every recorded change who made it and by which address.
    "pghistory.middleware.HistoryMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASE = addresses.database_settings(embedded.database_url(ENV))
if ENV.HEADFRAME_DB_POOL:
    # For the web server alone: the pool limits what its threads may open. A pool's threads do not survive a fork, so
    # the prefork worker has none, and neither have commands, which use one connection anyway.
    DATABASE["CONN_MAX_AGE"] = 0
    DATABASE["OPTIONS"]["pool"] = {"min_size": 1, "max_size": ENV.HEADFRAME_DB_POOL, "timeout": 5}
else:
    DATABASE["CONN_MAX_AGE"] = 60
    DATABASE["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": DATABASE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = embedded.redis_url(ENV)
_CACHE_DATABASE = addresses.redis_database(REDIS_URL) + 1
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": addresses.redis_with_database(REDIS_URL, _CACHE_DATABASE),
        "KEY_PREFIX": "headframe",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 2},
    }
}

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = ENV.HEADFRAME_TIME_ZONE

STATIC_URL = "/static/"
STATIC_ROOT: Path | None = PROJECT / "staticfiles"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# A register of a million rows is a file of some 200 MB; it goes to disk, not to memory.
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024**2
FILE_UPLOAD_PERMISSIONS = 0o600

_mail = urlsplit(ENV.EMAIL_URL)
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if ENV.EMAIL_URL else 'dummy'}.EmailBackend"
EMAIL_HOST = _mail.hostname or ""
EMAIL_PORT = _mail.port or (465 if _mail.scheme == "smtps" else 25)
EMAIL_HOST_USER = unquote(_mail.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
EMAIL_USE_SSL = _mail.scheme == "smtps"
EMAIL_USE_TLS = not EMAIL_USE_SSL and _mail.query == "tls=1"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = SERVER_EMAIL = ENV.HEADFRAME_EMAIL_FROM

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging_settings(level=ENV.HEADFRAME_LOG_LEVEL, as_json=ENV.HEADFRAME_ENV == "production")

SESSION_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "registry.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["registry.api.permissions.ModelPermissions"],
    "DEFAULT_PAGINATION_CLASS": "registry.api.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": [
        "django_filters.rest_framework.DjangoFilterBackend",
        "registry.api.ordering.KeysetOrdering",
    ],
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "registry.api.renderers.CSVRenderer",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "registry.api.problems.problem_handler",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Headframe",
    "DESCRIPTION": (
        "The register of crypto-miners, what the law makes of it, and how much of the mining is registered at all."
    ),
    "VERSION": __version__,
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    # Many nouns have a field named kind or status; without names of their own they would be told apart by numbers.
    "ENUM_NAME_OVERRIDES": {
        "MinerKind": "registry.choices.MinerKind",
        "TerritoryKind": "registry.choices.TerritoryKind",
        "RegisterKind": "registry.choices.RegisterKind",
        "RegistrationStatus": "registry.choices.RegistrationStatus",
        "SightingKind": "registry.choices.SightingKind",
        "ImportStatus": "registry.choices.ImportStatus",
        "ListKind": "registry.choices.ListKind",
        "LinkStatus": "registry.choices.LinkStatus",
        "ClaimVerdict": [(word, word) for word in ("inside", "below", "above", "overlaps", "not_compared")],
        "Verdict": "registry.choices.Verdict",
        "ImpedimentKind": "registry.choices.ImpedimentKind",
        "LandUse": "registry.choices.LandUse",
        "Offender": "compliance.choices.Offender",
        "MoneyFact": "compliance.choices.MoneyFact",
        "SanctionKind": "compliance.choices.SanctionKind",
        "NormKind": "compliance.choices.NormKind",
        "ActStatusName": "compliance.choices.ActStatusName",
        "BookKind": "compliance.choices.BookKind",
        "Occurrence": "compliance.choices.Occurrence",
        "CaseStatus": "compliance.choices.CaseStatus",
        "FineStatus": "compliance.choices.FineStatus",
        "EstimateKind": "compliance.choices.EstimateKind",
        "Grade": "compliance.choices.Grade",
        "RunKind": "compliance.choices.RunKind",
        "RunStatus": "compliance.choices.RunStatus",
    },
}

# A task is acknowledged when it is done and given back when its worker dies: tasks must be safe to repeat.
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TRACK_STARTED = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_TIMEZONE = TIME_ZONE
CELERY_BROKER_URL = CELERY_RESULT_BACKEND = addresses.celery_broker(REDIS_URL)
CELERY_RESULT_EXPIRES = 24 * 3600
# Whoever publishes (a clerk's form, an import) must not wait for a broker that is gone: two quick attempts, then an
# error. The worker itself reconnects for ever.
_PUBLISH_RETRY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.1}
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    **_PUBLISH_RETRY,
}
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"retry_policy": {**_PUBLISH_RETRY, "timeout": 5.0}}
CELERY_TASK_PUBLISH_RETRY_POLICY = _PUBLISH_RETRY
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_BEAT_SCHEDULER = "config.beat.Scheduler"
# Totals are refreshed every second or oftener, and the default pause of the scheduler is five.
CELERY_BEAT_MAX_LOOP_INTERVAL = 0.25
