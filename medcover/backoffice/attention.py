"""Start page of the backoffice: what needs somebody today.

Each section is one read of the domain, shown to whoever could do something about it. The number of queries is
fixed: a count and the first few rows per section.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Subquery
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from events import overview
from medcover.backoffice.columns import badge
from medcover.backups import digest as backups
from medcover.common import formats
from medcover.system.health import Pulse, pulse
from medcover.system.models import Heartbeat, SiteSettings
from notifications.models import OutboxMessage

#: So many rows are shown of each section; the rest are behind its link.
SHOWN = 5

#: Mails are counted over so long.
FIGURES_OF = timedelta(days=1)


@dataclass(frozen=True)
class Row:
    """One line: when, what as a link, and what is missing."""

    when: str
    label: str
    url: str
    note: SafeString | str = ""


@dataclass(frozen=True)
class Kind:
    """One sort of trouble on the start page: who may do something about it, and how it is read."""

    code: str
    title: Promise
    #: What is said in its place when there is none.
    calm: Promise
    icon: str
    permission: str
    rows: Callable[[datetime], Any]
    row: Callable[[Any], Row]
    list_url: str
    query: dict[str, str]


@dataclass(frozen=True)
class Section:
    """A sort of trouble that exists: how often, where the whole list is, and the first rows."""

    kind: Kind
    count: int
    url: str
    rows: list[Row]


def context(request: HttpRequest) -> dict[str, Any]:
    """Return what the start page shows: `sections`, and `calm`, the sentences on what is in order."""
    now = timezone.now()
    kinds = [kind for kind in KINDS if request.user.has_perm(kind.permission)]
    sections = [_section(kind, now) for kind in kinds]
    return {
        "sections": [section for section in sections if section.count],
        "calm": [section.kind.calm for section in sections if not section.count],
        "operation": list(_operation(request, now)),
    }


def _section(kind: Kind, now: datetime) -> Section:
    found = kind.rows(now)
    count = found.count()
    url = reverse(f"admin:{kind.list_url}_changelist", query=kind.query)
    return Section(kind, count, url, [kind.row(row) for row in found[:SHOWN]] if count else [])


# --- rows ------------------------------------------------------------------------------------------------


def _moment(at: datetime | None) -> str:
    return formats.date_time(at, timezone.get_current_timezone())


def _day_and_time(at: datetime) -> str:
    local = at.astimezone(timezone.get_current_timezone())
    return f"{formats.short_day(local.date())} {local:%H:%M}"


def _event_row(event: Any) -> Row:
    return Row(_day_and_time(event.start), event.name, reverse("admin:events_event_change", args=[event.pk]))


def _short_row(event: Any) -> Row:
    # That people are missing is what the heading says.
    shown = {"staffing": event.staffing, "long": False, "bare": True}
    note = render_to_string("components/staffing_badge.html", shown)
    url = reverse("admin:events_event_change", args=[event.pk])
    return Row(_day_and_time(event.start), event.name, url, note)


def _mail_row(message: Any) -> Row:
    url = reverse("admin:notifications_outboxmessage_change", args=[message.pk])
    return Row(_moment(message.created_at), message.subject, url, message.to_email)


def _person_row(person: Any) -> Row:
    url = reverse("admin:roster_user_change", args=[person.pk])
    return Row(_moment(person.created), person.name, url, person.email)


def _failed(_now: datetime) -> Any:
    return OutboxMessage.objects.failed().order_by("-created_at")


def _waiting(_now: datetime) -> Any:
    return get_user_model().objects.waiting().order_by("-created")


KINDS = (
    Kind(
        "leaderless",
        gettext_lazy("Without a responsible person in the next 7 days"),
        gettext_lazy("Every event of the next 7 days has its responsible person."),
        "person-x",
        "events.set_responsible_person",
        overview.leaderless,
        _event_row,
        "events_event",
        {"leaderless": "yes", "time": "7"},
    ),
    Kind(
        "short",
        gettext_lazy("Short of people in the next 30 days"),
        gettext_lazy("No event of the next 30 days is short of people."),
        "people",
        "events.assign_other",
        overview.short_staffed,
        _short_row,
        "events_event",
        {"short": "yes", "time": "30"},
    ),
    Kind(
        "drafts",
        gettext_lazy("Drafts of the next 30 days to be published"),
        gettext_lazy("No draft of the next 30 days waits to be published."),
        "megaphone",
        "events.publish_event",
        overview.drafts,
        _event_row,
        "events_event",
        {"status__exact": "draft", "time": "30"},
    ),
    Kind(
        "waiting",
        gettext_lazy("People waiting for activation"),
        gettext_lazy("Nobody waits for activation."),
        "person-plus",
        "roster.activate_user",
        _waiting,
        _person_row,
        "roster_user",
        {"state": "waiting"},
    ),
    Kind(
        "failed",
        gettext_lazy("Mails that could not be delivered"),
        gettext_lazy("All mails have been delivered or still wait for their turn."),
        "envelope",
        "system.view_administration",
        _failed,
        _mail_row,
        "notifications_outboxmessage",
        {"status__exact": "failed"},
    ),
)


# --- the installation ------------------------------------------------------------------------------------


def _operation(request: HttpRequest, now: datetime) -> Iterator[tuple[SafeString, str]]:
    """Yield how the installation is doing, as badges with a sentence each."""
    if not request.user.has_perm("system.view_administration"):
        return
    beat, mails = _signs_of_life(now)
    yield _worker(beat, now)
    yield _mails(mails)
    yield from _backups(now)
    site: SiteSettings = request.site_settings  # type: ignore[attr-defined]
    if not site.smtp_configured:
        yield (
            badge("partial", "exclamation-triangle", _("SMTP is not configured")),
            _("Messages reach nobody; they are kept as files on the server."),
        )
    if site.mail_block:
        yield (
            badge("partial", "exclamation-triangle", _("Sending of mails is blocked")),
            _("Only the addresses allowed in the settings get what waits in the outbox."),
        )


def _signs_of_life(now: datetime) -> tuple[datetime | None, dict[str, Any] | None]:
    """Read when the worker was last heard of and what became of the messages of the last day."""
    beat = Heartbeat.objects.filter(name="worker").values("beat_at")
    mails = OutboxMessage.objects.figures(now - FIGURES_OF)
    row = SiteSettings.objects.filter(pk=1).values_list(Subquery(beat), Subquery(mails)).first()
    return row or (None, None)


def _mails(figures: dict[str, Any] | None) -> tuple[SafeString, str]:
    if not figures or not any(figures[name] for name in ("sent", "pending", "failed")):
        return badge("draft", "envelope", _("Mails")), _("No mails in the last 24 hours.")
    counts = (
        ngettext("%d sent", "%d sent", figures["sent"]) % figures["sent"],
        ngettext("%d waiting", "%d waiting", figures["pending"]) % figures["pending"],
        ngettext("%d failed", "%d failed", figures["failed"]) % figures["failed"],
    )
    told = [_("In the last 24 hours: %s.") % ", ".join(counts)]
    if figures["last_sent"]:
        told.append(_("The last one was sent on %s.") % _moment(datetime.fromisoformat(figures["last_sent"])))
    return badge("short" if figures["failed"] else "full", "envelope", _("Mails")), " ".join(told)


def _backups(now: datetime) -> Iterator[tuple[SafeString, str]]:
    """Yield how old the last good backup is, and how its rehearsal has ended."""
    state = backups.state()
    told = [_("The last good one was made on %s.") % _moment(state.last_good_at)] if state.last_good_at else []
    if not state.scheduled:
        told.append(_("They are not made automatically."))
    if state.last and state.last.status == state.last.Status.FAILED:
        told.append(_("The last attempt has failed: %s") % state.last.error)
    if state.last_good_at is None:
        looks = ("short", "exclamation-triangle", _("No backup has been made"))
    elif state.is_overdue(now):
        looks = ("short", "exclamation-triangle", _("The daily backup is missing"))
    else:
        looks = ("full" if state.is_well else "partial", "archive", _("Backups"))
    yield badge(*looks), " ".join(told)
    if state.last_rehearsal:
        yield _rehearsal(state.last_rehearsal)


def _rehearsal(run: Any) -> tuple[SafeString, str]:
    at = _moment(run.finished_at)
    if run.status == run.Status.DONE:
        return badge("full", "check-lg", _("Restoring works")), _("Last tried out on %s.") % at
    told = _("A backup did not prove good on %(at)s: %(reason)s") % {"at": at, "reason": run.error}
    return badge("short", "x-circle", _("Restoring does not work")), told


def _worker(beat: datetime | None, now: datetime) -> tuple[SafeString, str]:
    looks = {
        Pulse.ALIVE: ("full", "check-lg", _("The worker is running")),
        Pulse.LATE: ("short", "exclamation-triangle", _("The worker is late")),
        Pulse.NEVER: ("short", "x-circle", _("The worker has never run")),
    }
    state = pulse(beat, at=now)
    told = [_("Last sign of life: %s.") % _moment(beat)] if beat else []
    if state is not Pulse.ALIVE:
        told.append(_("Until it runs, mails wait and sign-ups neither open nor close by themselves."))
    return badge(*looks[state]), " ".join(told)
