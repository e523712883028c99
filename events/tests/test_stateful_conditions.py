"""Anything that may happen to an event with a capacity, in any order: what must hold holds after every step."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from credentials import services as credentials
from credentials.models import Qualification
from credentials.tests.factories import QualificationFactory, hold
from events.models import Assignment, Event
from events.rules.lifecycle import FINAL, Status, possible_by_hand
from events.services import crew, lifecycle, planning, responsible
from events.services.conditions import Condition, ConditionsPlan
from events.tests.factories import EVENING
from events.tests.stories import NOW, able, make_capacity_event, place
from medcover.common.errors import DomainError
from medcover.system.models import AuditEntry
from roster import services as roster
from roster.models import User
from roster.rights import Role
from roster.tests.factories import make_admin, make_coordinator, make_member

#: One seed for each step: what follows from it is chosen evenly, and a failure can be played again.
seeds = st.integers(min_value=0, max_value=2**32)


class World:
    """One event with three conditions, a crew of two, five more members."""

    def __init__(self) -> None:
        doctor = QualificationFactory(name="Lékař", can_lead=True)
        medic = QualificationFactory(name="Zdravotník", can_lead=True, direct_substitutes=[doctor])
        driver = QualificationFactory(name="Řidič")
        self.qualifications = [doctor.pk, medic.pk, driver.pk]
        self.boss, self.admin = make_coordinator(), make_admin()
        leader, second = able(medic), make_member()
        event = make_capacity_event({doctor: 1, medic: 1, driver: 1}, minimum=2, maximum=4, responsible_person=leader)
        place(event, leader, second)
        others = [able(doctor, driver), able(medic), able(driver), make_member(), make_member()]
        hold(others[4], medic, until=EVENING.date())
        self.people = [person.pk for person in (leader, second, *others)]
        self.event = event.pk


class Capacity(RuleBasedStateMachine):
    """Random steps in the world, undone together at the end."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.boss, self.admin, self.key, self.steps = self.world.boss, self.world.admin, self.world.event, 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def chance(self, seed: int) -> Random:
        self.steps += 1
        return Random(f"{seed} in step {self.steps}")

    def person(self, chance: Random) -> User:
        chosen: User = User.objects.get(pk=chance.choice(self.world.people))
        return chosen

    def do(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
        """Make one call; refused means untouched and unrecorded."""
        last = AuditEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0
        before = self.state()
        try:
            call(*args, **kwargs)
        except DomainError:
            assert self.state() == before
            assert not AuditEntry.objects.filter(id__gt=last).exists()
            return False
        return True

    def state(self) -> tuple:
        event = Event.objects.values_list(
            "status", "version", "responsible_person", "min_participants", "max_participants"
        )
        people = Assignment.objects.order_by("pk").values_list("pk", "person")
        return tuple(event), tuple(people), tuple(User.objects.order_by("pk").values_list("pk", "is_active", "version"))

    @rule(seed=seeds)
    def people_come(self, seed: int) -> None:
        """Joining as the rules allow never makes a plan that could be met one that cannot."""
        chance = self.chance(seed)
        before = self.event().crew.seats()
        person = self.person(chance)
        if chance.random() < 0.7:
            joined = self.do(crew.join, self.key, by=person, at=NOW)
        else:
            joined = self.do(crew.assign_to_event, self.key, person.pk, by=self.boss, at=NOW, override_reason="Záskok")
        after = self.event().crew.seats()
        if joined and before.is_reachable:
            assert after.is_reachable
        if joined and not before.is_reachable:
            assert after.deficit < before.deficit

    @rule(seed=seeds)
    def people_go(self, seed: int) -> None:
        chance = self.chance(seed)
        rows = list(Assignment.objects.select_related("person").order_by("pk"))
        if not rows:
            return
        row = chance.choice(rows)
        if chance.random() < 0.5:
            self.do(crew.leave, self.key, by=row.person)
        else:
            self.do(crew.remove, row.pk, by=self.boss)

    @rule(seed=seeds)
    def plans_change(self, seed: int) -> None:
        chance = self.chance(seed)
        minimum = chance.randint(1, 4)
        keys = chance.sample(self.world.qualifications, chance.randint(1, 3))
        rows = [Condition(Qualification.objects.get(pk=key), chance.randint(1, 2)) for key in keys]
        start = EVENING + timedelta(days=chance.choice([-1, 0, 0, 1]))
        self.do(
            planning.edit_event,
            self.key,
            by=self.boss,
            version=None,
            plan=ConditionsPlan(minimum, minimum + chance.randint(0, 3), rows),
            start=start,
            end=start + timedelta(hours=3),
        )

    @rule(seed=seeds)
    def events_live(self, seed: int) -> None:
        chance = self.chance(seed)
        event = self.event()
        moves = [move.code for move in possible_by_hand(event.status, archived=event.is_archived)]
        if chance.random() < 0.9:
            moves = [code for code in moves if code != "cancel"]
        if moves:
            self.do(lifecycle.transition, self.key, chance.choice(moves), by=self.boss, at=NOW)
        if chance.random() < 0.05:
            lifecycle.complete_due(at=NOW + timedelta(days=20))

    @rule(seed=seeds)
    def people_change(self, seed: int) -> None:
        chance = self.chance(seed)
        person, key = self.person(chance), chance.choice(self.world.qualifications)
        what = chance.choice(["withdraw", "grant", "expire", "roles", "standing"])
        if what == "withdraw":
            self.do(credentials.withdraw, person.pk, key, by=self.admin, at=NOW)
        elif what in ("grant", "expire"):
            until = EVENING.date() + timedelta(days=chance.choice([-1, 0, 1])) if what == "expire" else None
            self.do(credentials.grant, person.pk, key, by=self.admin, at=NOW, valid_until=until)
        elif what == "roles":
            roles = chance.choice([[Role.MEMBER], [Role.VIEWER]])
            self.do(roster.set_roles, person.pk, roles, by=self.admin, at=NOW)
        else:
            step = roster.deactivate if person.is_active else roster.activate
            self.do(step, person.pk, by=self.admin, at=NOW)

    def event(self) -> Any:
        return Event.objects.with_staffing().get(pk=self.key)

    @invariant()
    def nobody_is_there_twice_and_nobody_has_a_position(self) -> None:
        rows = list(Assignment.objects.values_list("person", "position"))
        assert len({person for person, _position in rows}) == len(rows)
        assert all(position is None for _person, position in rows)

    @invariant()
    def the_capacity_holds_and_a_full_event_takes_no_sign_ups(self) -> None:
        event = self.event()
        assert event.staffing.filled <= event.staffing.total
        assert not (event.status == Status.OPEN and event.staffing.is_full)
        assert not (event.capacity_closed and event.status != Status.CLOSED)
        assert not (event.capacity_closed and not event.staffing.is_full)

    @invariant()
    def figures_agree(self) -> None:
        staffing = self.event().staffing
        assert all(0 <= row.covered <= min(row.minimum, staffing.filled) for row in staffing.rows)
        assert staffing.is_sufficient == (not staffing.missing and not staffing.unmet and staffing.leader_is_valid)

    @invariant()
    def whoever_leads_is_an_able_participant(self) -> None:
        event = self.event()
        if event.status not in FINAL and event.responsible_person is not None:
            assert event.responsible_person in responsible.leaders_among_crew(event)
            assert event.staffing.leader_is_valid


@pytest.mark.django_db
def test_whatever_happens():
    Capacity.world = World()
    run_state_machine_as_test(
        Capacity,
        settings=settings(
            max_examples=15, stateful_step_count=10, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
