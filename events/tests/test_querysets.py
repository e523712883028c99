"""Who fits where, asked in SQL, against the same computed slowly in Python."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from credentials.models import Qualification
from credentials.services import rebuild_closure
from credentials.tests.factories import QualificationFactory, hold
from events.models import Assignment, Event, Position
from events.querysets import people_able_to_fill, people_able_to_lead
from events.querysets.conflicts import conflicts_of
from events.rules.lifecycle import Status
from events.tests.factories import EVENING, PRAGUE, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.stories import NOW, able, make_event
from roster.models import User
from roster.rights import Role
from roster.tests.factories import UserFactory, make_coordinator, make_member

pytestmark = pytest.mark.django_db


class Town:
    """A random little organisation, kept in plain Python beside its rows."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.parents: dict[int, set[int]] = {}
        self.qualifications = self._make_graph()
        self.people = [self._make_person() for _n in range(6)]
        self.events = [self._make_event() for _n in range(8)]

    def _make_graph(self) -> list[Qualification]:
        rows = [QualificationFactory(can_lead=self.chance.random() < 0.4) for _n in range(6)]
        for number, row in enumerate(rows):
            chosen = self.chance.sample(rows[:number], min(number, self.chance.randrange(3)))
            row.direct_substitutes.set(chosen)
            self.parents[row.pk] = {parent.pk for parent in chosen}
        for row in self.chance.sample(rows, 2):
            row.is_deleted, row.deleted_at = True, NOW
            row.save()
        rebuild_closure()
        return rows

    def _make_person(self) -> User:
        roles = self.chance.choice([[Role.MEMBER], [Role.MEMBER], [Role.COORDINATOR], [Role.VIEWER], []])
        person: User = UserFactory(roles=roles, is_active=self.chance.random() < 0.85)
        for row in self.chance.sample(self.qualifications, self.chance.randrange(4)):
            shift = self.chance.choice([None, None, -1, 0, 1])
            hold(person, row, until=None if shift is None else EVENING.date() + timedelta(days=shift))
        return person

    def _make_event(self) -> Event:
        # Around midnight the day in Prague is not the day in UTC.
        start = EVENING.replace(hour=self.chance.choice([0, 1, 18, 23])) + timedelta(
            days=self.chance.choice([-1, 0, 1])
        )
        status = self.chance.choice([Status.OPEN, Status.OPEN, Status.OPEN, Status.CLOSED, Status.PUBLISHED])
        master = MasterEventFactory(coordinator=self.chance.choice([None, None, self.people[0]]))
        event: Event = EventFactory(
            start=start, status=status, master_event=master, is_archived=self.chance.random() < 0.1
        )
        crew = self.chance.sample(self.people, self.chance.randrange(3))
        for _n in range(self.chance.randrange(1, 4)):
            demanded = self.chance.sample(self.qualifications, self.chance.randrange(3))
            position = PositionFactory(event=event, qualifications=demanded)
            if crew and self.chance.random() < 0.4:
                put(crew.pop(), position)
        return event

    # --- the same questions, answered slowly -------------------------------------------------------------

    def substitutes(self, requirement: int) -> set[int]:
        found, waiting = {requirement}, [requirement]
        while waiting:
            for parent in self.parents[waiting.pop()] - found:
                found.add(parent)
                waiting.append(parent)
        return found

    def held(self, person: User, day: date) -> set[int]:
        return {
            row.qualification_id
            for row in person.holdings.select_related("qualification")
            if not row.qualification.is_deleted and (row.valid_until is None or day <= row.valid_until)
        }

    def fits(self, person: User, position: Position) -> bool:
        held = self.held(person, position.event.start.astimezone(PRAGUE).date())
        demanded = [row.pk for row in position.qualifications.all() if not row.is_deleted]
        return all(self.substitutes(requirement) & held for requirement in demanded)

    def joins(self, person: User, event: Event) -> bool:
        crew = {row.position_id: row.person_id for row in event.assignments.all()}
        free = [position for position in event.positions.all() if position.pk not in crew]
        return (
            person.has_perm("events.assign_own")
            and event.status == Status.OPEN
            and not event.is_archived
            and (event.master_event.coordinator is None or person.has_perm("events.assign_other"))
            and person.pk not in crew.values()
            and any(self.fits(person, position) for position in free)
        )

    def leads(self, person: User, day: date) -> bool:
        leading = {row.pk for row in self.qualifications if row.can_lead}
        return person.has_perm("events.assign_own") and bool(self.held(person, day) & leading)


