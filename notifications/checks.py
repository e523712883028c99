"""Check of the outbox for the start page of the backoffice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from medcover.common import formats
from medcover.system import checks_of_services
from medcover.system.checks_of_services import Check, Finding, State
from medcover.system.models import SiteSettings
from notifications.models import OutboxMessage

#: Mails are counted over so long.
FIGURES_OF = timedelta(days=1)


def register() -> None:
    """Declare it."""
    title, url = gettext_lazy("Mails of the last 24 hours"), "admin:notifications_outboxmessage_changelist"
    checks_of_services.register(Check("outbox", title, "hourglass-split", outbox, url))


def outbox() -> Finding:
    """Count the mails of the last day by what became of them; the newest one says how things stand now."""
    recent = OutboxMessage.objects.filter(channel="mail", created_at__gte=timezone.now() - FIGURES_OF)
    newest = recent.order_by("-created_at", "-pk").values("status")[:1]
    figures = OutboxMessage.objects.figures(timezone.now() - FIGURES_OF)
    row = SiteSettings.objects.filter(pk=1).values_list(Subquery(newest), Subquery(figures)).first()
    return judged(*(row or (None, None)))


def judged(newest: str | None, figures: dict[str, Any] | None) -> Finding:
    """Judge figures as `OutboxQuerySet.figures` gives them, and the status of the newest mail."""
    if not newest or not figures:
        return Finding(State.UNKNOWN, _("no activity"), _("No mails in the last 24 hours."))
    counts = (
        ngettext("%d sent", "%d sent", figures["sent"]) % figures["sent"],
        ngettext("%d waiting", "%d waiting", figures["pending"]) % figures["pending"],
        ngettext("%d failed", "%d failed", figures["failed"]) % figures["failed"],
    )
    told = [_("In the last 24 hours: %s.") % ", ".join(counts)]
    if figures["last_sent"]:
        told.append(_("The last one was sent on %s.") % _moment(figures["last_sent"]))
    return Finding(*_looks(newest), " ".join(told))


def _looks(newest: str) -> tuple[State, str]:
    if newest == "failed":
        return State.ERROR, _("The newest one failed")
    if newest == "pending":
        return State.WARNING, _("The newest one waits")
    return State.OK, _("OK")


def _moment(text: str) -> str:
    return formats.date_time(datetime.fromisoformat(text), timezone.get_current_timezone())
