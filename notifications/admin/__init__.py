"""Notifications in the backoffice: the outbox, what is sent at all, and the digest."""

from notifications.admin import catalogue, digest, outbox

__all__ = ["catalogue", "digest", "outbox"]
