"""Domain errors: refusals whose text is meant for people.

A service that cannot do what it was asked raises one of these and changes nothing.
Pages, admin actions and commands show the text; they never need to know the reason's class,
except where the answer differs (a stale form reloads, a forbidden action answers 403).
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class DomainError(Exception):
    """A refusal with a sentence that may be shown to the person who asked."""

    def __init__(self, message: str | Promise) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class NotAllowed(DomainError):
    """The actor lacks the right to do this."""

    def __init__(self, message: str | Promise | None = None) -> None:
        super().__init__(message or _("You do not have permission to do this."))


class StaleRecord(DomainError):
    """The record changed since the actor opened it; nothing was written."""

    def __init__(self, message: str | Promise | None = None) -> None:
        super().__init__(message or _("The record has been changed in the meantime, please reload the page."))


class UnreadableSource(DomainError):
    """A file or text that somebody sent cannot be read as a whole; nothing was done with it."""
