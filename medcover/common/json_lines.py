"""Log lines as JSON, one object each, without personal data and secrets as far as a program can tell.

No values of exceptions (a database quotes the row that it refuses), no paths of requests (they may be passwords), no
addresses of mails; of what is told besides, plain values only.
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from datetime import UTC, datetime
from http.client import responses
from itertools import islice
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

from medcover.common.request_context import current_job, current_request, user_id_of

#: Made once: a new encoder for each line took longer than writing it.
_encode = json.JSONEncoder(default=str).encode

_PLAIN = (str, int, float, dict, type(None))
_RESERVED = frozenset({*RESERVED_ATTRS, "request", "event", "server_time"})
_ADDRESS = re.compile(r"[^\s@<>\"'(),;:]+@[^\s@<>\"'(),;:]+")
#: Characters of an event, and frames of an error, at the most.
_LONGEST, _FRAMES = 500, 30


class JsonLines(JsonFormatter):
    """Formatter that writes one JSON object to each line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "event": _event(record),
            **_context(),
            **_told_besides(record),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = described(record.exc_info[1])
        return _encode(line)


def _event(record: logging.LogRecord) -> str:
    event = getattr(record, "event", None) or _words(record)
    text = " ".join(str(event).split())
    return (_ADDRESS.sub("***", text) if "@" in text else text)[:_LONGEST]


def _words(record: logging.LogRecord) -> str:
    if hasattr(record, "request"):
        # Django says why and then the path, or what a suspicious request has sent.
        reason = responses.get(getattr(record, "status_code", 0), "Refused request")
        return str(record.args[0]) if isinstance(record.args, tuple) and record.args else reason
    if record.name == "django-q":
        return record.getMessage().partition(" - ")[0]  # behind it stands what a job has returned or failed with
    return record.getMessage()


def _context() -> dict[str, Any]:
    request, job = current_request.get(), current_job.get()
    found: dict[str, Any] = {"job_id": job} if job else {}
    if request is not None:
        found |= {"request_id": request.request_id, "user_id": user_id_of(request)}  # type: ignore[attr-defined]
    return found


def _told_besides(record: logging.LogRecord) -> dict[str, Any]:
    fields = record.__dict__.items()
    return {name: value for name, value in fields if name not in _RESERVED and isinstance(value, _PLAIN)}


def described(error: BaseException) -> dict[str, Any]:
    """Return what an error is and where it came about, without what it says."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    found: dict[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "at": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    }
    if causes := [type(cause).__qualname__ for cause in islice(_causes(error), 5)]:
        found["causes"] = causes
    return found


def _causes(error: BaseException) -> Any:
    while (cause := error.__cause__ or error.__context__) is not None:
        yield cause
        error = cause
