"""Playing a login through an OpenID Connect provider."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY

from medcover.settings import base

LOGIN = "/login/"
CALLBACK = "/login/oidc/callback/"
EMAIL = {"email": "petr@example.org", "email_verified": True}


def use_mode(settings: Any, mode: str) -> None:
    """Let people log in that way: local or oidc."""
    settings.AUTH_MODE = mode
    backends = base.AUTHENTICATION_BACKENDS
    settings.AUTHENTICATION_BACKENDS = [
        base.LOGIN_BACKEND[mode] if backend in base.LOGIN_BACKEND.values() else backend for backend in backends
    ]


def start(client, **query) -> str:
    """Go to the login; return the address at the provider."""
    answer = client.get(LOGIN, query)
    assert answer.status_code == 302
    return str(answer["Location"])


def come_back(client, provider, address: str, **claims):
    return client.get(CALLBACK, provider.log_in(address, **{**EMAIL, **claims}))


def log_in(client, provider, **claims):
    return come_back(client, provider, start(client), **claims)


def is_logged_in(client) -> bool:
    return SESSION_KEY in client.session


def shows(answer, template: str, status: int) -> bool:
    return answer.status_code == status and f"registration/{template}.html" in [t.name for t in answer.templates]
