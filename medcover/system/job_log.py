"""One log line for each job that the worker has run: which, how long it took, and whether it succeeded."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from medcover.common.request_context import current_job

logger = logging.getLogger("medcover.jobs")

#: When the job at hand was begun; the queue's own start is when it was put there.
_begun_at: ContextVar[float] = ContextVar("when the job was begun", default=0.0)


def connect() -> None:
    """Listen to the queue."""
    from django_q.signals import post_execute_in_worker, pre_execute

    pre_execute.connect(_begun, dispatch_uid="system.job_log.begun")
    post_execute_in_worker.connect(_ended, dispatch_uid="system.job_log.ended")


def _begun(*, task: Mapping[str, Any], **_kwargs: object) -> None:
    current_job.set(task["id"])
    _begun_at.set(time.perf_counter())


def _ended(*, task: Mapping[str, Any], **_kwargs: object) -> None:
    if "stopped" not in task:  # a job that is run at once inside a request
        return
    name, succeeded = function_name(task["func"]), bool(task["success"])
    milliseconds = round((time.perf_counter() - _begun_at.get()) * 1000, 1)
    extra = {"event": "job", "job": name, "succeeded": succeeded, "duration_ms": milliseconds}
    level = logging.INFO if succeeded else logging.WARNING
    logger.log(level, "%s %s %.1f ms", name, "done" if succeeded else "failed", milliseconds, extra=extra)
    current_job.set("")


def function_name(func: Any) -> str:
    """Return the dotted path of what a job calls."""
    return func if isinstance(func, str) else f"{func.__module__}.{func.__qualname__}"
