"""Words of an administrator."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from notifications.digest.options import BlockOptions, HtmlField, Options
from notifications.digest.registry import BlockKind, Facts


class TextOptions(BlockOptions):
    """The words."""

    content = HtmlField(label=_("Content (HTML)"))


def collect(options: Options, at: datetime) -> Facts:  # noqa: ARG001 - every kind is asked in the same way
    """Return the words as they were typed."""
    return {"content": options["content"]}


KIND = BlockKind(
    code="free_text",
    label=_("Free text"),
    title=_("Note"),
    place=60,
    template="notifications/digest/free_text",
    options=TextOptions,
    collect=collect,
    description=_("Your own words, as HTML."),
)
