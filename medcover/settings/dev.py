"""Settings of a checkout on somebody's machine: `manage.py` and `script/server` use them by default."""

from __future__ import annotations

from medcover.settings import base
from medcover.settings.base import *

DEBUG = True
ALLOWED_HOSTS = ["*"]
DEVELOPMENT_LOGIN = True

#: Static files are served as they lie in the tree, without a collecting step.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True

#: A checkout writes its static page beside its other files.
if base.STATIC_PAGE_PUSH_METHOD == "local":
    STATIC_PAGE_PUSH_TARGET = base.STATIC_PAGE_PUSH_TARGET or str(base.VAR_DIR / "static-page")