@pytest.mark.parametrize("seed", range(10))
def test_sql_agrees_with_python(seed):
    town = Town(seed)
    for person in town.people:
        assert set(Event.objects.joinable_by(person)) == {event for event in town.events if town.joins(person, event)}
    positions = Position.objects.select_related("event").prefetch_related("qualifications")
    fitting = {(person, position) for person in town.people for position in positions if town.fits(person, position)}
    for position in positions:
        able_ones = {person for person, place in fitting if place == position}
        assert set(people_able_to_fill(position)) == {person for person in able_ones if person.is_active}
    for person in town.people:
        places = {place for somebody, place in fitting if somebody == person}
        assert set(Position.objects.fillable_by(person)) == places
        assert {place for place in Position.objects.with_fillable_by(person) if place.is_fillable} == places
    for shift in (-2, -1, 0, 1, 2):
        day = EVENING.date() + timedelta(days=shift)
        assert set(people_able_to_lead(day)) == {person for person in town.people if town.leads(person, day)}


def test_the_towns_are_not_trivial():
    """The comparison above means something only if both answers occur."""
    towns = [Town(seed) for seed in range(3)]
    joins = {town.joins(person, event) for town in towns for person in town.people for event in town.events}
    positions = list(Position.objects.select_related("event"))
    fits = {towns[0].fits(person, place) for person in towns[0].people for place in positions[:8]}
    assert joins == fits == {True, False}


class TestOneQuery:
    @pytest.fixture
    def town(self):
        return Town(3)

    @pytest.fixture
    def person(self, town):
        person = next(person for person in town.people if person.has_perm("events.assign_own"))
        person.has_perm("events.assign_other")
        return person

    def test_which_events_can_i_join(self, person, django_assert_max_num_queries):
        with django_assert_max_num_queries(2):  # one reads the events with a capacity, whose arithmetic is ours
            list(Event.objects.joinable_by(person))

    def test_which_places_fit_me(self, person, django_assert_max_num_queries):
        with django_assert_max_num_queries(1):
            list(Position.objects.fillable_by(person))

    def test_who_fits_this_place(self, town, django_assert_max_num_queries):
        position = Position.objects.first()
        with django_assert_max_num_queries(1):
            list(people_able_to_fill(position))

    def test_who_could_lead(self, town, django_assert_max_num_queries):
        with django_assert_max_num_queries(1):
            list(people_able_to_lead(EVENING.date()))


class TestDayOfDuty:
    """A holding counts up to its last day as people in the site's zone write it, in every night of the year."""

    @pytest.mark.parametrize(
        ("start", "day"),
        [
            (datetime(2027, 5, 15, 0, 0, tzinfo=PRAGUE), date(2027, 5, 15)),
            (datetime(2027, 5, 15, 1, 59, tzinfo=PRAGUE), date(2027, 5, 15)),
            (datetime(2027, 5, 14, 23, 59, tzinfo=PRAGUE), date(2027, 5, 14)),
            (datetime(2027, 1, 1, 0, 30, tzinfo=PRAGUE), date(2027, 1, 1)),
            # the clocks go forward: 2:00 becomes 3:00
            (datetime(2027, 3, 28, 0, 30, tzinfo=PRAGUE), date(2027, 3, 28)),
            (datetime(2027, 3, 28, 3, 0, tzinfo=PRAGUE), date(2027, 3, 28)),
            (datetime(2027, 3, 28, 23, 30, tzinfo=PRAGUE), date(2027, 3, 28)),
            # the clocks go back: 2:30 happens twice
            (datetime(2027, 10, 31, 2, 30, fold=0, tzinfo=PRAGUE), date(2027, 10, 31)),
            (datetime(2027, 10, 31, 2, 30, fold=1, tzinfo=PRAGUE), date(2027, 10, 31)),
            (datetime(2027, 10, 31, 23, 30, tzinfo=PRAGUE), date(2027, 10, 31)),
            (datetime(2027, 10, 30, 23, 59, tzinfo=PRAGUE), date(2027, 10, 30)),
        ],
    )
    def test_is_the_local_day_on_which_it_starts(self, start, day):
        medic = QualificationFactory(can_lead=True)
        event = EventFactory(start=start)
        position = PositionFactory(event=event, qualifications=[medic])
        on_time, late = make_member(), make_member()
        hold(on_time, medic, until=day)
        hold(late, medic, until=day - timedelta(days=1))
        assert list(people_able_to_fill(position)) == [on_time]
        assert list(Event.objects.joinable_by(on_time)) == [event]
        assert not Event.objects.joinable_by(late).exists()

    def test_is_judged_in_the_active_zone(self):
        medic = QualificationFactory()
        position = PositionFactory(
            event=EventFactory(start=datetime(2027, 5, 15, 0, 30, tzinfo=PRAGUE)), qualifications=[medic]
        )
        person = make_member()
        hold(person, medic, until=date(2027, 5, 14))
        assert not people_able_to_fill(position).exists()
        with timezone.override("UTC"):
            assert people_able_to_fill(position).exists()


