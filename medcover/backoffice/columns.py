"""Helpers for columns of change lists: badges, ticks, sorting."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.db.models.expressions import OrderBy
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString

from medcover.common.icons import icon


def badge(kind: str, icon_name: str, words: str | Promise) -> SafeString:
    """A state as colour, icon and word; `kind` names a class `badge-…` of the style sheet."""
    return format_html('<span class="badge badge-{}">{} {}</span>', kind, icon(icon_name), words)


def tick(words: str | Promise) -> SafeString:
    """A tick that a screen reader says as `words`."""
    return icon("check-lg", str(words))


class NothingLast(F):
    """A column to sort by, in which rows without a value come last in both directions."""

    def asc(self, **kwargs: Any) -> OrderBy:
        """Smallest first."""
        return super().asc(**{**kwargs, "nulls_last": True})

    def desc(self, **kwargs: Any) -> OrderBy:
        """Greatest first."""
        return super().desc(**{**kwargs, "nulls_last": True})
