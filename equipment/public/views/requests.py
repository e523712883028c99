"""What the public views share: that the pages are switched on, and the item behind a code."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone

from equipment.status_board import Line, line_by_code
from medcover.system.models import SiteSettings

View = Callable[..., HttpResponseBase]


def public_page(view: View) -> View:
    """Answer everybody, unless the public pages are switched off; nothing is kept by browsers and proxies."""

    @login_not_required
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not SiteSettings.current().public_pages:
            raise Http404
        response = view(request, *args, **kwargs)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return answered


def shown_line(code: str) -> Line:
    """Return the item with exactly this code and how it stands, or answer that there is none."""
    line = line_by_code(code, timezone.now())
    if line is None:
        raise Http404
    return line
