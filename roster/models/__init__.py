"""Rows of the register of people."""

from roster.models.account import ADDRESS_TAKEN, User, new_token
from roster.models.invitation import Invitation
from roster.models.second_factor import Authenticator, RecoveryCode
from roster.models.signature import Signature

__all__ = ["ADDRESS_TAKEN", "Authenticator", "Invitation", "RecoveryCode", "Signature", "User", "new_token"]
