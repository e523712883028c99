"""Anything that people and the worker may do, in any order: what must hold holds after every step."""

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
from events.models import Assignment, Event, HandOver, Offer, Position, QueueEntry
from events.rules.lifecycle import FINAL, TRANSITIONS, Status, possible_by_hand
from events.services import archiving, crew, handover, lifecycle, planning, positions, responsible, waiting
from events.services.positions import PlanChanges, PositionPlan
from events.tests.factories import EVENING
from events.tests.queues import wait
from events.tests.stories import NOW, able, fill, make_event
from medcover.common.errors import DomainError
from medcover.system.models import AuditEntry
from roster import services as roster
from roster.models import User
from roster.rights import Role
from roster.tests.factories import make_admin, make_coordinator, make_member

STEPS = {(source.value, move.target.value) for move in TRANSITIONS.values() for source in move.sources}

#: One seed for each step: what follows from it is chosen evenly, and a failure can be played again.
seeds = st.integers(min_value=0, max_value=2**32)


class World:
    """Three overlapping events, four members, one coordinator, one admin; every example begins with it anew.

    An open event has a place free and a leader whose qualification is about to end; a draft has come back with
    its whole crew; a full one has a waiting list.
    """

    def __init__(self) -> None:
        doctor = QualificationFactory(name="Lékař", can_lead=True)
        medic = QualificationFactory(name="Zdravotník", can_lead=True, direct_substitutes=[doctor])
        self.qualifications = [doctor.pk, medic.pk, QualificationFactory(name="Řidič").pk]
        self.boss, self.admin = make_coordinator(), make_admin()
        leader, heir, other, novice = make_member(), able(doctor), able(medic), make_member()
        hold(leader, medic, until=EVENING.date())
        running = make_event(medic, places=3, responsible_person=leader)
        draft = make_event(medic, places=1, optional=1, status=Status.DRAFT, responsible_person=other)
        fill(running, leader, heir)
        fill(draft, other, novice)
        full = make_event(medic, status=Status.CLOSED, capacity_closed=True, responsible_person=heir)
        fill(full, heir, other)
        wait(full, novice, leader)
        self.people = [person.pk for person in (leader, heir, other, novice)]
        self.events = [running.pk, draft.pk, full.pk]


