"""The dashboard: what its reader has to know first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from events.models import Assignment, Event, Position
from events.querysets.conflicts import wanted_rest
from events.querysets.staffing import hierarchy_read_once
from events.rules.lifecycle import FINAL, Status
from events.views.listing import row_of
from events.views.part import questions_to
from events.views.requests import MemberRequest
from medcover.common.formats import short_day
from medcover.common.intervals import local_day

#: An event without a responsible person is everybody's worry this long before it starts.
LEADERLESS_DAYS = 7
#: No panel is longer; whoever needs more has the list.
PANEL_ROWS = 50


@dataclass(frozen=True)
class Opening:
    """An event that looks for people: for what, and the places or the seat that the reader could take."""

    event: Event
    wanted: Sequence[tuple[str, int]]  # free positions or missing qualifications, and how many there are of each
    places: list[Position]
    has_seat: bool = False


@dataclass(frozen=True)
class OpenSignups:
    """The panel of events that take sign-ups: those where the reader helps, or all with a free place."""

    openings: Sequence[Opening]
    total: int  # events with a free place
    helping: int  # those of them that have a place for the reader
    shows_all: bool


@dataclass(frozen=True)
class Overlaps:
    """The panel of duties that are too near each other: those that share time, and those with too little rest."""

    pairs: Sequence[Any]  # assignments, each with the other event as other_id, other_name and other_start

    @property
    def share_time(self) -> bool:
        """Some of them are at the same time, not merely soon after each other."""
        return any(pair.other_start < pair.event.end for pair in self.pairs)


@require_safe
@hierarchy_read_once()
def dashboard(request: MemberRequest) -> HttpResponse:
    """Show the next duty, what is wrong, and where the reader can help."""
    reader, now = request.user, timezone.now()
    until = now + timedelta(days=reader.dashboard_horizon)
    mine = list(_mine(reader, now, until))
    watched = list(_watched(reader, now, until))
    context = {
        "answer": next_duty_sentence(mine[0], now) if mine else no_duty_sentence(reader.dashboard_horizon),
        "next_duty": mine[0] if mine else None,
        "mine": mine,
        "overlaps": _overlaps(reader, now),
        "questions": questions_to(reader, now),
        "without_leader": [event for event in watched if event.lacks_leader],
        "needing_attention": [event for event in watched if event.needs_attention],
        "open_signups": _open_signups(reader, now, until, show_all=request.GET.get("show") == "all"),
    }
    return render(request, "events/dashboard.html", context)


def _mine(reader: Any, now: datetime, until: datetime) -> Any:
    events = _upcoming(reader, now).starting_before(until).exclude(status=Status.CANCELLED)
    mine = events.concerning(reader).with_readiness(now).with_part_of(reader)
    return mine.order_by("start", "pk")[:PANEL_ROWS]


def _watched(reader: Any, now: datetime, until: datetime) -> Any:
    if not (reader.has_perm("events.publish_event") or reader.has_perm("events.open_signups")):
        return Event.objects.none()
    soon = now + timedelta(days=LEADERLESS_DAYS)
    worrying = _upcoming(reader, now).with_readiness(now).with_worries(leaderless_before=soon, until=until)
    return worrying.order_by("start", "pk")[:PANEL_ROWS]


def _upcoming(reader: Any, now: datetime) -> Any:
    return Event.objects.visible_to(reader).not_archived().not_ended(now).with_master_and_leader()


def _overlaps(reader: Any, now: datetime) -> Overlaps:
    duties = Assignment.objects.all() if reader.has_perm("events.assign_other") else Assignment.objects.of(reader)
    hidden = FINAL if reader.has_perm("events.view_draft_event") else FINAL | {Status.DRAFT}
    return Overlaps(
        list(duties.overlapping_pairs(at=now, statuses=set(Status) - hidden, rest=wanted_rest())[:PANEL_ROWS])
    )


def _open_signups(reader: Any, now: datetime, until: datetime, *, show_all: bool) -> OpenSignups | None:
    """Read the panel in one query and its free places in another; None for people who sign up for nothing."""
    if not reader.has_perm("events.assign_own"):
        return None
    takers = _upcoming(reader, now).starting_before(until).open_for_signing_up().not_taken_part_in_by(reader)
    seats = takers.seats_for(reader)
    shown = takers.with_place(seats).with_staffing().with_part_of(reader).with_free_places_for(reader)
    counted = shown.with_help_counted(reader, seats)
    # The helping ones come first, so that one slice serves both views and carries both totals.
    rows = list(counted.order_by(*([] if show_all else ["-helps"]), "start", "pk")[:PANEL_ROWS])
    return OpenSignups(
        openings=[_opening(event, reader) for event in rows if show_all or event.helps],
        total=rows[0].total if rows else 0,
        helping=rows[0].helping if rows else 0,
        shows_all=show_all,
    )


def _opening(event: Any, reader: Any) -> Opening:
    row = row_of(event, reader)
    return Opening(event, list(_wanted(event).items()), row.places, row.has_seat)


def _wanted(event: Any) -> Counter[str]:
    if event.by_conditions:
        return Counter({condition.name: condition.deficit for condition in event.staffing.unmet})
    return Counter(str(position) for position in event.free_places)


def next_duty_sentence(duty: Event, now: datetime) -> str:
    """Say when and where the reader's next duty is."""
    start, end = timezone.localtime(duty.start), timezone.localtime(duty.end)
    words = {"time": f"{start:%H:%M}", "end": f"{end:%H:%M}", "place": duty.address or duty.name}
    if duty.start <= now:
        return _("You are on duty now, until %(end)s – %(place)s") % words
    days = (start.date() - local_day(now, timezone.get_current_timezone())).days
    if days == 0:
        return _("You are on duty today at %(time)s – %(place)s") % words
    if days == 1:
        return _("You are on duty tomorrow at %(time)s – %(place)s") % words
    return _("Your next duty is on %(day)s at %(time)s – %(place)s") % {**words, "day": short_day(start.date())}


def no_duty_sentence(horizon: int) -> str:
    """Say that nothing is planned within the reader's horizon."""
    return ngettext(
        "You have no duty in the next %(days)s day.", "You have no duty in the next %(days)s days.", horizon
    ) % {"days": horizon}
