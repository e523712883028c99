"""Phone numbers: kept as typed, checked by their digits."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_LENGTH = 50
_PHONE = re.compile(r"[0-9]{9}|(?:\+|00)[0-9]{10,15}")
# Something like a number inside a text; whether it is one, `is_phone` says.
_CANDIDATE = re.compile(r"(?<![\w+])(?:\+|00)?[0-9](?:\s?[0-9]){8,16}(?!\w)")


def normalise_phone(text: str) -> str:
    """Return the number as it is stored: as typed, without outer spaces."""
    return text.strip()


def dialable(text: str) -> str:
    """Return the number without any spaces, for a `tel:` link."""
    return "".join(text.split())


def phone_in(text: str) -> str:
    """Return the first phone number inside a text, ready for a `tel:` link; empty when there is none."""
    return next((dialable(found) for found in _CANDIDATE.findall(text) if is_phone(found)), "")


def is_phone(text: str) -> bool:
    """Say whether the text is nine digits, or `+` or `00` with 10 to 15 digits; spaces do not count."""
    return len(text.strip()) <= MAX_LENGTH and _PHONE.fullmatch(dialable(text)) is not None


def validate_phone(value: str) -> None:
    """Raise ValidationError unless the value is a phone number; for model and form fields."""
    if not is_phone(value):
        raise ValidationError(
            _("Enter nine digits, or + (00) followed by 10 to 15 digits."),
            code="invalid_phone",
        )
