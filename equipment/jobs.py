"""Worker jobs of this app."""

from __future__ import annotations

from django.utils import timezone

from medcover.system import jobs

_DAY = 24 * 60


def register() -> None:
    """Have the worker forget once a day who has reported what is long repaired."""
    jobs.register(jobs.Job("equipment.forget_reporters", "equipment.jobs.forget_reporters", minutes=_DAY))


def forget_reporters() -> int:
    """Take the contacts of strangers off repairs that have been closed for as long as the settings say."""
    from equipment.services.repairs import strangers

    return strangers.forget_reporters(at=timezone.now())
