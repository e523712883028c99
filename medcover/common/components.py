"""Components drawn once for what they show and then kept: lists show the same few badges over and over.

What is kept is found by everything that the component says, so nothing kept can be out of date.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

#: More than there are different badges in a year, and than there are filters in use.
_BADGES, _PANELS = 4096, 256


def drawn(template: str, **shown: Any) -> SafeString:
    """Return a component of the templates as it shows these values, which must be hashable."""
    return _kept(_badge, template, shown)


def panel_drawn(template: str, **shown: Any) -> SafeString:
    """Return a component of some kilobytes, as `drawn`; fewer of these are kept."""
    return _kept(_panel, template, shown)


def _kept(draw: Any, template: str, shown: dict[str, Any]) -> SafeString:
    # Whoever edits a template wants to see it.
    found: SafeString = (draw.__wrapped__ if settings.DEBUG else draw)(template, get_language(), **shown)
    return found


def _draw(template: str, _language: str | None, **shown: Any) -> SafeString:
    """Render a component, without the white space that only makes its source readable."""
    return mark_safe(" ".join(get_template(template).render(shown).split()))  # noqa: S308


_badge, _panel = lru_cache(maxsize=_BADGES)(_draw), lru_cache(maxsize=_PANELS)(_draw)
