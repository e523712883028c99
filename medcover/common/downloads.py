"""Responses with a file made on demand for one reader."""

from __future__ import annotations

from django.http import HttpResponse

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def download(content: bytes, *, name: str, content_type: str = XLSX) -> HttpResponse:
    """Offer `content` as a file called `name` (plain letters, digits, dots, dashes); no cache keeps it."""
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response
