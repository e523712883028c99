"""Settings of production: everything secret or local comes from the environment, and nothing is guessed."""

from __future__ import annotations

import os

from medcover.settings import base
from medcover.settings.base import *
from medcover.settings.base import env
from medcover.settings.refusals import refuse_unfit

refuse_unfit(os.environ)

DEBUG = False

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
#: Health checks and Prometheus speak plain HTTP from inside.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
if env.bool("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1)

SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True

STORAGES = {**base.STORAGES, "staticfiles": {"BACKEND": "medcover.static_addresses.KnownAddresses"}}

#: Browsers' preload lists bind a domain for years; whoever owns it may ask for that, the program does not.
SILENCED_SYSTEM_CHECKS = [*base.SILENCED_SYSTEM_CHECKS, "security.W021"]

#: Read by programs first.
LOGGING = base.logging_as(env.str("LOG_FORMAT", default="").strip() or "json")
