"""Icons of the sprite that the front-end build writes; `frontend/icons.json` lists them."""

from __future__ import annotations

from functools import lru_cache

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

ICON_SPRITE = "build/icons.svg"

_DECORATION = SafeString('aria-hidden="true"')


def icon(name: str, label: str = "") -> SafeString:
    """Draw one icon of the sprite: decoration without `label`, a picture of that name with it."""
    return _drawn(static(ICON_SPRITE), name, str(label))


@lru_cache(maxsize=1024, typed=True)
def _drawn(sprite: str, name: str, label: str) -> SafeString:
    """Draw it; kept, because a page has dozens of the same few.

    Found by type as well: a text that is safe already must not stand for the same one that is to be escaped.
    """
    return format_html(
        '<svg class="icon" width="16" height="16" focusable="false" {}><use href="{}#{}"></use></svg>',
        format_html('role="img" aria-label="{}"', label) if label else _DECORATION,
        sprite,
        name,
    )
