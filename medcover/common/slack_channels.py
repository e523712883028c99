"""Names of channels and people of Slack: how they are typed, and how they are kept."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LONGEST = 80
#: What stands for a channel whatever it is called.
_KEY = re.compile(r"[CGD][A-Z0-9]{7,}")
_NAME = re.compile(r"#[^\s#@<>&,.!?:;'\"()]{1,79}")


def as_written(text: str) -> str:
    """Return a name in its one form: with its sign, in small letters; a key as it is."""
    tidied = text.strip()
    return tidied if not tidied or _KEY.fullmatch(tidied) else "#" + tidied.lstrip("#").lower()


def validate_channel(text: str) -> None:
    """Refuse what cannot be the name or the key of a channel."""
    if text and not (_KEY.fullmatch(as_written(text)) or _NAME.fullmatch(as_written(text))):
        raise ValidationError(_("Write a channel as Slack shows it, for example #zavady."))


def as_handle(text: str) -> str:
    """Return a person's name in Slack in its one form, with its sign; nothing of what holds nothing else."""
    bare = text.strip().lstrip("@").strip()
    return f"@{bare}"[:LONGEST] if bare else ""
