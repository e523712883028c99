"""Lockout of an account after failed logins: django-axes, counting by our rules.

Five failures in a row lock an account for fifteen minutes, whoever tries from wherever; only a success or
an elapsed lock forgets them. Addresses without an account are not counted, and neither the page nor its
pace tells whether an address has one.

An attempt counts as failed before it is judged, and is taken back when it was none. Of many attempts at once no more
are judged than the lock allows, without anybody waiting for anybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from axes.attempts import get_cool_off_threshold
from axes.backends import AxesStandaloneBackend
from axes.exceptions import AxesBackendPermissionDenied
from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db import connection, transaction
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
            email = User.objects.normalize_email(username)
            if User.objects.filter(email=email).exists() and not begin_attempt(email):
                raise AxesBackendPermissionDenied
        except AxesBackendPermissionDenied:
            User().set_password(password)
            raise


class AccountLockHandler(AxesDatabaseHandler):
    """Reads failures per account and without a window of time; they are counted before (`begin_attempt`)."""

    def user_login_failed(
        self, sender: object, credentials: dict[str, Any], request: HttpRequest, **_kwargs: Any
    ) -> None:
        """Count nothing: the attempt has been counted when it began."""

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
    return _over(get_cool_off_threshold(request))


def _over(threshold: datetime) -> Q:
    """SQL condition: a lock that began by then and is over."""
    return Q(failures_since_start__gte=settings.AXES_FAILURE_LIMIT, attempt_time__lte=threshold)


_BEGIN = """
INSERT INTO axes_accessattempt AS attempt
    (username, ip_address, user_agent, http_accept, path_info, get_data, post_data, attempt_time, failures_since_start)
VALUES (%(email)s, %(ip_address)s, %(user_agent)s, '', '', '', '', %(at)s, 1)
ON CONFLICT (username, ip_address, user_agent) DO UPDATE SET
    attempt_time = excluded.attempt_time,
    failures_since_start =
        CASE WHEN attempt.failures_since_start >= %(limit)s THEN 1 ELSE attempt.failures_since_start + 1 END
WHERE attempt.failures_since_start < %(limit)s OR attempt.attempt_time <= %(over)s
"""


def begin_attempt(email: str, *, at: datetime | None = None) -> bool:
    """Count an attempt to log in to this account as failed; False, and nothing counted, while it is locked.

    One statement: whoever comes at the same time waits for the row, and nobody finds it gone in between.
    """
    moment = at or timezone.now()
    over = moment - settings.AXES_COOLOFF_TIME
    facts: dict[str, Any] = {
        "email": email,
        **ANYWHERE,
        "at": moment,
        "limit": settings.AXES_FAILURE_LIMIT,
        "over": over,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, facts)
        return bool(cursor.rowcount)


def end_attempt(email: str) -> None:
    """Take back what `begin_attempt` has counted: the attempt did not fail. The row stays, for others count in it."""
    counted = AccessAttempt.objects.filter(username=email, failures_since_start__gt=0)
    counted.update(failures_since_start=F("failures_since_start") - 1)


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
    """Delete the person's failed logins. Refused when the login is not locked."""
    person = lock_person(person_id)
    if not is_locked(person, at=at):
        raise DomainError(_("The login is not locked."))
    AccessAttempt.objects.filter(username=person.email).delete()
    summary = audit.sentence(_("Login unlocked: %s"), person.name)
    audit.record(person, kind=AuditEntry.Kind.EDIT, by=by, summary=summary)
