"""The outbox, the switches of notifications and the digest in the backoffice."""

from notifications.admin.digest import DigestAdmin
from notifications.admin.outbox import OutboxAdmin, SwitchAdmin

__all__ = ["DigestAdmin", "OutboxAdmin", "SwitchAdmin"]
