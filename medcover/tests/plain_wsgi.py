"""A program without Django, for tests of what stands in front of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

#: More than the kernel keeps for a connection whose client does not read.
LARGE = b"x" * 12_000_000


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the length of the body, or on /large with much, on /slow after a while."""
    path = environ["PATH_INFO"]
    if path == "/slow":
        time.sleep(0.5)
    announced = int(environ.get("CONTENT_LENGTH") or 0)
    if announced > 10_000_000:
        return _said(start_response, "413 Content Too Large", b"too large")
    body = environ["wsgi.input"].read(announced)
    return _said(start_response, "200 OK", LARGE if path == "/large" else f"{path} {len(body)}".encode())


def _said(start_response: Callable[..., Any], status: str, text: bytes) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "text/plain"), ("Content-Length", str(len(text)))])
    return [text]
