"""Positions: as part of an event's form and one by one."""

from __future__ import annotations

import pytest

from credentials.tests.factories import QualificationFactory
from events.models import Event, Position
from events.rules.lifecycle import Status
from events.services import planning, positions
from events.services.positions import PlanChanges, PositionPlan
from events.tests.factories import EventFactory, PositionFactory, put
from events.tests.stories import able, fill, history, make_event, told
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from roster.rights import Role
from roster.tests.factories import UserFactory, make_coordinator, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def leading():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def driver():
    return QualificationFactory(name="Řidič sanitky")


@pytest.fixture
def boss():
    return make_coordinator()


def edit(event: Event, boss, *, version=None, plan=None, **fields) -> Event:
    planning.edit_event(event.pk, by=boss, version=version, plan=plan, **fields)
    return Event.objects.get(pk=event.pk)


class TestPlanOfAForm:
    def test_adds_changes_and_removes_in_place(self, boss, leading, driver):
        event = make_event(leading, places=3)
        first, second, third = event.positions.order_by("id")
        person = able(leading)
        put(person, first)
        plan = PlanChanges(
            added=[PositionPlan("Nováček", is_optional=True)],
            changed={first.pk: PositionPlan("Velitel", qualifications=[leading]),
                     second.pk: PositionPlan(second.description, qualifications=[driver])},
            removed=[third.pk],
        )  # fmt: skip
        edit(event, boss, plan=plan)
        assert event.positions.count() == 3
        assert event.positions.get(description="Velitel").assignment.person == person
        assert list(event.positions.get(pk=second.pk).qualifications.all()) == [driver]

    def test_touching_the_plan_makes_other_open_forms_stale(self, boss, leading):
        event = make_event(leading)
        edit(event, boss, version=1, plan=PlanChanges(added=[PositionPlan()]))
        with pytest.raises(StaleRecord):
            edit(event, boss, version=1, name="Maraton")

    def test_an_untouched_plan_is_no_change_even_when_it_was_bad(self, boss):
        event = EventFactory()
        position = PositionFactory(event=event, description="Kdokoli")
        plan = PlanChanges(changed={position.pk: PositionPlan("Kdokoli")})
        assert edit(event, boss, plan=plan).version == 1
        position.refresh_from_db()
        assert position.version == 1

    @pytest.mark.parametrize("how", ["changed", "removed"])
    def test_a_position_that_vanished_or_belongs_elsewhere_is_a_stale_form(self, boss, leading, how):
        event, other = make_event(leading), make_event(leading)
        foreign = other.positions.first().pk
        for key in (foreign, 10**9):
            plan = PlanChanges(**{how: {key: PositionPlan()} if how == "changed" else [key]})
            with pytest.raises(StaleRecord):
                edit(event, boss, plan=plan)

    def test_refuses_what_would_be_a_bad_plan(self, boss, leading):
        event = make_event(leading)
        commander = event.positions.order_by("id").first()
        for plan in (
            PlanChanges(removed=[commander.pk]),
            PlanChanges(changed={commander.pk: PositionPlan()}),
            PlanChanges(changed={commander.pk: PositionPlan(qualifications=[leading], is_optional=True)}),
        ):
            with pytest.raises(DomainError):
                edit(event, boss, plan=plan)

    def test_refuses_to_make_an_occupant_unqualified(self, boss, leading, driver):
        event = make_event(leading)
        place = event.positions.order_by("id").last()
        put(make_member(), place)
        with pytest.raises(DomainError):
            edit(event, boss, plan=PlanChanges(changed={place.pk: PositionPlan(qualifications=[driver])}))
        assert event.assignments.count() == 1

    def test_a_place_more_reopens_what_capacity_closed(self, boss, leading):
        event = make_event(leading, places=1, status=Status.CLOSED, capacity_closed=True)
        fill(event, able(leading))
        opened = edit(event, boss, plan=PlanChanges(added=[PositionPlan()]))
        assert (opened.status, opened.capacity_closed) == (Status.OPEN, False)

    def test_a_place_more_leaves_what_a_coordinator_closed(self, boss, leading):
        event = make_event(leading, places=1, status=Status.CLOSED)
        fill(event, able(leading))
        assert edit(event, boss, plan=PlanChanges(added=[PositionPlan()])).status == Status.CLOSED

    def test_taking_away_the_last_free_place_closes(self, boss, leading):
        event = make_event(leading, places=2)
        fill(event, able(leading))
        free = event.positions.free().get()
        closed = edit(event, boss, plan=PlanChanges(removed=[free.pk]))
        assert (closed.status, closed.capacity_closed) == (Status.CLOSED, True)


