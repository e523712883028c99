"""Dashboard page: what its reader has to know first."""

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

from equipment.consumables import attention
from equipment.event_plan import short_events
from equipment.plan_querysets import shortages_read_once
from events.dashboard import PANEL_ROWS, read_dashboard
from events.models import Assignment, Event
from events.querysets.staffing import staffing_read_once
from events.rules.lifecycle import FINAL, Status
from events.views.part import questions_to
from events.views.requests import MemberRequest
from events.views.rows import Opening, row_of
from medcover.common.formats import short_day
from medcover.common.intervals import local_day
from medcover.common.prepared import MOMENT, UUID, prepared


@dataclass(frozen=True)
class Overlaps:
    """The panel of duties that are too near each other: those that share time, and those with too little rest."""

    pairs: Sequence[Any]  # assignments, each with the other event as other_id, other_name and other_start

    @property
    def share_time(self) -> bool:
        """Some of them are at the same time, not merely soon after each other."""
        return any(pair.other_start < pair.event.end for pair in self.pairs)


@require_safe
@staffing_read_once()
@shortages_read_once()
def dashboard(request: MemberRequest) -> HttpResponse:
    """Show the next duty, what is wrong, and where the reader can help."""
    reader, now = request.user, timezone.now()
    unfolded, shows_all = request.GET.get("more", ""), request.GET.get("show") == "all"
    short = short_events(reader, now)
    found = read_dashboard(reader, now, unfolded=unfolded, all_openings=shows_all)
    duty = found.mine.events[0] if found.mine.events else None
    next_url = request.get_full_path()
    context = {
        "answer": next_duty_sentence(duty, now) if duty else no_duty_sentence(reader.dashboard_horizon),
        "next_duty": duty,
        "panels": found,
        "openings": [_opening(event, reader, next_url) for event in found.openings.events] if found.openings else [],
        "overlaps": _overlaps(reader, now, timedelta(hours=request.site_settings.minimum_rest_hours)),
        "questions": questions_to(reader, now),
        "short_events": short,
        "consumables": attention.for_reader(reader, now),
        "next_url": next_url,
    }
    return render(request, "events/dashboard.html", context)


def _overlaps(reader: Any, now: datetime, rest: timedelta) -> Overlaps:
    sees_drafts, sees_all = reader.has_perm("events.view_draft_event"), reader.has_perm("events.assign_other")
    if sees_all:
        return Overlaps(_pairs(sees_drafts, rest, now=now))
    return Overlaps(_pairs_of(sees_drafts, rest, now=now, reader=reader.pk))


@prepared(now=MOMENT)
def _pairs(p: Any, sees_drafts: bool, rest: timedelta) -> Any:
    return _overlapping(Assignment.objects.all(), p.now, sees_drafts=sees_drafts, rest=rest)


@prepared(now=MOMENT, reader=UUID)
def _pairs_of(p: Any, sees_drafts: bool, rest: timedelta) -> Any:
    return _overlapping(Assignment.objects.of(p.reader), p.now, sees_drafts=sees_drafts, rest=rest)


def _overlapping(duties: Any, now: Any, *, sees_drafts: bool, rest: timedelta) -> Any:
    hidden = FINAL if sees_drafts else FINAL | {Status.DRAFT}
    return duties.overlapping_pairs(at=now, statuses=set(Status) - hidden, rest=rest)[:PANEL_ROWS]


def _opening(event: Any, reader: Any, next_url: str) -> Opening:
    return Opening(row_of(event, reader, next_url), list(_wanted(event).items()))


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
