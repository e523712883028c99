"""What every page may say: icons, moments and numbers in the site's own way."""

from __future__ import annotations

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

#: The sprite that the front-end build writes; `frontend/icons.json` lists its icons.
ICON_SPRITE = "build/icons.svg"


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """One icon of the sprite: decoration without `label`, a picture of that name with it."""
    spoken = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="icon" width="16" height="16" focusable="false" {}><use href="{}#{}"></use></svg>',
        spoken,
        static(ICON_SPRITE),
        name,
    )
