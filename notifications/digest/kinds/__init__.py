"""The kinds of blocks about the installation itself, which lies below this app and cannot declare them."""

from __future__ import annotations

from notifications.digest import registry


def register() -> None:
    """Add them."""
    from notifications.digest.kinds import audit, backups, feedback, free_text, statistics

    registry.register(statistics.KIND, audit.LOG, feedback.KIND, free_text.KIND, backups.KIND, audit.ACTIVITY)
