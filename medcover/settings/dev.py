"""Settings of a checkout on somebody's machine: `manage.py` and `script/server` use them by default."""

from __future__ import annotations

from medcover.settings.base import *

DEBUG = True
ALLOWED_HOSTS = ["*"]
DEVELOPMENT_LOGIN = True

#: Static files are served as they lie in the tree, without a collecting step.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
