"""Any sequence of planning services leaves the domain true: figures, places, leaders, versions, constraints."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credentials.tests.factories import QualificationFactory
from events.models import Assignment, Event, EventTemplate
from events.rules.lifecycle import FINAL, TRANSITIONS, Status
from events.rules.recurrence import Weekly
from events.services import (
    archiving,
    conversion,
    copying,
    lifecycle,
    planning,
    positions,
    responsible,
    series,
    templates,
)
from events.services.conditions import Condition, ConditionsPlan
from events.tests.factories import EVENING
from events.tests.stories import NOW, able, fill, make_capacity_event, make_event, place
from medcover.common.errors import DomainError
from roster.tests.factories import make_admin, make_member

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


class Plans:
    """Two events with the same people, one in each mode, and everything that may be done with events."""

    def __init__(self) -> None:
        self.admin = make_admin()
        self.medic, self.driver = QualificationFactory(name="Zdravotník", can_lead=True), QualificationFactory()
        leader, other = able(self.medic), make_member()
        fill(make_event(self.medic, places=2, optional=1, responsible_person=leader), leader, other)
        later = {"start": EVENING + timedelta(days=1), "end": EVENING + timedelta(days=1, hours=4)}
        place(make_capacity_event({self.medic: 1, self.driver: 1}, responsible_person=leader, **later), leader, other)

    def step(self, chance: Random) -> None:
        """Do one thing with one event; refused means untouched."""
        event = chance.choice(list(Event.objects.order_by("pk")))
        call = chance.choice(
            [self.edit, self.demand, self.resize, self.clone, self.split, self.repeat, self.keep, self.convert,
             self.archive, self.delete, self.move]
        )  # fmt: skip
        before = snapshot()
        try:
            with transaction.atomic():
                call(event, chance)
        except DomainError:
            assert snapshot() == before

    def edit(self, event: Event, chance: Random) -> None:
        start = event.start + chance.choice([-1, 0, 1]) * HOUR
        times = {"start": start, "end": start + chance.choice([0, 1, 5]) * HOUR}
        planning.edit_event(event.pk, by=self.admin, version=event.version, name="Jiný název", **times)

    def demand(self, event: Event, chance: Random) -> None:
        minimum = chance.randint(0, 3)
        rows = [Condition(row, chance.randint(1, 2)) for row in chance.sample([self.medic, self.driver], 1)]
        plan = ConditionsPlan(minimum, minimum + chance.randint(0, 3), rows)
        planning.edit_event(event.pk, by=self.admin, version=None, plan=plan)

    def resize(self, event: Event, chance: Random) -> None:
        demanded = chance.choice([[], [self.medic], [self.medic, self.driver]])
        positions.resize_group(event.pk, demanded, chance.randint(0, 3), by=self.admin, version=event.version)

    def clone(self, event: Event, _chance: Random) -> None:
        copying.clone_event(event.pk, by=self.admin, at=NOW)

    def split(self, event: Event, chance: Random) -> None:
        copying.split_event(event.pk, event.start + chance.choice([0, 1, 2]) * HOUR, by=self.admin)

    def repeat(self, event: Event, chance: Random) -> None:
        day = event.start.date()
        pattern = Weekly(day, day + timedelta(days=chance.choice([-1, 7, 15])), [day.weekday()])
        fields, staffing = copying.copied_fields(event), copying.staffing_of(event)
        series.create_series(fields, staffing, pattern, by=self.admin, at=NOW)

    def keep(self, event: Event, _chance: Random) -> None:
        name = f"Šablona {EventTemplate.objects.count()}"
        kept = templates.template_from(event, name, by=self.admin)
        assert kept.by_conditions == event.by_conditions

    def convert(self, event: Event, _chance: Random) -> None:
        conversion.convert(event.pk, by=self.admin, at=NOW, version=event.version)

    def archive(self, event: Event, _chance: Random) -> None:
        step: Callable[..., Any] = archiving.unarchive_event if event.is_archived else archiving.archive_event
        step(event.pk, by=self.admin)

    def delete(self, event: Event, chance: Random) -> None:
        if Event.objects.count() > 1:
            archiving.delete_event(event.pk, confirmation=chance.choice([event.name, "?"]), by=self.admin)

    def move(self, event: Event, chance: Random) -> None:
        moves = [move.code for move in TRANSITIONS.values() if not move.is_automatic]
        lifecycle.transition(event.pk, chance.choice(moves), by=self.admin, at=NOW)


def snapshot() -> tuple[Any, ...]:
    events = tuple(Event.objects.order_by("pk").values_list("pk", "version", "status", "is_archived", "start", "end"))
    people = tuple(Assignment.objects.order_by("pk").values_list("pk", "event", "position", "person"))
    return events, people, EventTemplate.objects.count()


def check() -> None:
    """Everything that must be true of all events, deferred constraints included."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    for event in Event.objects.with_staffing():
        staffing = event.staffing
        assert event.start < event.end
        assert staffing.filled <= staffing.total
        assert staffing.filled == event.assignments.count()
        assert event.assignments.filter(position__isnull=not event.by_conditions).count() == 0
        assert not (event.status == Status.OPEN and staffing.is_full and not event.is_archived)
        assert not (event.capacity_closed and event.status != Status.CLOSED)
        if event.responsible_person and event.status not in FINAL:
            assert event.responsible_person in responsible.leaders_among_crew(event)


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(0, 2**32), min_size=4, max_size=10))
def test_whatever_is_planned(seeds):
    with transaction.atomic():
        plans = Plans()
        for number, seed in enumerate(seeds):
            plans.step(Random(f"{seed} in step {number}"))
            check()
        transaction.set_rollback(True)