class Season(RuleBasedStateMachine):
    """Random steps in the world, undone together at the end."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.boss, self.admin, self.at = self.world.boss, self.world.admin, NOW
        self.known, self.steps = self.state(), 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    # --- choosing and doing ------------------------------------------------------------------------------

    def chance(self, seed: int) -> Random:
        """Hypothesis likes to repeat small seeds; the number of the step keeps repetitions apart."""
        self.steps += 1
        return Random(f"{seed} in step {self.steps}")

    def person(self, chance: Random) -> User:
        chosen: User = User.objects.get(pk=chance.choice(self.world.people))
        return chosen

    def position(self, chance: Random, **conditions: Any) -> Position | None:
        rows = list(Position.objects.filter(**conditions).order_by("pk"))
        return chance.choice(rows) if rows else None

    def do(self, call: Callable[..., Any], *args: Any, by: Any, **kwargs: Any) -> None:
        """Make one call; refused means untouched, done means recorded under the right name."""
        last = AuditEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0
        before = self.known
        try:
            call(*args, by=by, **kwargs) if by else call(*args, **kwargs)
        except DomainError:
            assert self.state() == before
            assert not AuditEntry.objects.filter(id__gt=last).exists()
            return
        self.known = self.state()
        entries = AuditEntry.objects.filter(id__gt=last).select_related("content_type", "actor").order_by("id")
        self.assert_recorded(before, self.known, list(entries), by)

    def state(self) -> dict[tuple[str, Any], tuple]:
        """Everything that a history must account for, row by row."""
        events = Event.objects.values_list("pk", "status", "is_archived", "responsible_person", "start", "version")
        positions = Position.objects.values_list("pk", "event", "description", "is_optional", "version")
        assignments = Assignment.objects.values_list("pk", "event", "position", "person")
        people = User.objects.values_list("pk", "is_active", "is_archived", "version")
        rows = {"event": events, "position": positions, "assignment": assignments, "user": people}
        rows["queueentry"] = QueueEntry.objects.values_list("pk", "event", "person")
        rows["offer"] = Offer.objects.values_list("pk", "event", "position", "person", "state")
        rows["handover"] = HandOver.objects.values_list("pk", "event", "person", "substitute", "state")
        return {(kind, row[0]): row for kind, found in rows.items() for row in found}

    def assert_recorded(self, before: dict, after: dict, entries: list[AuditEntry], by: Any) -> None:
        changed = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
        recorded = {(entry.content_type.model, entry.object_pk) for entry in entries}
        for kind, pk in changed:
            # Changing its positions counts as a write of the event, but is recorded at the position.
            bumped = kind == "event" and before[kind, pk][:-1] == after[kind, pk][:-1]
            assert bumped or (kind, str(pk)) in recorded
        if by is not None and changed:
            assert by in {entry.actor for entry in entries}
        assert {entry.actor for entry in entries} <= {by, None}
        for kind, pk in changed & before.keys() & after.keys():
            if kind in ("event", "position", "user"):
                assert after[kind, pk][-1] > before[kind, pk][-1]
            if kind == "event":
                self.assert_moves(before[kind, pk][1], after[kind, pk][1], entries, pk)

    def assert_moves(self, old: str, new: str, entries: list[AuditEntry], pk: Any) -> None:
        """The history of an event leads step by step along the table from where it was to where it is."""
        own = [entry.changes_dict for entry in entries if entry.content_type.model == "event"
               and entry.object_pk == str(pk)]  # fmt: skip
        here = old
        for source, target in (changes["status"] for changes in own if "status" in changes):
            assert source == here
            assert (source, target) in STEPS
            here = target
        assert here == new

    # --- what people do with places ----------------------------------------------------------------------

    @rule(seed=seeds)
    def crew_changes(self, seed: int) -> None:
        chance = self.chance(seed)
        step = chance.choice(
            [self.claim, self.claim_what_fits, self.assign, self.fill_a_place, self.leave, self.remove, self.set_leader]
        )
        step(chance)

    def claim(self, chance: Random) -> None:
        position = self.position(chance)
        if position:
            self.do(crew.claim, position.pk, by=self.person(chance), at=self.at)

    def claim_what_fits(self, chance: Random) -> None:
        """Most random claims are refused; this one mostly is not."""
        person = self.person(chance)
        position = Position.objects.free().fillable_by(person).filter(event__status=Status.OPEN).first()
        if position:
            self.do(crew.claim, position.pk, by=person, at=self.at)

    def assign(self, chance: Random) -> None:
        position, by = self.position(chance), chance.choice([self.boss, self.person(chance)])
        if position:
            reason = chance.choice(["", "Záskok"])
            self.do(crew.assign, position.pk, self.person(chance).pk, by=by, at=self.at, override_reason=reason)

    def fill_a_place(self, chance: Random) -> None:
        position = self.position(chance, assignment=None, event__status__in=[Status.OPEN, Status.CLOSED])
        if position:
            person = self.person(chance).pk
            self.do(crew.assign, position.pk, person, by=self.boss, at=self.at, override_reason="Záskok")

    def leave(self, chance: Random) -> None:
        rows = list(Assignment.objects.select_related("person").order_by("pk"))
        if rows:
            row = chance.choice(rows)
            self.do(crew.leave, row.event_id, by=row.person)

    def remove(self, chance: Random) -> None:
        rows = list(Assignment.objects.order_by("pk"))
        if rows:
            by = chance.choice([self.boss, self.person(chance)])
            self.do(crew.remove, chance.choice(rows).pk, by=by)

    def set_leader(self, chance: Random) -> None:
        event = Event.objects.get(pk=chance.choice(self.world.events))
        candidates = [self.person(chance), *responsible.leaders_among_crew(event), None]
        self.do(responsible.set_responsible_person, event.pk, chance.choice(candidates), by=self.boss)

    # --- who waits, and who hands over -------------------------------------------------------------------

    @rule(seed=seeds)
    def places_pass_on(self, seed: int) -> None:
        chance = self.chance(seed)
        chance.choice(
            [self.queue, self.queue, self.unqueue, self.answer_offer, self.answer_offer, self.propose, self.answer]
        )(chance)

    def queue(self, chance: Random) -> None:
        self.do(waiting.queue, chance.choice(self.world.events), by=self.person(chance), at=self.at)

    def unqueue(self, chance: Random) -> None:
        self.do(waiting.unqueue, chance.choice(self.world.events), by=self.person(chance), at=self.at)

    def answer_offer(self, chance: Random) -> None:
        rows = list(Offer.objects.select_related("person").order_by("answered_at", "pk"))[-3:]
        if rows:
            row = chance.choice(rows)
            step = chance.choice([waiting.accept, waiting.accept, waiting.decline])
            self.do(step, row.pk, by=row.person, at=min(self.at, row.expires_at - timedelta(minutes=1)))

    def propose(self, chance: Random) -> None:
        rows = list(Assignment.objects.select_related("person").order_by("pk"))
        if rows:
            row = chance.choice(rows)
            self.do(handover.propose, row.event_id, self.person(chance).pk, by=row.person, at=self.at)

    def answer(self, chance: Random) -> None:
        rows = list(HandOver.objects.select_related("person", "substitute").order_by("answered_at", "pk"))[-3:]
        if rows:
            row = chance.choice(rows)
            step = chance.choice([handover.accept, handover.accept, handover.decline, handover.withdraw])
            by = row.person if step is handover.withdraw else row.substitute
            self.do(step, row.pk, by=by, at=self.at)

    # --- what coordinators plan --------------------------------------------------------------------------

    @rule(seed=seeds)
    def plan_changes(self, seed: int) -> None:
        chance = self.chance(seed)
        chance.choice([self.add_position, self.delete_position, self.edit_position, self.edit_event])(chance)

    def plan(self, chance: Random) -> PositionPlan:
        chosen = chance.sample(self.world.qualifications, chance.choice([0, 1, 1, 2]))
        return PositionPlan(
            chance.choice(["Velitel", "Hlídka"]),
            is_optional=chance.random() < 0.3,
            qualifications=list(Qualification.objects.filter(pk__in=chosen)),
        )

    def add_position(self, chance: Random) -> None:
        if Position.objects.count() < 10:
            event = chance.choice(self.world.events)
            self.do(positions.add_positions, event, self.plan(chance), by=self.boss, count=chance.choice([1, 2]))

    def delete_position(self, chance: Random) -> None:
        position = self.position(chance)
        if position:
            self.do(positions.delete_position, position.pk, by=self.boss)

    def edit_position(self, chance: Random) -> None:
        position, release = self.position(chance), chance.random() < 0.5
        if position:
            plan = self.plan(chance)
            self.do(positions.edit_position, position.pk, plan, by=self.boss, release_unqualified=release)

    def edit_event(self, chance: Random) -> None:
        event, start = chance.choice(self.world.events), EVENING + timedelta(days=chance.choice([-2, -1, 0, 1]))
        position = self.position(chance, event=event)
        touched = {position.pk: self.plan(chance)} if position and chance.random() < 0.3 else {}
        plan = PlanChanges(changed=touched, added=[self.plan(chance)] if chance.random() < 0.3 else [])
        times = {"start": start, "end": start + timedelta(hours=3), "signups_open_at": None}
        self.do(planning.edit_event, event, by=self.boss, version=None, plan=plan, **times)

    # --- how events live ---------------------------------------------------------------------------------

    @rule(seed=seeds)
    def events_live(self, seed: int) -> None:
        chance = self.chance(seed)
        chance.choice([self.move, self.move, self.move, self.put_away, self.tick])(chance)

    def move(self, chance: Random) -> None:
        event = Event.objects.get(pk=chance.choice(self.world.events))
        possible = [step.code for step in possible_by_hand(event.status, archived=event.is_archived)]
        code = chance.choice([*possible, *possible, chance.choice(list(TRANSITIONS))])
        self.do(lifecycle.transition, event.pk, code, by=self.boss, at=self.at)

    def put_away(self, chance: Random) -> None:
        event = Event.objects.get(pk=chance.choice(self.world.events))
        step = archiving.unarchive_event if event.is_archived else archiving.archive_event
        self.do(step, event.pk, by=self.admin)

    def tick(self, chance: Random) -> None:
        now = self.at + timedelta(days=chance.choice([0, 0, 0, 9, 12]))
        self.do(lifecycle.open_due, by=None, at=now)
        self.do(lifecycle.complete_due, by=None, at=now)
        self.do(waiting.expire_due, by=None, at=now)

    # --- what becomes of people --------------------------------------------------------------------------

    @rule(seed=seeds)
    def people_change(self, seed: int) -> None:
        chance = self.chance(seed)
        chance.choice([self.change_state, self.change_roles, self.change_holding, self.change_flag])(chance)

    def change_state(self, chance: Random) -> None:
        person = self.person(chance)
        steps = [roster.deactivate, roster.archive] if person.is_active else [roster.unarchive, roster.activate]
        self.do(chance.choice(steps), person.pk, by=self.admin, at=self.at)

    def change_roles(self, chance: Random) -> None:
        roles = chance.choice([[Role.MEMBER], [Role.MEMBER], [Role.VIEWER], [Role.COORDINATOR, Role.MEMBER], []])
        self.do(roster.set_roles, self.person(chance).pk, roles, by=self.admin, at=self.at)

    def change_holding(self, chance: Random) -> None:
        person, qualification = self.person(chance), chance.choice(self.world.qualifications)
        if chance.random() < 0.5:
            self.do(credentials.withdraw, person.pk, qualification, by=self.admin, at=self.at)
            return
        shift = chance.choice([None, -1, 0, 1])
        day = None if shift is None else EVENING.date() + timedelta(days=shift)
        self.do(credentials.grant, person.pk, qualification, by=self.admin, at=self.at, valid_until=day)

    def change_flag(self, chance: Random) -> None:
        row = Qualification.objects.get(pk=chance.choice(self.world.qualifications))
        row.can_lead = not row.can_lead
        parents = list(row.direct_substitutes.values_list("pk", flat=True))
        self.do(credentials.save_qualification, row, direct_substitutes=parents, by=self.admin, at=self.at)

    # --- what always holds -------------------------------------------------------------------------------

    @invariant()
    def nobody_stands_twice_and_everybody_stands_where_they_belong(self) -> None:
        rows = list(Assignment.objects.select_related("position"))
        assert len({(row.event_id, row.person_id) for row in rows}) == len(rows)
        assert len({row.position_id for row in rows}) == len(rows)
        assert all(row.position.event_id == row.event_id for row in rows)

    @invariant()
    def sign_ups_are_open_only_while_there_is_a_place(self) -> None:
        for event in Event.objects.with_staffing():
            assert not (event.status == Status.OPEN and event.staffing.is_booked_out)
            assert not (event.capacity_closed and event.status != Status.CLOSED)

    @invariant()
    def what_is_offered_is_really_free_and_its_person_waits(self) -> None:
        for event in Event.objects.with_staffing():
            staffing, offers = event.staffing, event.offers.open()
            assert staffing.filled + staffing.held_places <= staffing.total
            assert not offers.exclude(person__in=event.queue.values("person")).exists()
            assert not offers.filter(position__assignment__isnull=False).exists()
            assert not event.queue.filter(person__in=event.assignments.values("person")).exists()
            takes_people = event.status == Status.OPEN or event.capacity_closed
            assert takes_people or not offers.exists()
            if event.status in FINAL or event.is_archived:
                assert not event.queue.exists()

    @invariant()
    def whoever_hands_over_is_there_and_whoever_is_asked_is_not(self) -> None:
        for proposal in HandOver.objects.open().select_related("event"):
            people = set(proposal.event.assignments.values_list("person", flat=True))
            assert proposal.person_id in people
            assert proposal.substitute_id not in people
            assert not proposal.event.is_final
            assert not proposal.event.is_archived

    @invariant()
    def whoever_leads_is_an_able_participant(self) -> None:
        for event in Event.objects.exclude(status__in=FINAL).filter(responsible_person__isnull=False):
            assert event.responsible_person in responsible.leaders_among_crew(event)

    @invariant()
    def what_is_cancelled_was_put_away_by_it(self) -> None:
        for event in Event.objects.filter(status=Status.CANCELLED):
            assert AuditEntry.objects.filter(event_id=event.pk, changes__is_archived=["False", "True"]).exists()


@pytest.mark.django_db
def test_whatever_happens():
    Season.world = World()
    run_state_machine_as_test(
        Season,
        settings=settings(
            max_examples=30, stateful_step_count=8, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
