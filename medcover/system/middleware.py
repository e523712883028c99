"""Middleware that reads the settings for a request: the site's time zone, and the length of sessions."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.contrib.auth import logout
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from medcover.system.addresses import BARE_PATHS
from medcover.system.models import SiteSettings

#: Where a session keeps when it was renewed, and after how many seconds it is renewed again.
RENEWED, RENEWED_EVERY = "renewed", 60


class SiteMiddleware:
    """Middleware that activates the site's zone and applies the configured session length to every request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request with the settings row at hand as `request.site_settings`."""
        if request.path.startswith(BARE_PATHS):
            return self.get_response(request)
        site = SiteSettings.load()
        request.site_settings = site  # type: ignore[attr-defined]
        _apply_session_length(request, site.session_hours * 3600)
        with timezone.override(ZoneInfo(site.time_zone)), site.hold_for_request():
            return self.get_response(request)


def _apply_session_length(request: HttpRequest, seconds: int) -> None:
    """Only logged-in people get a session row; each use prolongs it, and a changed setting changes its length.

    A shorter length holds for logins of the past as well: who has not been here for longer is logged out.
    """
    if not request.user.is_authenticated:
        return
    before = request.session.get("_session_expiry")
    if before == seconds:
        _renew(request)
    elif before and _idle_seconds(request, before) > seconds:
        logout(request)
    else:
        request.session.set_expiry(seconds)
        _renew(request)


def _renew(request: HttpRequest) -> None:
    """Write the session anew, which puts off its end; not for every picture of a minute's work."""
    now = int(timezone.now().timestamp())
    if now - request.session.get(RENEWED, 0) >= RENEWED_EVERY:
        request.session[RENEWED] = now


def _idle_seconds(request: HttpRequest, length: int) -> float:
    """Return how long ago the session was last used; each use stores when it will expire."""
    row = Session.objects.filter(pk=request.session.session_key).first()
    return (timezone.now() - row.expire_date).total_seconds() + length if row else 0
