"""Worker jobs of this app."""

from __future__ import annotations

from django.utils import timezone

from medcover.system import jobs


def register() -> None:
    """Have the worker delete once an hour what has become old."""
    jobs.register(jobs.Job("reports.forget_work_reports", "reports.jobs.forget_work_reports", minutes=60))


def forget_work_reports() -> int:
    """Delete the work reports that were made more than a day ago."""
    from reports import services

    return services.forget_work_reports(at=timezone.now())
