"""Models of accounts and invitations."""

from roster.models.account import User, address_taken, new_token
from roster.models.erased import ErasedTrace
from roster.models.invitation import Invitation
from roster.models.second_factor import Authenticator, RecoveryCode
from roster.models.signature import Signature

__all__ = [
    "Authenticator",
    "ErasedTrace",
    "Invitation",
    "RecoveryCode",
    "Signature",
    "User",
    "address_taken",
    "new_token",
]