class TestPositions:
    def test_adds_identical_copies(self, boss, leading, driver):
        event = make_event(leading)
        plan = PositionPlan("Řidič", is_optional=True, qualifications=[driver])
        assert len(positions.add_positions(event.pk, plan, by=boss, count=10)) == 10
        copies = event.positions.filter(description="Řidič")
        assert all(list(copy.qualifications.all()) == [driver] and copy.is_optional for copy in copies)
        assert copies.count() == 10

    @pytest.mark.parametrize("count", [0, -1, 11])
    def test_adds_one_to_ten(self, boss, leading, count):
        with pytest.raises(DomainError):
            positions.add_positions(make_event(leading).pk, PositionPlan(), by=boss, count=count)

    def test_adding_reopens_by_the_same_rule_as_the_form(self, boss, leading):
        event = make_event(leading, places=1, status=Status.CLOSED, capacity_closed=True)
        fill(event, able(leading))
        positions.add_positions(event.pk, PositionPlan(), by=boss)
        event.refresh_from_db()
        assert event.status == Status.OPEN

    def test_edits_and_counts(self, boss, leading, driver):
        event = make_event(leading)
        place = event.positions.order_by("id").last()
        positions.edit_position(place.pk, PositionPlan("Řidič", qualifications=[driver]), by=boss, version=1)
        place.refresh_from_db()
        event.refresh_from_db()
        assert (place.description, place.version, event.version) == ("Řidič", 2, 2)
        assert history(event)[-1].actor == boss

    def test_refuses_a_stale_edit(self, boss, leading):
        place = make_event(leading).positions.order_by("id").last()
        positions.edit_position(place.pk, PositionPlan("Řidič"), by=boss, version=1)
        with pytest.raises(StaleRecord):
            positions.edit_position(place.pk, PositionPlan("Pilot"), by=boss, version=1)

    def test_an_occupant_who_no_longer_fits_is_kept_unless_confirmed(self, boss, leading, driver):
        event = make_event(leading)
        person = make_member()
        place = event.positions.order_by("id").last()
        put(person, place)
        plan = PositionPlan(qualifications=[driver])
        with pytest.raises(DomainError):
            positions.edit_position(place.pk, plan, by=boss)
        positions.edit_position(place.pk, plan, by=boss, release_unqualified=True)
        assert not event.assignments.exists()
        assert told() == {("assignment_released", person)}

    def test_a_fitting_occupant_stays(self, boss, leading, driver):
        event = make_event(leading)
        person = able(driver)
        place = event.positions.order_by("id").last()
        put(person, place)
        plan = PositionPlan(qualifications=[driver])
        positions.edit_position(place.pk, plan, by=boss, release_unqualified=True)
        assert event.assignments.get().person == person
        assert not told()

    def test_releasing_the_leader_hands_on_and_reopens(self, boss, leading, driver):
        leader, heir = able(leading), able(leading)
        event = make_event(leading, status=Status.CLOSED, capacity_closed=True, responsible_person=leader)
        fill(event, leader, heir)
        place = event.positions.get(assignment__person=leader)
        positions.edit_position(
            place.pk, PositionPlan(qualifications=[leading, driver]), by=boss, release_unqualified=True
        )
        event.refresh_from_db()
        assert (event.responsible_person, event.status) == (heir, Status.OPEN)

    def test_a_new_description_does_not_judge_an_exception_again(self, boss, leading):
        event = make_event(leading)
        place = event.positions.order_by("id").first()
        put(make_member(), place)
        positions.edit_position(place.pk, PositionPlan("Velitel", qualifications=[leading]), by=boss)
        assert event.assignments.count() == 1

    def test_deletes_a_free_one_only(self, boss, leading):
        event = make_event(leading, places=3)
        _commander, taken, free = event.positions.order_by("id")
        put(make_member(), taken)
        positions.delete_position(free.pk, by=boss)
        with pytest.raises(DomainError):
            positions.delete_position(taken.pk, by=boss)
        assert event.positions.count() == 2

    def test_a_good_plan_stays_good(self, boss, leading):
        commander = make_event(leading).positions.order_by("id").first()
        with pytest.raises(DomainError):
            positions.delete_position(commander.pk, by=boss)
        with pytest.raises(DomainError):
            positions.edit_position(commander.pk, PositionPlan(), by=boss)

    def test_a_bad_plan_may_be_mended_step_by_step(self, boss, leading):
        event = EventFactory()
        place = PositionFactory(event=event)
        spare = PositionFactory(event=event)
        positions.delete_position(spare.pk, by=boss)
        positions.edit_position(place.pk, PositionPlan(qualifications=[leading]), by=boss)
        assert event.positions.get() == place

    def test_what_is_gone_is_a_refusal(self, boss):
        with pytest.raises(DomainError):
            positions.delete_position(10**9, by=boss)
        with pytest.raises(DomainError):
            positions.edit_position(10**9, PositionPlan(), by=boss)
        with pytest.raises(DomainError):
            positions.add_positions(10**9, PositionPlan(), by=boss)

    def test_all_of_it_needs_the_right(self, leading):
        event = make_event(leading)
        place = event.positions.first()
        member = UserFactory(roles=[Role.MEMBER])
        for attempt in (
            lambda: positions.add_positions(event.pk, PositionPlan(), by=member),
            lambda: positions.edit_position(place.pk, PositionPlan("x"), by=member),
            lambda: positions.delete_position(place.pk, by=member),
        ):
            with pytest.raises(NotAllowed):
                attempt()
        assert Position.objects.count() == 2
