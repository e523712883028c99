"""Notifications in the backoffice: the outbox, and what is sent at all."""

from notifications.admin import catalogue, outbox

__all__ = ["catalogue", "outbox"]
