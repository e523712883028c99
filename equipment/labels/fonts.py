"""The type that labels are set in: DejaVu Sans Bold, which the front-end build puts beside the other static files."""

from __future__ import annotations

from functools import lru_cache

from django.contrib.staticfiles import finders
from PIL import ImageFont

BOLD = "build/fonts/DejaVuSans-Bold.ttf"


def bold_path() -> str:
    """Return where the type lies. Raises RuntimeError when the front end has not been built."""
    found = finders.find(BOLD)
    if not isinstance(found, str):
        raise RuntimeError(f"{BOLD} is missing: the front end has not been built.")
    return found


@lru_cache(maxsize=64)
def type_of(path: str, size: int) -> ImageFont.FreeTypeFont:
    """Return the type in a file at a size in pixels."""
    return ImageFont.truetype(path, size)
