"""URLs of the site itself: special paths, and absolute URLs for whatever is read outside of the browser."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from medcover.system.models import SiteSettings

#: Answered without asking who it is or how the site is set up, so that they work before and without a database.
BARE_PATHS = ("/healthz", "/readyz", "/metrics", "/csp-report", "/static/", "/sw.js", "/manifest.webmanifest")


def absolute(request: HttpRequest, path: str) -> str:
    """Return the address of `path` at the site's public address, or where this request came in if none is set."""
    site: SiteSettings = request.site_settings  # type: ignore[attr-defined]
    root = site.base_url.rstrip("/") or f"{request.scheme}://{request.get_host()}"
    return root + path


def site_address(site: SiteSettings) -> str:
    """Return the public address of the application where no request tells one, without a slash at its end."""
    return str(site.base_url or settings.BASE_URL).rstrip("/")
