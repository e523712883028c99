"""Worker jobs of this app."""

from __future__ import annotations

from django.utils import timezone

from medcover.system import jobs


def register() -> None:
    """Have the worker look every hour for people who are to be reminded."""
    jobs.register(jobs.Job("debriefing.remind", "debriefing.jobs.remind", minutes=60))


def remind() -> int:
    """Remind people who have not handed in a debriefing."""
    from debriefing.services import asking

    return asking.remind_due(at=timezone.now())
