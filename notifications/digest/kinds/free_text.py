"""Words of an administrator."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _

from notifications.digest.options import BlockOptions, HtmlField, Options
from notifications.digest.plain_text import text_of
from notifications.digest.registry import BlockKind, Facts


class TextOptions(BlockOptions):
    """The words."""

    content = HtmlField(label=_("Content (HTML)"))


def collect(options: Options, at: datetime) -> Facts:  # noqa: ARG001 - every kind is asked in the same way
    """Return the words as they were typed."""
    return {"content": options["content"]}


def present(facts: Facts) -> dict[str, Any]:
    """Give the words in both forms: what an administrator writes for administrators is trusted as it is."""
    return {"html": mark_safe(facts["content"]), "text": text_of(facts["content"])}  # noqa: S308


KIND = BlockKind(
    code="free_text",
    label=_("Free text"),
    title=_("Note"),
    place=60,
    template="notifications/mail/digest/free_text",
    options=TextOptions,
    collect=collect,
    present=present,
    description=_("Your own words, as HTML."),
)
