"""Admin of people and invitations; it calls the same services as everywhere."""

from roster.admin.invitation import InvitationAdmin
from roster.admin.person import PersonAdmin

__all__ = ["InvitationAdmin", "PersonAdmin"]
