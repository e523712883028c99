"""Rows of the register of people."""

from roster.models.account import ADDRESS_TAKEN, User, new_token
from roster.models.invitation import Invitation

__all__ = ["ADDRESS_TAKEN", "Invitation", "User", "new_token"]
