"""Rows of the register of people."""

from roster.models.account import ADDRESS_TAKEN, User, new_token

__all__ = ["ADDRESS_TAKEN", "User", "new_token"]
