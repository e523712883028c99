"""Settings for measuring: production, with floors, and a count of statements in every answer."""

from __future__ import annotations

import os

from medcover.settings.prod import *

MIDDLEWARE = ["medcover.bench.middleware.Measured", "medcover.bench.middleware.Floors", *MIDDLEWARE]

# An address cannot name a socket's directory.
DATABASES["default"]["HOST"] = os.environ["BENCH_SOCKET"]
