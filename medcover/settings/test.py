"""Settings of the tests: quick where it does not matter, strict where it does."""

from __future__ import annotations

from copy import deepcopy

from medcover.embedded_postgres import EmbeddedPostgres
from medcover.settings import base
from medcover.settings.base import *
from medcover.testing import MissingVariable

DEBUG = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
BASE_URL = "http://testserver"

#: Argon2 is slow by design; tests log in hundreds of times.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

#: Not the server beside it with the data that somebody develops with: this one saves the trouble of keeping them.
EMBEDDED_POSTGRES = EmbeddedPostgres(base.VAR_DIR / "postgres-for-tests", disposable=True)
_EMBEDDED = {} if base.env.str("DATABASE_URL", default="") else EMBEDDED_POSTGRES.settings()

#: Tests count their connections and drop their databases: nothing is kept open.
DATABASES = {
    "default": {
        **base.DATABASES["default"],
        **_EMBEDDED,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": False,
        # Two runs side by side in one checkout need databases of their own.
        "TEST": {"NAME": base.env.str("TEST_DATABASE_NAME", default="test_medcover")},
    }
}

TEMPLATES = deepcopy(base.TEMPLATES)
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = MissingVariable(base.BASE_DIR / "templates")

#: Whatever somebody's environment names, no test reads or writes there.
STORAGES = {
    **base.STORAGES,
    "backups": {
        "BACKEND": "medcover.backups.directory.BackupDirectory",
        "OPTIONS": {"location": str(base.VAR_DIR / "backups-of-tests")},
    },
}
BACKUP_KEYS = []
