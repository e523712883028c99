"""Worker jobs of this app."""

from __future__ import annotations


def request_reset(email: str) -> None:
    """Send a link to a new password to whoever asked for one, if there is such an account."""
    from roster.services import passwords

    passwords.request_reset(email)
