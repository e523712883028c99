"""Which version of the application runs: the number from `VERSION`, the commit from the build."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from django.conf import settings

#: So many characters of a commit tell it from all others.
_SHORT = 12


@cache
def version() -> str:
    """Return the number of the version, for example "0.1.0"."""
    return _line_of("VERSION")


@cache
def commit() -> str:
    """Return the commit that was built, shortened; "" outside a build.

    The build says it in the environment variable GIT_COMMIT, or in a file of that name beside `VERSION`.
    """
    return (os.environ.get("GIT_COMMIT", "").strip() or _line_of("GIT_COMMIT"))[:_SHORT]


def _line_of(name: str) -> str:
    file = Path(settings.BASE_DIR) / name
    return file.read_text(encoding="utf-8").strip() if file.is_file() else ""
