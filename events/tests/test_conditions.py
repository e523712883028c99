"""Events staffed by conditions: figures, joining, seats that are kept, capacity, and changes of the plan."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from credentials import services as credentials
from credentials.tests.factories import QualificationFactory, hold
from events.models import Event
from events.querysets.staffing import staffing_read_once
from events.rules.lifecycle import Status
from events.rules.staffing import Level
from events.services import crew, lifecycle, planning, positions
from events.services.conditions import Condition, ConditionsPlan, plan_of, warning_of
from events.services.positions import PositionPlan
from events.tests.factories import EVENING
from events.tests.stories import NOW, able, history, make_capacity_event, make_event, place, told
from medcover.common.errors import DomainError, NotAllowed
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def doctor():
    return QualificationFactory(name="Lékař", can_lead=True)


@pytest.fixture
def medic(doctor):
    return QualificationFactory(name="Zdravotník", can_lead=True, direct_substitutes=[doctor])


@pytest.fixture
def driver():
    return QualificationFactory(name="Řidič")


@pytest.fixture
def boss():
    return make_coordinator()


@pytest.fixture
def event(doctor, medic, driver):
    return make_capacity_event({doctor: 1, medic: 1, driver: 1}, minimum=2, maximum=4)


class TestFigures:
    def test_of_an_empty_event(self, event):
        staffing = event.staffing
        assert (staffing.filled, staffing.total, staffing.missing, staffing.deficit) == (0, 4, 2, 3)
        assert (staffing.level, staffing.is_short, staffing.is_full) == (Level.UNMET, True, False)

    def test_one_person_covers_two_hierarchies_and_two_cover_everything(self, event, doctor, driver):
        first, second = able(doctor, driver), able(doctor)
        place(event, first)
        assert [row.covered for row in event.staffing_of_now().rows] == [1, 0, 1]
        place(event, second)
        Event.objects.filter(pk=event.pk).update(responsible_person=first)
        staffing = event.staffing_of_now()
        assert staffing.is_sufficient
        assert staffing.level == Level.SUFFICIENT
        assert sorted(staffing.rows[1].people) == sorted([first.name, second.name])

    def test_without_a_valid_leader_nothing_is_sufficient(self, event, doctor, driver):
        first, second = able(doctor, driver), able(doctor)
        place(event, first, second)
        assert not event.staffing_of_now().is_sufficient
        Event.objects.filter(pk=event.pk).update(responsible_person=make_coordinator())
        assert not event.staffing_of_now().is_sufficient

    def test_a_holding_counts_on_the_day_of_duty(self, event, medic):
        person = make_member()
        hold(person, medic, until=EVENING.date() - timedelta(days=1))
        place(event, person)
        assert event.staffing_of_now().rows[1].covered == 0
        credentials.grant(person.pk, medic.pk, by=make_admin(), at=NOW, valid_until=EVENING.date())
        assert event.staffing_of_now().rows[1].covered == 1

    def test_full_but_not_met(self, event):
        place(event, *(make_member() for _n in range(4)))
        assert event.staffing_of_now().level == Level.FULL_UNMET

    def test_a_list_costs_three_queries_more_however_many_events(self, doctor, medic):
        def queries():
            with CaptureQueriesContext(
                connection,
            ) as seen:
                figures = [event.staffing.level for event in Event.objects.with_staffing()]
            return len(seen), len(figures)

        make_event(doctor)
        positions_only, _count = queries()
        for _n in range(3):
            place(make_capacity_event({doctor: 1, medic: 1}), able(medic), able(doctor))
        mixed, count = queries()
        assert count == 4
        assert mixed <= positions_only + 3


class TestGraphReadOnce:
    def reads(self, twice):
        with CaptureQueriesContext(connection) as seen:
            for _n in range(twice):
                assert [event.staffing for event in Event.objects.with_staffing()]
        return len([query for query in seen.captured_queries if "qualification_parents" in query["sql"]])

    def test_inside_it_is_shared_and_outside_it_is_read_anew(self, event):
        assert self.reads(2) == 2
        with staffing_read_once():
            assert self.reads(2) == 1
        assert self.reads(2) == 2

    def test_what_changed_meanwhile_is_seen_by_the_next_page(self, event, doctor, driver):
        place(event, able(doctor))
        with staffing_read_once():
            assert event.staffing_of_now().rows[2].covered == 0
        driver.direct_substitutes.add(doctor)
        with staffing_read_once():
            assert event.staffing_of_now().rows[2].people


class TestJoining:
    def test_confirms_leads_and_is_recorded(self, event, medic):
        person = able(medic)
        crew.join(event.pk, by=person, at=NOW)
        event.refresh_from_db()
        assert event.responsible_person == person
        assert told() == {("assignment_confirmed", person)}
        assert person in {entry.actor for entry in history(event, kind="create")}

    def test_needs_no_qualification_while_seats_are_left(self, event):
        crew.join(event.pk, by=make_member(), at=NOW)
        assert event.assignments.count() == 1

    def test_keeps_the_last_seats_for_what_is_missing(self, event, doctor, driver):
        crew.join(event.pk, by=make_member(), at=NOW)
        with pytest.raises(DomainError) as refused:
            crew.join(event.pk, by=make_member(), at=NOW)
        assert "Lékař ×1, Zdravotník ×1, Řidič ×1" in str(refused.value)
        crew.join(event.pk, by=able(doctor, driver), at=NOW)
        assert event.assignments.count() == 2

    def test_the_reservation_binds_coordinators_too(self, event, boss):
        place(event, make_member())
        with pytest.raises(DomainError):
            crew.assign_to_event(event.pk, make_member().pk, by=boss, at=NOW, override_reason="Jinak to nejde")

    def test_once_unreachable_only_those_who_help_may_come(self, event, doctor):
        place(event, make_member(), make_member())
        with pytest.raises(DomainError):
            crew.join(event.pk, by=make_member(), at=NOW)
        crew.join(event.pk, by=able(doctor), at=NOW)

    def test_twice_is_refused(self, event, medic):
        person = able(medic)
        crew.join(event.pk, by=person, at=NOW)
        with pytest.raises(DomainError):
            crew.join(event.pk, by=person, at=NOW)

    def test_is_not_for_events_with_positions_nor_the_other_way_round(self, doctor, boss):
        person = able(doctor)
        with pytest.raises(DomainError):
            crew.join(make_event(doctor).pk, by=person, at=NOW)
        with pytest.raises(DomainError):
            crew.join(10**9, by=person, at=NOW)

    def test_assigning_needs_the_right(self, event):
        with pytest.raises(NotAllowed):
            crew.assign_to_event(event.pk, make_member().pk, by=make_member(), at=NOW)

    def test_a_clash_needs_a_reason(self, event, doctor, medic, boss):
        person = able(medic)
        place(make_capacity_event({doctor: 1}), person)
        with pytest.raises(crew.NeedsReason):
            crew.assign_to_event(event.pk, person.pk, by=boss, at=NOW)
        joined = crew.assign_to_event(event.pk, person.pk, by=boss, at=NOW, override_reason="Domluveno")
        assert len(joined.conflicts.clashes) == 1


class TestCapacity:
    @pytest.fixture
    def small(self, medic):
        return make_capacity_event({medic: 1}, minimum=1, maximum=2)

    def test_the_last_seat_closes_and_leaving_reopens(self, small, medic):
        first, second = able(medic), make_member()
        crew.join(small.pk, by=first, at=NOW)
        crew.join(small.pk, by=second, at=NOW)
        small.refresh_from_db()
        assert (small.status, small.capacity_closed) == (Status.CLOSED, True)
        crew.leave(small.pk, by=second)
        small.refresh_from_db()
        assert (small.status, small.capacity_closed) == (Status.OPEN, False)

    def test_what_was_closed_by_hand_stays_closed(self, small, medic, boss):
        first = able(medic)
        crew.join(small.pk, by=first, at=NOW)
        lifecycle.transition(small.pk, "close", by=boss, at=NOW)
        crew.leave(small.pk, by=first)
        small.refresh_from_db()
        assert small.status == Status.CLOSED

    def test_a_full_event_is_not_opened_by_hand(self, small, medic, boss):
        place(small, able(medic), make_member())
        lifecycle.transition(small.pk, "close", by=boss, at=NOW)
        with pytest.raises(DomainError):
            lifecycle.transition(small.pk, "open", by=boss, at=NOW)

    def test_raising_the_maximum_reopens(self, small, medic, boss):
        crew.join(small.pk, by=able(medic), at=NOW)
        crew.join(small.pk, by=make_member(), at=NOW)
        plan = ConditionsPlan(1, 3, plan_of(small).rows)
        planning.edit_event(small.pk, by=boss, version=None, plan=plan)
        small.refresh_from_db()
        assert (small.status, small.max_participants) == (Status.OPEN, 3)

    def test_the_maximum_is_not_lowered_below_the_crew(self, small, medic, boss):
        place(small, able(medic), make_member())
        with pytest.raises(DomainError):
            planning.edit_event(small.pk, by=boss, version=None, plan=ConditionsPlan(1, 1, plan_of(small).rows))


class TestPlan:
    @pytest.fixture
    def fields(self, event):
        return {
            "name": "Maraton", "master_event": event.master_event, "start": EVENING,
            "end": EVENING + timedelta(hours=4),
        }  # fmt: skip

    def test_creating(self, boss, fields, medic, driver):
        plan = ConditionsPlan(2, 3, [Condition(driver, 1), Condition(medic, 2)])
        made = planning.create_event(by=boss, at=NOW, conditions=plan, **fields)
        assert made.by_conditions
        assert plan_of(made) == plan

    def test_editing_keeps_what_stays_and_is_recorded(self, event, boss, doctor, driver, medic):
        kept = event.conditions.get(qualification=doctor).pk
        plan = ConditionsPlan(3, 5, [Condition(driver, 2), Condition(doctor, 1)])
        planning.edit_event(event.pk, by=boss, version=1, plan=plan)
        assert plan_of(Event.objects.get(pk=event.pk)) == plan
        assert event.conditions.get(qualification=doctor).pk == kept
        assert {entry.content_type.model for entry in history(event)} == {"event", "staffingcondition"}

    def test_an_equal_plan_changes_nothing(self, event, boss):
        planning.edit_event(event.pk, by=boss, version=1, plan=plan_of(event))
        event.refresh_from_db()
        assert event.version == 1

    @pytest.mark.parametrize(
        ("minimum", "maximum", "rows"),
        [
            (0, 2, [("medic", 1)]),
            (3, 2, [("medic", 1)]),
            (1, 2, []),
            (1, 2, [("driver", 1)]),
            (1, 2, [("medic", 1), ("medic", 1)]),
            (1, 2, [("medic", 0)]),
            (1, 2, [("medic", 3)]),
            (1, 2, [("doctor", 1), ("medic", 1)]),
            (1, 10**6, [("medic", 1)]),
        ],
    )
    def test_each_broken_rule_is_refused(self, event, boss, request, minimum, maximum, rows):
        conditions = [Condition(request.getfixturevalue(name), count) for name, count in rows]
        with pytest.raises(DomainError):
            planning.edit_event(event.pk, by=boss, version=1, plan=ConditionsPlan(minimum, maximum, conditions))

    def test_a_deleted_qualification_is_refused(self, event, boss, medic, driver):
        spare = QualificationFactory()
        credentials.delete_qualification(spare.pk, by=make_admin(), at=NOW)
        spare.refresh_from_db()
        plan = ConditionsPlan(2, 3, [Condition(medic, 1), Condition(spare, 1)])
        with pytest.raises(DomainError):
            planning.edit_event(event.pk, by=boss, version=1, plan=plan)

    def test_a_plan_that_needs_people_with_several_qualifications_is_remarked(self, doctor, driver):
        assert warning_of(ConditionsPlan(1, 1, [Condition(doctor, 1), Condition(driver, 1)]))
        assert warning_of(ConditionsPlan(1, 2, [Condition(doctor, 1), Condition(driver, 1)])) is None

    def test_the_other_mode_is_refused(self, event, boss, doctor):
        with pytest.raises(DomainError):
            positions.add_positions(event.pk, PositionPlan("Velitel"), by=boss)
        with pytest.raises(DomainError):
            planning.edit_event(make_event(doctor).pk, by=boss, version=1, plan=plan_of(event))
