"""Worker jobs of this app."""

from __future__ import annotations

import logging

from django.utils import timezone

from medcover.system import jobs

logger = logging.getLogger(__name__)


def register() -> None:
    """Have the worker look every minute for events that are due; hourly and daily for what can wait."""
    jobs.register(jobs.Job("events.open_due", "events.jobs.open_due", minutes=1))
    jobs.register(jobs.Job("events.complete_due", "events.jobs.complete_due", minutes=1))
    jobs.register(jobs.Job("events.expire_offers", "events.jobs.expire_offers", minutes=1))
    jobs.register(jobs.Job("events.remind", "events.jobs.remind", minutes=5))
    jobs.register(jobs.Job("events.forget_imports", "events.jobs.forget_imports", minutes=60))
    jobs.register(jobs.Job("events.verify_staffing", "events.jobs.verify_staffing", minutes=24 * 60))


def open_due() -> int:
    """Open the sign-ups whose time has come."""
    from events.services import lifecycle

    return lifecycle.open_due(at=timezone.now())


def complete_due() -> int:
    """Complete the events that are over."""
    from events.services import lifecycle

    return lifecycle.complete_due(at=timezone.now())


def expire_offers() -> int:
    """End the offers of places that nobody answered in time."""
    from events.services import waiting

    return waiting.expire_due(at=timezone.now())


def remind() -> int:
    """Remind people of coming duties, and those who plan of places that are still free."""
    from events.services import reminders

    now = timezone.now()
    return reminders.remind_of_duties(at=now) + reminders.remind_of_unfilled(at=now)


def forget_imports() -> int:
    """Forget imports that nobody has finished in time, and what finished ones have reported."""
    from events.season import drafts

    return drafts.forget_expired(at=timezone.now())


def verify_staffing() -> int:
    """Log the events whose stored staffing figures are wrong, and return how many; nothing is repaired silently."""
    from events.services import figures

    found = figures.differences()
    for difference in found:
        logger.error("Staffing figures of event %d are wrong: %s", difference.event_id, difference)
    return len(found)
