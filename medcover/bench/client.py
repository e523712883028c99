"""HTTP client as far as measuring needs one: a kept connection with somebody's session."""

from __future__ import annotations

import http.client
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from medcover.bench.middleware import DATABASE_MS, STATEMENTS
from medcover.system.middleware import RENEWED
from medcover.system.models import SiteSettings
from roster.models import User

HOST = "bench.medcover.example"
_FORM = "application/x-www-form-urlencoded"


def cookies_of(person: User) -> str:
    """Log the person in, past the login page as Django does it, and return what their browser would send."""
    session = SessionStore()
    session.update(
        {
            SESSION_KEY: str(person.pk),
            BACKEND_SESSION_KEY: settings.LOGIN_BACKEND[settings.AUTH_MODE],
            HASH_SESSION_KEY: person.get_session_auth_hash(),
            "_session_expiry": SiteSettings.load().session_hours * 3600,
            RENEWED: int(timezone.now().timestamp()),
        }
    )
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={_TOKEN}"


def end_sessions() -> None:
    """Log everybody out."""
    Session.objects.all().delete()


#: The cookie's secret and what a form sends may be the same text.
_TOKEN = secrets.token_hex(16)


@dataclass(frozen=True)
class Answer:
    """What came back, and how long that took."""

    status: int
    body: bytes
    seconds: float
    headers: Any

    @property
    def statements(self) -> int:
        """How many statements the answer has cost."""
        return int(self.headers.get(STATEMENTS, 0))

    @property
    def database_ms(self) -> float:
        """How long the database took for them."""
        return float(self.headers.get(DATABASE_MS, 0))


class Client:
    """One connection, kept, as long as the server keeps it."""

    def __init__(self, port: int, cookies: str = "", **headers: str) -> None:
        self._link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Host": HOST, "X-Forwarded-Proto": "https", "Referer": f"https://{HOST}/", "Cookie": cookies}
        self._headers |= headers

    def get(self, path: str) -> Answer:
        """Ask for a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, **fields: str) -> Answer:
        """Send a form."""
        return self._ask("POST", path, urlencode({"csrfmiddlewaretoken": _TOKEN, **fields}))

    def send(self, path: str, body: str, content_type: str) -> Answer:
        """Send something else than a form."""
        return self._ask("POST", path, body, content_type)

    def close(self) -> None:
        """Close the connection."""
        self._link.close()

    def _ask(self, method: str, path: str, body: str | None, content_type: str = _FORM) -> Answer:
        try:
            return self._once(method, path, body, content_type)
        except (http.client.RemoteDisconnected, ConnectionError):
            if method != "GET":
                raise
            self._link.close()  # the server had waited long enough for the next request
            return self._once(method, path, body, content_type)

    def _once(self, method: str, path: str, body: str | None, content_type: str) -> Answer:
        headers = dict(self._headers)
        if body is not None:
            headers["Content-Type"] = content_type
        begun = time.perf_counter()
        self._link.request(method, path, body=body, headers=headers)
        response = self._link.getresponse()
        content = response.read()
        return Answer(response.status, content, time.perf_counter() - begun, response.headers)
