"""Worker jobs of the digest."""

from __future__ import annotations

from django.utils import timezone

from medcover.system import jobs


def register() -> None:
    """Have the worker look every hour whether the digest is due, and measure the outbox every quarter of an hour."""
    jobs.register(jobs.Job("notifications.digest", "notifications.digest.jobs.send_digest", minutes=60))
    jobs.register(jobs.Job("notifications.queue_depth", "notifications.digest.jobs.measure_queue", minutes=15))


def send_digest() -> bool:
    """Send the digest if its time has come."""
    from notifications.digest import sending

    return sending.send_if_due(at=timezone.now())


def measure_queue() -> int:
    """Note how many messages wait."""
    from notifications.digest import queue_depth

    return queue_depth.measure(at=timezone.now())
