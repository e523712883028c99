"""Personal data in this app: duties, what a person leads, made or coordinates, their names in texts of the plan."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import (
    Assignment,
    Event,
    EventTemplate,
    HandOver,
    MasterEvent,
    Offer,
    Position,
    QueueEntry,
    SeasonImport,
    TemplatePosition,
)
from medcover.common.masked_rows import mask_rows, mentioning
from medcover.common.masking import Needle
from roster.models import User
from roster.privacy.export import Labels, Part, choice
from roster.privacy.identity import Identity
from roster.privacy.registry import Contributor, Erasure, Finding

EVENT_TEXTS = ("name", "address", "contact", "description")
POSITION_TEXTS = ("description",)
MASTER_TEXTS = ("name", "description")
TEMPLATE_TEXTS = ("name", "description")

_EVENT_LABELS: Labels = {
    "event_id": "",
    "event": gettext_lazy("Event"),
    "start": gettext_lazy("Start"),
    "end": gettext_lazy("End"),
    "planned_hours": gettext_lazy("Hours"),
    "actual_hours": "",
    "address": "",
    "status": gettext_lazy("State"),
    "archived": "",
}
_DUTY_LABELS: Labels = {
    **_EVENT_LABELS,
    "position": gettext_lazy("Position"),
    "optional": "",
    "assigned_at": gettext_lazy("Signed up on"),
    "assigned_by": gettext_lazy("Signed up by"),
}
_OF_EVENT: Labels = {"event_id": "", "event": gettext_lazy("Event"), "start": gettext_lazy("Start")}
_WAITING_LABELS: Labels = {**_OF_EVENT, "queued_at": gettext_lazy("Since")}
_OFFER_LABELS: Labels = {
    **_OF_EVENT,
    "offered_at": gettext_lazy("Offered"),
    "expires_at": gettext_lazy("Valid until"),
    "state": gettext_lazy("State"),
}
_HAND_OVER_LABELS: Labels = {
    **_OF_EVENT,
    "from": gettext_lazy("From whom"),
    "to": gettext_lazy("To whom"),
    "proposed_at": gettext_lazy("Proposed"),
    "state": gettext_lazy("State"),
}
_MASTER_LABELS: Labels = {
    "master_event_id": "",
    "master_event": gettext_lazy("Master event"),
    "archived": "",
}


class PlanData(Contributor):
    """Duties and leads stay, as figures need them; the person's names in texts go."""

    def export(self, person: User) -> Iterator[Part]:
        """Give out the person's own part of every event, past and to come."""
        yield Part("assignments", gettext_lazy("Duties"), _DUTY_LABELS, [*map(_duty, _duties(person.pk))])
        led = Event.objects.filter(responsible_person=person).order_by("start", "pk")
        yield Part(
            "led_events", gettext_lazy("Events you were or are responsible for"), _EVENT_LABELS, [*map(_event, led)]
        )
        made = Event.objects.filter(creator=person).order_by("start", "pk")
        yield Part("created_events", gettext_lazy("Events you made"), _EVENT_LABELS, [*map(_event, made)])
        masters = [*map(_master, MasterEvent.objects.filter(coordinator=person))]
        waiting = QueueEntry.objects.filter(person=person).select_related("event").order_by("queued_at", "pk")
        yield Part("waiting_lists", gettext_lazy("Waiting lists you are on"), _WAITING_LABELS, [*map(_entry, waiting)])
        offers = Offer.objects.filter(person=person).select_related("event").order_by("offered_at", "pk")
        yield Part("offers", gettext_lazy("Places you were offered"), _OFFER_LABELS, [*map(_offer, offers)])
        between = Q(person=person) | Q(substitute=person)
        moves = HandOver.objects.filter(between).select_related("event", "person", "substitute").order_by("pk")
        yield Part("hand_overs", gettext_lazy("Duties handed over"), _HAND_OVER_LABELS, [*map(_hand_over, moves)])
        yield Part("coordinated_master_events", gettext_lazy("Master events you coordinate"), _MASTER_LABELS, masters)

    def objections(self, identity: Identity, *, at: datetime) -> Iterator[str]:
        """Name what still counts on the person."""
        led = Event.objects.not_final().filter(responsible_person=identity.person_id).order_by("start", "pk")
        if names := _dated(led):
            yield _("The person is responsible for events that are not over: %s.") % names
        duties = Assignment.objects.of(identity.person_id).binding().filter(event__end__gt=at)
        coming = Event.objects.filter(pk__in=duties.values("event")).order_by("start", "pk")
        if names := _dated(coming):
            yield _("The person still has duties to come: %s.") % names
        masters = MasterEvent.objects.not_archived().filter(coordinator=identity.person_id)
        if names := ", ".join(masters.values_list("name", flat=True)):
            yield _("The person coordinates master events: %s. Choose somebody else first.") % names

    def goes(self, identity: Identity) -> Iterator[Finding]:
        """Count waiting lists, and texts that name the person."""
        yield Finding(gettext_lazy("imports of events on their way"), len(_imports_naming(identity)))
        yield Finding(gettext_lazy("waiting lists"), QueueEntry.objects.filter(person=identity.person_id).count())
        masters = mentioning(MasterEvent.objects.all(), MASTER_TEXTS, identity.elsewhere).count()
        events = sum(rows.count() for rows in _naming_events(identity))
        positions = _naming_positions(identity.elsewhere).count()
        templates = sum(mentioning(rows, texts, identity.elsewhere).count() for rows, texts in _texts_of_templates())
        yield Finding(
            gettext_lazy("name and contacts in texts of events, positions, master events and templates"),
            events + positions + masters + templates,
        )

    def stays(self, identity: Identity) -> Iterator[Finding]:
        """Count what will point at the pseudonym."""
        key = identity.person_id
        yield Finding(gettext_lazy("duties and their hours"), Assignment.objects.of(key).count())
        yield Finding(
            gettext_lazy("events the person was responsible for"), Event.objects.filter(responsible_person=key).count()
        )
        yield Finding(gettext_lazy("events the person made"), Event.objects.filter(creator=key).count())
        between = HandOver.objects.filter(Q(person=key) | Q(substitute=key))
        yield Finding(
            gettext_lazy("offers of places and duties handed over"),
            Offer.objects.filter(person=key).count() + between.count(),
        )

    def lock_before_person(self, identity: Identity) -> None:
        """Lock the master events that will be masked."""
        list(_naming_masters(identity).values_list("pk"))

    def erase(self, erasure: Erasure) -> None:
        """Mask the texts of the plan.

        Every event that has to do with the person is locked, so that nobody is just writing their name elsewhere.
        """
        identity = erasure.identity
        own, others = _naming_events(identity)
        positions = _naming_positions(identity.elsewhere)
        concerned = _concerning(identity.person_id).values("pk")
        wanted = Q(pk__in=concerned) | Q(pk__in=others.values("pk")) | Q(pk__in=positions.values("event"))
        list(Event.objects.filter(wanted).select_for_update().order_by("pk").values_list("pk"))
        QueueEntry.objects.filter(person=identity.person_id).delete()
        # The sheet can be read again; what lies here is a copy on its way.
        SeasonImport.objects.filter(pk__in=[row.pk for row in _imports_naming(identity)]).delete()
        mask_rows(own, EVENT_TEXTS, erasure.own)
        mask_rows(others, EVENT_TEXTS, erasure.elsewhere)
        mask_rows(positions.select_for_update().order_by("pk"), POSITION_TEXTS, erasure.elsewhere)
        mask_rows(_naming_masters(identity), MASTER_TEXTS, erasure.elsewhere)
        for rows, texts in _texts_of_templates():
            naming = mentioning(rows, texts, identity.elsewhere)
            mask_rows(naming.select_for_update().order_by("pk"), texts, erasure.elsewhere)


