"""Check of return addresses (`next`) that a browser sends; all of them pass it."""

from __future__ import annotations

import unicodedata

from django.utils.http import url_has_allowed_host_and_scheme


def safe_next(request_host: str, url: str | None, default: str) -> str:
    """Return `url` if it is a plain path on this site, otherwise `default`.

    Followed: "/events/?page=2". Not followed: anything with a scheme or host, "//host", paths without the leading
    slash, and whatever browsers read differently than we do (backslashes, control characters, outer spaces).
    """
    return url if url and _is_own_path(request_host, url) else default


def _is_own_path(request_host: str, url: str) -> bool:
    if not url.startswith("/") or url.startswith("//"):
        return False
    if "\\" in url or url != url.strip() or any(unicodedata.category(char) in {"Cc", "Cs"} for char in url):
        return False
    return url_has_allowed_host_and_scheme(url, allowed_hosts={request_host})
