"""The lock of an account after failed logins: django-axes, counting by our rules.

Five failures in a row lock an account for fifteen minutes, whoever tries from wherever; only a success or
an elapsed lock forgets them. Addresses without an account are not counted, and neither the page nor its
pace tells whether an address has one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.backends import AxesStandaloneBackend
from axes.exceptions import AxesBackendPermissionDenied
from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_username
from axes.models import AccessAttempt
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError
from medcover.system import audit
from medcover.system.models import AuditEntry
from roster.models import User
from roster.services import lock_person

#: Stands for "from wherever": one row per account, and no personal data of whoever tries.
ANYWHERE: dict[str, str] = {"ip_address": "::", "user_agent": ""}


class LockoutBackend(AxesStandaloneBackend):
    """Refuses every password of a locked account, as slowly as it refuses a wrong one."""

    def authenticate(
        self, request: HttpRequest, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> None:
        """Raise PermissionDenied when the account is locked; otherwise leave the answer to the next backend."""
        try:
            super().authenticate(request, username, password, **kwargs)
        except AxesBackendPermissionDenied:
            User().set_password(password)
            raise


class AccountLockHandler(AxesDatabaseHandler):
    """Counts failures per account and without a window of time."""

    def user_login_failed(
        self, sender: object, credentials: dict[str, Any], request: HttpRequest, **_kwargs: Any
    ) -> None:
        """Count one failure; attempts during a lock neither count nor prolong it."""
        email = get_client_username(request, credentials)
        if request.axes_locked_out or not User.objects.filter(email=email).exists():  # type: ignore[attr-defined]
            return
        self.clean_expired_user_attempts(request, credentials)
        _count_failure(email, at=request.axes_attempt_time)  # type: ignore[attr-defined]

    def get_user_attempts(
        self, request: HttpRequest, credentials: dict[str, Any] | None = None
    ) -> list[QuerySet[AccessAttempt]]:
        """Return the failures that count now."""
        return [found.exclude(_elapsed(request)) for found in self.filter_user_attempts(request, credentials)]

    def clean_expired_user_attempts(
        self, request: HttpRequest | None = None, credentials: dict[str, Any] | None = None
    ) -> int:
        """Forget the locks that have elapsed; return how many."""
        count: int = AccessAttempt.objects.filter(_elapsed(request)).delete()[0]
        return count


def _elapsed(request: HttpRequest | None) -> Q:
    return Q(failures_since_start__gte=settings.AXES_FAILURE_LIMIT, attempt_time__lte=get_cool_off_threshold(request))


def _count_failure(email: str, *, at: datetime) -> None:
    row, created = AccessAttempt.objects.get_or_create(username=email, **ANYWHERE, defaults={"failures_since_start": 1})
    if not created:
        AccessAttempt.objects.filter(pk=row.pk).update(
            failures_since_start=F("failures_since_start") + 1, attempt_time=at
        )


def login_name(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """Return the one form of the address that somebody tries to log in with."""
    given = (request.POST if credentials is None else credentials).get(settings.AXES_USERNAME_FORM_FIELD)
    return User.objects.normalize_email(given)


def keep_answer(
    _request: HttpRequest, answer: HttpResponseBase, _credentials: Mapping[str, Any] | None
) -> HttpResponseBase:
    """Let a locked account be answered by the login page itself, exactly like a wrong password."""
    return answer


def is_locked(person: User, *, at: datetime | None = None) -> bool:
    """Say whether the person's login is locked at this moment."""
    since = (at or timezone.now()) - settings.AXES_COOLOFF_TIME
    failures = AccessAttempt.objects.filter(username=person.email, attempt_time__gt=since)
    return bool(failures.filter(failures_since_start__gte=settings.AXES_FAILURE_LIMIT).exists())


@transaction.atomic
def unlock(person_id: Any, *, by: Any, at: datetime) -> None:
    """Forget the person's failed logins. Refused when the login is not locked."""
    person = lock_person(person_id)
    if not is_locked(person, at=at):
        raise DomainError(_("The login is not locked."))
    AccessAttempt.objects.filter(username=person.email).delete()
    summary = audit.sentence(_("Login unlocked: %s"), person.name)
    audit.record(person, kind=AuditEntry.Kind.EDIT, by=by, summary=summary)
