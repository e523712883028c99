"""The worker's recurring jobs: declared in code by each app, kept equal in django-q2's table.

An app registers its jobs when it is ready; after every migrate the schedule rows are made to match, so
no schedule is ever created or forgotten by hand.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from medcover.common.db import one_at_a_time

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


@transaction.atomic
def synchronise() -> None:
    """Make django-q2's schedule rows equal to the registered jobs; rows of other names are left alone.

    A job that is new, or runs another function or at another pace than its row says, is due at once.
    """
    from django_q.models import Schedule

    # Two machines may migrate together; names of schedules are not unique in django-q2's table.
    one_at_a_time("system.jobs")
    ours = Schedule.objects.filter(name__startswith=_PREFIX)
    wanted = {_PREFIX + job.name: job for job in registered()}
    ours.exclude(name__in=wanted).delete()
    for name, job in wanted.items():
        pace = {"func": job.function, "schedule_type": Schedule.MINUTES, "minutes": job.minutes, "repeats": -1}
        if not ours.filter(name=name, **pace).exists():
            ours.filter(name=name).delete()
            Schedule.objects.create(name=name, **pace)


def beat() -> None:
    """Job: note that jobs are done; that the worker's processes live they say themselves (`heartbeat.py`)."""
    from medcover.system.models import Heartbeat

    Heartbeat.beat("jobs", at=timezone.now())
