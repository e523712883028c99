"""Start page of the backoffice: what needs somebody today.

Each section is one read of the domain, shown to whoever could do something about it. The number of queries is
fixed: a count and the first few rows per section. How the installation itself is doing comes after the page
(`installation.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from events import overview
from medcover.common import formats
from notifications.models import OutboxMessage

#: So many rows are shown of each section; the rest are behind its link.
SHOWN = 5


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
    """Return what the start page shows: `sections`, `calm`: sentences on what is in order, `shows_installation`."""
    now = timezone.now()
    kinds = [kind for kind in KINDS if request.user.has_perm(kind.permission)]
    sections = [_section(kind, now) for kind in kinds]
    return {
        "sections": [section for section in sections if section.count],
        "calm": [section.kind.calm for section in sections if not section.count],
        "shows_installation": request.user.has_perm("system.view_administration"),
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
