"""What pages of other apps show of debriefing, and how its values are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import template
from django.db.models import Count, Sum, Value, Window
from django.template import Context
from django.utils.translation import gettext as _

from debriefing import policies
from debriefing.models import Need, UsedMaterial
from debriefing.need_overview import Group, grouped
from debriefing.need_querysets import asked_about
from debriefing.querysets import VIEW_OWN, expected, pending_of
from debriefing.rules import NoteStatus
from events.models import Event
from events.querysets.events import sees_drafts
from medcover.common.prepared import UUID, prepared

register = template.Library()

#: So many missing debriefings stand on the dashboard; the others are in the list.
SHOWN = 5


@dataclass(frozen=True)
class Pending:
    """The latest missing debriefings of the reader, and how many there are."""

    rows: Sequence[Any] = ()
    total: int = 0


@dataclass(frozen=True)
class Part:
    """What debriefing has to say on the page of an event."""

    own: int | None  # key of the reader's duty, if they are on the event and may open their debriefing
    is_pending: bool
    reads_all: bool
    material: Sequence[Any]
    needs: Sequence[Group]  # those that nobody has settled, besides material


@register.simple_tag(takes_context=True)
def pending_debriefings(context: Context) -> Pending:
    """Return the reader's missing debriefings; one query, however many there are."""
    reader = context["request"].user
    if not reader.has_perm(policies.SUBMIT_OWN):
        return Pending()
    rows: Any = list(_latest_pending(reader=reader.pk))
    return Pending(rows, rows[0].total if rows else 0)


@prepared(reader=UUID)
def _latest_pending(p: Any) -> Any:
    return pending_of(p.reader).annotate(total=Window(Count("*")))[:SHOWN]


@register.simple_tag(takes_context=True)
def debriefing_part(context: Context, event: Event) -> Part:
    """Return what debriefing has to say on the page of a completed event."""
    reader = context["request"].user
    duty = _duty(event, reader) if reader.has_perm(VIEW_OWN) else None
    return Part(
        own=duty.pk if duty else None,
        is_pending=duty is not None and not hasattr(duty, "debriefing"),
        reads_all=policies.may_read_all(reader),
        material=_material(event) if reader.has_perm("equipment.plan_equipment") else (),
        needs=grouped(_open_needs(event)) if policies.may_settle(reader) else (),
    )


def _open_needs(event: Event) -> Any:
    return Need.objects.open().of_event(event).besides_material().with_subject().order_by("pk")


@prepared()
def _events_with_open_needs(_p: Any, with_drafts: bool) -> Any:
    """One row: how many events ask for something; none when no event does."""
    events = asked_about(Event.objects.visible(with_drafts=with_drafts)).order_by()
    asking = Need.objects.open().of_events(events).order_by().values(one=Value(1))
    return asking.annotate(events=Count("debriefing__assignment__event", distinct=True)).values_list(
        "events", flat=True
    )


@register.simple_tag(takes_context=True)
def open_needs(context: Context) -> int:
    """Return how many events ask for something that the reader could settle; one query, or none."""
    reader = context["request"].user
    if not policies.may_settle(reader):
        return 0
    with_drafts = sees_drafts(reader)
    return 0 if with_drafts is None else _events_with_open_needs.first(with_drafts) or 0


def _duty(event: Event, reader: Any) -> Any:
    return expected().filter(event=event, person=reader).select_related("debriefing").first()


def _material(event: Event) -> list[Any]:
    """Return what was used up altogether, without who wrote it."""
    rows = UsedMaterial.objects.filter(debriefing__assignment__event=event)
    return list(rows.order_by("name").values("name").annotate(total=Sum("quantity")))


#: Answer → icon, colours of the badge.
_BADGES = {
    NoteStatus.NONE: ("dash-lg", "badge-kind"),
    NoteStatus.USUAL: ("check-circle", "badge-kind"),
    NoteStatus.DESCRIBED: ("clipboard-check", "badge-partial"),
    NoteStatus.LATER: ("telephone", "badge-partial"),
}


@register.inclusion_tag("debriefing/_note_badge.html")
def note_badge(status: int) -> dict[str, Any]:
    """Draw an answer as icon, colour and short words; the whole answer is its title."""
    short = {
        NoteStatus.NONE: NoteStatus.NONE.label,
        NoteStatus.USUAL: _("As usual"),
        NoteStatus.DESCRIBED: _("Described"),
        NoteStatus.LATER: _("To be talked about"),
    }
    known = NoteStatus(status)
    return {"icon_name": _BADGES[known][0], "colours": _BADGES[known][1], "words": short[known], "title": known.label}
