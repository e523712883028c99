"""Whole addresses of our own pages, for whatever is read outside of the browser's page."""

from __future__ import annotations

from django.http import HttpRequest

from medcover.system.models import SiteSettings


def absolute(request: HttpRequest, path: str) -> str:
    """Return the address of `path` at the site's public address, or where this request came in if none is set."""
    site: SiteSettings = request.site_settings  # type: ignore[attr-defined]
    root = site.base_url.rstrip("/") or f"{request.scheme}://{request.get_host()}"
    return root + path
