"""The worker's recurring jobs: declared in code by each app, kept equal in django-q2's table.

An app registers its jobs when it is ready; after every migrate the schedule rows are made to match, so
no schedule is ever created or forgotten by hand.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

_PREFIX = "job:"


@dataclass(frozen=True)
class Job:
    """A function without arguments, by dotted path, and how often it runs (whole minutes)."""

    name: str
    function: str
    minutes: int


_jobs: dict[str, Job] = {}


def register(job: Job) -> None:
    """Add `job` to those the worker runs; registering the same name again replaces it."""
    _jobs[job.name] = job


def registered() -> list[Job]:
    """Return all jobs in order of name."""
    return [_jobs[name] for name in sorted(_jobs)]


def synchronise() -> None:
    """Create, update and delete django-q2 schedule rows so that they equal the registered jobs."""
    from django_q.models import Schedule

    for job in registered():
        Schedule.objects.update_or_create(
            name=_PREFIX + job.name,
            defaults={"func": job.function, "schedule_type": Schedule.MINUTES, "minutes": job.minutes, "repeats": -1},
        )
    names = [_PREFIX + job.name for job in registered()]
    Schedule.objects.filter(name__startswith=_PREFIX).exclude(name__in=names).delete()


def beat() -> None:
    """Job: note that the worker is alive."""
    from medcover.system.models import Heartbeat

    Heartbeat.beat("worker", at=timezone.now())
