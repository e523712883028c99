"""Rules about settings: pure decisions."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from medcover.common.text import tidy

_SEPARATOR = re.compile(r"[\n\r,;]+")


def addresses_in(text: str) -> list[str]:
    """Return the addresses of a list typed with commas, semicolons or new lines; in lower case, each once."""
    parts = (tidy(part).lower() for part in _SEPARATOR.split(text))
    return list(dict.fromkeys(part for part in parts if part))


def validate_addresses(text: str) -> None:
    """Refuse a list that holds something no mail could be sent to: it would look like an exception and be none."""
    for address in addresses_in(text):
        try:
            validate_email(address)
        except ValidationError as error:
            raise ValidationError(_("“%(address)s” is not an e-mail address."), params={"address": address}) from error