def _duties(person_id: Any) -> QuerySet[Assignment]:
    return Assignment.objects.of(person_id).in_order_of_duty().select_related("event", "position", "assigned_by")


def _concerning(person_id: Any) -> QuerySet[Event]:
    duties = Assignment.objects.of(person_id).values("event")
    return Event.objects.filter(Q(pk__in=duties) | Q(responsible_person=person_id) | Q(creator=person_id))


def _naming_events(identity: Identity) -> tuple[QuerySet[Event], QuerySet[Event]]:
    """Events that name the person: those they had to do with, where it is them, and others, where it has to be sure."""
    own = _concerning(identity.person_id)
    others = Event.objects.exclude(pk__in=own.values("pk"))
    return mentioning(own, EVENT_TEXTS, identity.own), mentioning(others, EVENT_TEXTS, identity.elsewhere)


def _naming_positions(needle: Needle) -> QuerySet[Position]:
    return mentioning(Position.objects.all(), POSITION_TEXTS, needle)


def _imports_naming(identity: Identity) -> list[SeasonImport]:
    """Imports that the person began, or that hold their name or contacts."""
    rows = SeasonImport.objects.order_by("pk")
    return [row for row in rows if row.owner_id == identity.person_id or identity.elsewhere.is_in(_text_of(row))]


def _text_of(row: SeasonImport) -> str:
    return json.dumps([row.source, row.season, row.report], ensure_ascii=False)


def _texts_of_templates() -> Iterator[tuple[QuerySet[Any], tuple[str, ...]]]:
    """Rows of templates with their columns of free text."""
    yield EventTemplate.objects.all(), TEMPLATE_TEXTS
    yield TemplatePosition.objects.all(), POSITION_TEXTS


def _naming_masters(identity: Identity) -> QuerySet[MasterEvent]:
    naming = mentioning(MasterEvent.objects.all(), MASTER_TEXTS, identity.elsewhere)
    return naming.select_for_update(no_key=True).order_by("pk")


def _dated(events: Iterable[Event]) -> str:
    zone = timezone.get_current_timezone()
    return ", ".join(f"{event.name} ({event.start.astimezone(zone):%d.%m.%Y})" for event in events)


def _event(event: Event) -> dict[str, Any]:
    return {
        "event_id": event.pk,
        "event": event.name,
        "start": event.start,
        "end": event.end,
        "planned_hours": event.planned_hours,
        "actual_hours": event.actual_hours,
        "address": event.address,
        "status": choice(event, "status"),
        "archived": event.is_archived,
    }


def _duty(row: Assignment) -> dict[str, Any]:
    return {
        **_event(row.event),
        "position": row.position.description if row.position else "",
        "optional": row.position.is_optional if row.position else None,
        "assigned_at": row.assigned_at,
        "assigned_by": row.assigned_by.name if row.assigned_by else None,
    }


def _master(row: MasterEvent) -> dict[str, Any]:
    return {"master_event_id": row.pk, "master_event": row.name, "archived": row.is_archived}


def _of_event(event: Event) -> dict[str, Any]:
    return {"event_id": event.pk, "event": event.name, "start": event.start}


def _entry(row: QueueEntry) -> dict[str, Any]:
    return {**_of_event(row.event), "queued_at": row.queued_at}


def _offer(row: Offer) -> dict[str, Any]:
    times = {"offered_at": row.offered_at, "expires_at": row.expires_at}
    return {**_of_event(row.event), **times, "state": choice(row, "state")}


def _hand_over(row: HandOver) -> dict[str, Any]:
    people = {"from": row.person.name, "to": row.substitute.name}
    return {**_of_event(row.event), **people, "proposed_at": row.proposed_at, "state": choice(row, "state")}