class TestClashes:
    @pytest.mark.parametrize(
        ("start", "hours", "clashes"),
        [(-4, 4, False), (-4, 5, True), (1, 1, True), (0, 4, True), (3, 4, True), (4, 4, False), (-1, 9, True)],
    )
    def test_share_time_touching_is_fine(self, start, hours, clashes):
        person = make_member()
        begin = EVENING + timedelta(hours=start)
        put(person, PositionFactory(event=EventFactory(start=begin, end=begin + timedelta(hours=hours))))
        assert bool(conflicts_of(person, EventFactory(start=EVENING))) is clashes

    @pytest.mark.parametrize("status", Status)
    def test_count_until_over_drafts_included(self, status):
        person = make_member()
        put(person, PositionFactory(event=EventFactory(status=status)))
        over = status in (Status.COMPLETED, Status.CANCELLED)
        assert bool(conflicts_of(person, EventFactory())) is not over

    def test_across_master_events_but_never_with_itself(self):
        person = make_member()
        other = EventFactory(master_event=MasterEventFactory())
        put(person, PositionFactory(event=other))
        event = EventFactory()
        put(person, PositionFactory(event=event))
        assert conflicts_of(person, event).clashes == [other]

    def test_in_order_of_time(self):
        person = make_member()
        events = [EventFactory(start=EVENING + timedelta(hours=shift)) for shift in (2, 0, 1)]
        for event in events:
            put(person, PositionFactory(event=event))
        near = conflicts_of(person, EventFactory(start=EVENING - timedelta(hours=1), end=events[0].end))
        assert near.clashes == sorted(events, key=lambda event: event.start)


class TestStaffing:
    def test_figures_read_with_the_list_are_those_of_now(self, django_assert_max_num_queries):
        medic = QualificationFactory(can_lead=True)
        events = [make_event(medic, places=places, optional=optional) for places, optional in ((0, 0), (3, 0), (2, 2))]
        for event in events:
            for person, position in zip([make_member(), make_member()], event.positions.all(), strict=False):
                put(person, position)
        with django_assert_max_num_queries(1):
            listed = [event.staffing for event in Event.objects.with_staffing().order_by("pk")]
        assert listed == [event.staffing_of_now() for event in events]
        assert [staffing.filled for staffing in listed] == [0, 2, 2]
        assert [staffing.total for staffing in listed] == [0, 3, 4]

    def test_who_is_short_of_people(self):
        medic = QualificationFactory(can_lead=True)
        short, enough = make_event(medic, places=2), make_event(medic, places=1, optional=1)
        put(able(medic), enough.positions.get(is_optional=False))
        assert list(Event.objects.with_staffing().short_of_people()) == [short]


class TestMyEvents:
    def test_mine_and_those_i_lead(self):
        me, other = make_member(), make_member()
        mine, led, strange = EventFactory(), EventFactory(responsible_person=me), EventFactory()
        for event, person in ((mine, me), (strange, other)):
            put(person, PositionFactory(event=event))
        assert set(Event.objects.concerning(me)) == {mine, led}
        assert set(Event.objects.taken_part_in_by(me)) == {mine}
        assert set(Event.objects.not_taken_part_in_by(me)) == {led, strange}

    def test_a_coordinator_joins_where_a_coordinator_places_people(self):
        event = EventFactory(master_event=MasterEventFactory(coordinator=make_member()))
        PositionFactory(event=event)
        assert list(Event.objects.joinable_by(make_coordinator())) == [event]
        assert not Event.objects.joinable_by(make_member()).exists()

    def test_order_of_signing_up(self):
        event = EventFactory()
        late = put(make_member(), PositionFactory(event=event), assigned_at=NOW + timedelta(hours=1))
        early = put(make_member(), PositionFactory(event=event), assigned_at=NOW)
        assert list(Assignment.objects.in_order_of_signing_up()) == [early, late]
