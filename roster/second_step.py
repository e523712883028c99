"""Second step of a login, as the session knows it.

Between the password and the code it remembers who is about to log in, and is nobody's yet.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from roster.models import User

#: How long the code may take after the password.
LASTS = timedelta(minutes=10)

_KEY = "second_step"


def remember(request: HttpRequest, person: User) -> None:
    """Note that the person's password was right. A session planted in this browser does not come to hold it."""
    request.session.cycle_key()
    request.session[_KEY] = {
        "person": str(person.pk),
        "hash": person.get_session_auth_hash(),
        "at": timezone.now().isoformat(),
    }


def person_of(request: HttpRequest) -> User | None:
    """Return who gave the password here; None when too long ago, or when account or password changed since."""
    noted: dict[str, Any] | None = request.session.get(_KEY)
    if noted is None or timezone.now() - datetime.fromisoformat(noted["at"]) > LASTS:
        return None
    person: User | None = User.objects.active().filter(pk=noted["person"]).first()
    if person is None or not constant_time_compare(noted["hash"], person.get_session_auth_hash()):
        return None
    return person


def lacks_factor(request: HttpRequest) -> bool:
    """Say whether the backoffice is closed to this session until a second factor has been proven.

    Never where people log in through a provider: what it asks of them is its own matter.
    """
    if settings.AUTH_MODE == "oidc":
        return False
    required = request.site_settings.backoffice_requires_second_factor  # type: ignore[attr-defined]
    return bool(required and not request.user.is_verified())  # type: ignore[union-attr]


def forget(request: HttpRequest) -> None:
    """Begin again with the password."""
    request.session.pop(_KEY, None)
