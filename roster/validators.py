"""Password validators."""

from __future__ import annotations

from django.contrib.auth.password_validation import MinimumLengthValidator
from django.utils.translation import ngettext


class MinimumLength(MinimumLengthValidator):
    """Django's rule in words of ours: its Czech catalogue does not know the sentence of its own code any more."""

    def get_error_message(self) -> str:
        """Say what would be long enough."""
        words = ngettext(
            "The password is too short. Choose one with at least %d character.",
            "The password is too short. Choose one with at least %d characters.",
            self.min_length,
        )
        return words % self.min_length
