"""The shape of requests: what the library takes for granted, and breaks over."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs


def is_readable(body: bytes, kind: str) -> bool:
    """Say whether a body is a form, or an object in JSON, and what it holds is made as Slack makes it."""
    try:
        found = _read(body.decode(), kind)
    except (ValueError, RecursionError):
        return False
    if not isinstance(found, dict):
        return False
    if "command" in found and not {"user_id", "trigger_id"} <= found.keys():
        return False
    parts = (found.get(name) for name in ("event", "view", "user", "team"))
    return all(part is None or isinstance(part, (dict, str)) for part in parts) and _has_event(found)


def _read(text: str, kind: str) -> Any:
    if kind == "application/json":
        return json.loads(text)
    form = parse_qs(text)
    return json.loads(form["payload"][0]) if "payload" in form else form


def _has_event(found: dict[str, Any]) -> bool:
    return "event" not in found or isinstance(found["event"], dict)
