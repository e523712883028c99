"""Settings common to every installation, and the one place where the environment is read.

`prod` reads besides what production must not start without. `.env.example` describes every variable.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _
from jinja2 import StrictUndefined

from medcover.embedded_postgres import EmbeddedPostgres
from medcover.settings import backups
from medcover.settings.refusals import (
    SLACK_COMMAND_NAMES,
    reasons_against_login,
    reasons_against_push,
    reasons_against_slack,
    reasons_against_watching,
    refuse,
)

env = environ.Env()

refuse(backups.reasons_against(os.environ))

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var")))

# --- Identity of the installation --------------------------------------------------------------------

#: Known to everybody, so that a checkout runs at once; production refuses to start with it.
SECRET_KEY = env.str("SECRET_KEY", default="insecure-development-key-that-production-refuses-to-start-with")
#: Keys of the past: what they have signed or encrypted is still read, nothing new is made with them.
SECRET_KEY_FALLBACKS: list[str] = [key.strip() for key in env.list("SECRET_KEY_FALLBACKS", default=[]) if key.strip()]
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])

#: Where people reach the site; links in mails begin with it.
BASE_URL = env.str("BASE_URL", default="http://localhost:8000").rstrip("/")
#: Stored with every outgoing mail, so that one can tell a test installation from the real one.
INSTANCE_NAME = env.str("INSTANCE_NAME", default="")

# --- Applications ------------------------------------------------------------------------------------

#: Our own apps, from the bottom floor up (docs/architecture.md).
OWN_APPS = [
    "medcover.system.apps.SystemConfig",
    "notifications.apps.NotificationsConfig",
    "roster.apps.RosterConfig",
    "medcover.backups.apps.BackupsConfig",
    "credentials.apps.CredentialsConfig",
    "events.apps.EventsConfig",
    "equipment.apps.EquipmentConfig",
    "debriefing.apps.DebriefingConfig",
    "reports.apps.ReportsConfig",
]

INSTALLED_APPS = [
    "medcover.backoffice.apps.BackofficeConfig",
    *OWN_APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.forms",
    "auditlog",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "django_htmx",
    "django_otp",
    "django_q",
]

MIDDLEWARE = [
    # Around all others, so that it tells of every answer.
    "medcover.access_log.AccessLog",
    # So far out, their headers are on every answer, errors of the rest included.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "medcover.middleware.PermissionsPolicyMiddleware",
    "medcover.middleware.ReportingEndpointsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "medcover.system.nul_characters.UnstorableCharacters",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "roster.middleware.LanguageMiddleware",
    "roster.middleware.LoginRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "medcover.system.body_limit.BodyLimit",
    "medcover.system.middleware.SiteMiddleware",
    "roster.middleware.SecondFactorMiddleware",
    "medcover.setup.middleware.SetupGuard",
    "medcover.system.refusals.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "medcover.urls"
WSGI_APPLICATION = "medcover.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
    # Only for what a page has dozens of: Django's own engine takes several times as long over them.
    {
        "NAME": "jinja2",
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "jinja2"],
        "OPTIONS": {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined},
    },
]
FORM_RENDERER = "medcover.common.form_renderer.FormRenderer"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
CRISPY_FAIL_SILENTLY = False

SILENCED_SYSTEM_CHECKS = [
    # A lock per account and none per address is the rule: a whole station shares one address.
    "axes.W006",
    # Our own pages may frame each other, nobody else's may frame ours.
    "security.W019",
]

# --- Data --------------------------------------------------------------------------------------------

#: The server that the project brings along; it is started when somebody connects to it.
EMBEDDED_POSTGRES = EmbeddedPostgres(VAR_DIR / "postgres")
#: Connections are kept, not pooled: a pool's threads would not survive the forks of gunicorn and qcluster.
_KEEP_CONNECTION = {"CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", default=600), "CONN_HEALTH_CHECKS": True}

#: What each connection asks the server for. Compiling a statement (jit) pays for reports over millions of rows; ours
#: read some hundred rows by long statements, which took ten times as long to compile as to run. Planning one took as
#: long as running it, too: a plan that does for all values (plan_cache_mode) is made once for a connection, not nine
#: times, and what matters for it stands in the statement itself (`common/prepared.py`). A pooler that does not pass
#: parameters on has to be told so (pgbouncer: ignore_startup_parameters), or this be left empty.
_SERVER_OPTIONS = env.str("DATABASE_SERVER_OPTIONS", default="-c jit=off -c plan_cache_mode=force_generic_plan")


#: A statement that a connection has run this many times is planned by the server once more and then kept there. Behind
#: a pooler that does not keep them apart (pgbouncer before 1.21) this has to be empty; then no statement is kept.
_PREPARE_AFTER = env.str("DATABASE_PREPARE_AFTER", default="1").strip()


def _with_server_options(database: dict[str, Any]) -> dict[str, Any]:
    """Return the entry for DATABASES; what its address says goes behind ours, so that it has the last word."""
    given = database.get("OPTIONS", {})
    found = {**given, "options": " ".join(filter(None, [_SERVER_OPTIONS, given.get("options", "")]))}
    if _PREPARE_AFTER:
        found |= {"server_side_binding": True, "prepare_threshold": int(_PREPARE_AFTER)}
    return {**database, "OPTIONS": {name: value for name, value in found.items() if value != ""}}


DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **_with_server_options(
            env.db("DATABASE_URL") if env.str("DATABASE_URL", default="") else EMBEDDED_POSTGRES.settings()
        ),
        **_KEEP_CONNECTION,
    }
}

#: After a roll-back: serve although the database has migrations that this version does not know.
ALLOW_NEWER_DATABASE = env.bool("ALLOW_NEWER_DATABASE", default=False)

MEDIA_ROOT = VAR_DIR / "media"
#: Mails land here as files as long as no SMTP server is configured.
MAIL_DIR = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="medcover@localhost")
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = MAIL_DIR

#: Notifications in browsers: the key by which push services know this installation, and whom they may write to. Without
#: a key there are none. `manage.py vapid_key` makes one.
VAPID_PRIVATE_KEY = env.str("VAPID_PRIVATE_KEY", default="").strip()
VAPID_SUBJECT = env.str("VAPID_SUBJECT", default="").strip()
#: For tests only: services on this machine, without https, may be sent to.
PUSH_TO_LOCAL_ADDRESSES = False

#: Slack (docs/slack.md): without a token there is none. Requests come by HTTP, which needs the signing secret, or
#: through a connection of ours, which needs the app's token and `manage.py slack_socket`.
SLACK_BOT_TOKEN = env.str("SLACK_BOT_TOKEN", default="").strip()
SLACK_SIGNING_SECRET = env.str("SLACK_SIGNING_SECRET", default="").strip()
SLACK_APP_TOKEN = env.str("SLACK_APP_TOKEN", default="").strip()
SLACK_SOCKET_MODE_CONNECT = env.bool("SLACK_SOCKET_MODE_CONNECT", default=False)
#: Where posts go that have no channel of their own, and where everything else is copied to; empty for no copies.
SLACK_GENERAL_CHANNEL = env.str("SLACK_GENERAL_CHANNEL", default="#general").strip() or "#general"
SLACK_OOPS_CHANNEL = env.str("SLACK_OOPS_CHANNEL", default="#oops").strip()
#: What the commands are called in the workspace.
SLACK_COMMANDS = {
    code: env.str(f"SLACK_COMMAND_{code.upper()}", default=name).strip() or name
    for code, name in SLACK_COMMAND_NAMES.items()
}
#: Slack's own addresses; tests have others.
SLACK_API_URL, SLACK_HOOKS_URL = "https://slack.com/api/", "https://hooks.slack.com/"

#: The static status page: where it is written (docs/operations.md). Without a target there is none.
STATIC_PAGE_PUSH_METHOD = env.str("STATIC_PAGE_PUSH_METHOD", default="local").strip()
STATIC_PAGE_PUSH_TARGET = env.str("STATIC_PAGE_PUSH_TARGET", default="").strip()
CLOUDFRONT_DISTRIBUTION_ID = env.str("CLOUDFRONT_DISTRIBUTION_ID", default="").strip()
#: Where people read it; linked from its page in the backoffice.
STATIC_PAGE_PUBLIC_URL = env.str("STATIC_PAGE_PUBLIC_URL", default="").strip()
#: A server that speaks S3 but is not Amazon's; None is Amazon's own.
AWS_S3_ENDPOINT_URL = env.str("AWS_S3_ENDPOINT_URL", default="").strip() or None

#: How many proxies of ours stand in front; each adds the address that it was asked from to X-Forwarded-For.
TRUSTED_PROXIES = 0

#: No request may bring more, in bytes; what stands in front of the site must not allow less.
REQUEST_BODY_LIMIT = 8 * 1024 * 1024

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(VAR_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "medcover.system.uploads.UploadDirectory"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "backups": backups.storage(env, VAR_DIR / "backups"),
}

#: A JSON file that describes the organisation's own artwork for labels (equipment/labels/template.py); empty: none.
QR_TEMPLATE_CONFIG_PATH = env.str("QR_TEMPLATE_CONFIG_PATH", default="").strip()

#: Keys of archives: the first encrypts new ones, all open old ones. Without any, archives are not encrypted.
BACKUP_KEYS = backups.keys(env)
#: Where pg_dump and pg_restore lie; empty: those of the server's version, of the embedded server, or of the system.
BACKUP_PG_BIN = env.str("BACKUP_PG_BIN", default="").strip()
#: Seconds that one backup, rehearsal or restore may take.
BACKUP_SECONDS = env.int("BACKUP_SECONDS", default=4 * 3600)
#: Where archives lie while they are made or read: about twice the size of one has to fit.
BACKUP_WORK_DIR = env.str("BACKUP_WORK_DIR", default="") or str(VAR_DIR / "backup-work")

# --- Language and time -------------------------------------------------------------------------------

LANGUAGE_CODE = "cs"
LANGUAGES = [("cs", _("Czech")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
#: Dates and times are typed in one way, whatever the language.
FORMAT_MODULE_PATH = ["medcover.formats"]
USE_I18N = True
TIME_ZONE = "Europe/Prague"
USE_TZ = True

# --- People ------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "roster.User"

#: How people log in: with the passwords of their accounts here, or through an OpenID Connect provider.
AUTH_MODE = env.str("AUTH_MODE", default="local").strip()
refuse(
    [
        *reasons_against_login(os.environ),
        *reasons_against_push(os.environ),
        *reasons_against_slack(os.environ),
        *reasons_against_watching(os.environ),
    ]
)

#: Sessions remember their backend: in each mode those of the other one are void.
LOGIN_BACKEND = {"local": "roster.backends.RoleBackend", "oidc": "roster.backends.ProviderBackend"}
AUTHENTICATION_BACKENDS = [
    "roster.lockout.LockoutBackend",
    LOGIN_BACKEND[AUTH_MODE],
    "events.backends.ResponsiblePersonBackend",
    "equipment.backends.CrewBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "roster.validators.MinimumLength", "OPTIONS": {"min_length": 8}},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"

#: Buttons on the login page for the demo accounts; only the development settings show them.
DEVELOPMENT_LOGIN = False

OIDC_ISSUER = env.str("OIDC_ISSUER", default="").strip()
OIDC_DISCOVERY_URL = (
    env.str("OIDC_DISCOVERY_URL", default="").strip() or f"{OIDC_ISSUER.rstrip('/')}/.well-known/openid-configuration"
)
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", default="")
OIDC_SCOPES = env.str("OIDC_SCOPES", default="openid email")
#: "email": the verified address is that of an account; any other claim holds the account's key.
OIDC_PERSON_CLAIM = env.str("OIDC_PERSON_CLAIM", default="email")
#: Where set, the roles that this claim names replace those of the account at each login.
OIDC_ROLES_CLAIM = env.str("OIDC_ROLES_CLAIM", default="")
#: Where people look after their account at the provider; linked from the profile.
OIDC_ACCOUNT_URL = env.str("OIDC_ACCOUNT_URL", default="")

#: Five failures in a row lock the account, whoever tries from wherever; nothing prolongs the lock.
AXES_HANDLER = "roster.lockout.AccountLockHandler"
AXES_USERNAME_CALLABLE = "roster.lockout.login_name"
AXES_LOCKOUT_CALLABLE = "roster.lockout.keep_answer"
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_USERNAME_FORM_FIELD = "username"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
#: Logins are not part of the record, and logs carry no personal data.
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False

SESSION_COOKIE_AGE = int(timedelta(hours=24).total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"

AUDITLOG_LOGENTRY_MODEL = "system.AuditEntry"
#: The library's own table is never made: the record has one of ours, and a second would stand in the way of
#: emptying the others between tests.
MIGRATION_MODULES: dict[str, str | None] = {"auditlog": None}

# --- What browsers are told --------------------------------------------------------------------------

X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-ancestors": [SELF],
        "form-action": [SELF],
        "base-uri": [SELF],
        "object-src": [NONE],
        # To ourselves; the former is read by Firefox and Safari, the latter by Chromium (`Reporting-Endpoints`).
        "report-uri": "/csp-report",
        "report-to": "csp",
    },
}

# --- Who watches over the installation ---------------------------------------------------------------

#: Who may read /metrics: whoever has the token, and whoever asks from these networks. Without either there is none.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="").strip()
METRICS_NETWORKS: list[str] = [network.strip() for network in env.list("METRICS_NETWORKS", default=[])]
#: Where errors and traces are sent; nowhere by default.
SENTRY_DSN = env.str("SENTRY_DSN", default="").strip()
OTEL_EXPORTER_OTLP_ENDPOINT = env.str("OTEL_EXPORTER_OTLP_ENDPOINT", default="").strip()
VERSION = (BASE_DIR / "VERSION").read_text(encoding="utf-8").strip()

# --- The worker --------------------------------------------------------------------------------------

_REDIS_URL = env.str("REDIS_URL", default="")

Q_CLUSTER: dict[str, Any] = {
    "name": "medcover",
    "workers": env.int("WORKER_PROCESSES", default=2),
    "poll": 0.5,
    "timeout": 120,
    "retry": 180,
    # A failed job is not repeated by the queue: each job is due again by its own schedule.
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "recycle": 500,
    "save_limit": 250,
    "label": "django-q2",
    **({"redis": _REDIS_URL} if _REDIS_URL else {"orm": "default"}),
}

# --- Logs --------------------------------------------------------------------------------------------


def logging_as(form: str) -> dict[str, Any]:
    """Return how lines are written: as "text" for people, or as "json" for programs. Both without personal data."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
            "json": {"()": "medcover.common.json_lines.JsonLines"},
        },
        "filters": {
            "feed_tokens": {"()": "medcover.common.logs.HideFeedTokens"},
            "refusals": {"()": "medcover.common.logs.NoTracebackOfRefusals"},
        },
        "handlers": {
            "stdout": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "formatter": form,
                "filters": ["feed_tokens", "refusals"],
            }
        },
        "root": {"handlers": ["stdout"], "level": env.str("LOG_LEVEL", default="INFO")},
        "loggers": {
            # Django's own handlers would print every line a second time, or mail tracebacks with personal data.
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": [], "propagate": True},
            # Scanners send foreign names by the thousand; each is answered 400 and worth no line.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            # Its debugging lines hold secrets of logins.
            "authlib": {"level": "INFO"},
            # So do these, of addresses of people's browsers.
            "urllib3": {"level": "INFO"},
            # And these, of what people write in Slack.
            "slack_bolt": {"level": "CRITICAL"},
            "slack_sdk": {"level": "CRITICAL"},
            # Twenty lines about every type that is put into a PDF.
            "fontTools": {"level": "WARNING"},
            # Letters that the type does not have may be those of a password.
            "fpdf": {"level": "ERROR"},
        },
    }


LOGGING = logging_as(env.str("LOG_FORMAT", default="").strip() or "text")
