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

#: More than there are different badges in a year.
_KEPT = 4096


def drawn(template: str, **shown: Any) -> SafeString:
    """Return a component of the templates as it shows these values, which must be hashable."""
    draw = _draw.__wrapped__ if settings.DEBUG else _draw  # whoever edits a template wants to see it
    return draw(template, get_language(), **shown)


@lru_cache(maxsize=_KEPT)
def _draw(template: str, _language: str | None, **shown: Any) -> SafeString:
    """Render a component, without the white space that only makes its source readable."""
    return mark_safe(" ".join(get_template(template).render(shown).split()))  # noqa: S308
