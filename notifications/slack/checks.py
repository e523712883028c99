"""Checks of Slack: for whoever starts a process without the secret, and for the start page of the backoffice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.core import checks as django_checks
from django.db.models import Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medcover.system import checks_of_services
from medcover.system.checks_of_services import Check, Finding, State
from medcover.system.models import Heartbeat, SiteSettings
from notifications.models import OutboxMessage
from notifications.slack import config

#: The newest post says how things stand, if it is not older than this.
RECENT = timedelta(days=1)
#: A connection that has not been heard of for so long is gone.
LOST_AFTER = timedelta(minutes=1)


def register() -> None:
    """Declare them."""
    django_checks.register(secret_is_there)
    title, url = gettext_lazy("Slack"), "admin:notifications_outboxmessage_changelist"
    checks_of_services.register(Check("slack", title, "megaphone", slack, url))


def secret_is_there(**_kwargs: Any) -> list[django_checks.Warning]:
    """Warn of a token without a way by which Slack's requests could come."""
    if not config.is_on() or config.takes_requests() or config.connects():
        return []
    hint = "Set SLACK_SIGNING_SECRET, or for Socket Mode SLACK_APP_TOKEN and SLACK_SOCKET_MODE_CONNECT=true."
    return [django_checks.Warning("Slack is told, but commands are not taken.", hint=hint, id="notifications.W001")]


def slack() -> Finding:
    """Say whether Slack is told and asks, by one query and without asking Slack."""
    if not config.is_on():
        return Finding(State.UNKNOWN, _("Not configured"), _("Tokens of a Slack app belong into the environment."))
    at = timezone.now()
    recent = OutboxMessage.objects.filter(channel="slack", created_at__gte=at - RECENT)
    newest = recent.order_by("-created_at", "-pk").values("status")[:1]
    beat = Heartbeat.objects.filter(name=config.HEARTBEAT).values("beat_at")
    row = SiteSettings.objects.filter(pk=1).values_list(Subquery(newest), Subquery(beat)).first()
    return judged(*(row or (None, None)), at=at)


def judged(newest: str | None, beat: datetime | None, *, at: datetime) -> Finding:
    """Judge the status of the newest post, and when the connection of Socket Mode was last heard of."""
    return next(_troubles(newest, beat, at), Finding(State.OK, _("OK"), _("Posts leave, commands are taken.")))


def _troubles(newest: str | None, beat: datetime | None, at: datetime) -> Iterator[Finding]:
    """Yield what is wrong, the worst first."""
    if newest == OutboxMessage.Status.FAILED:
        yield Finding(State.ERROR, _("The newest post failed"), _("The outbox says what Slack had against it."))
    if config.connects() and (beat is None or at - beat > LOST_AFTER):
        told = _("Posts leave, but the process for Socket Mode does not run, or does not reach Slack.")
        yield Finding(State.ERROR, _("Not connected"), told)
    if not config.connects() and not config.takes_requests():
        told = _("Posts leave, but commands are not taken: SLACK_SIGNING_SECRET is missing.")
        yield Finding(State.WARNING, _("Only posts"), told)
