"""Copies, splits, series, templates, and deletion for good."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from credentials import services as credentials
from credentials.tests.factories import QualificationFactory, hold
from events.models import Event, EventTemplate
from events.rules.lifecycle import Status
from events.rules.recurrence import Weekly
from events.services import archiving, copying, notifications, series, templates
from events.services.conditions import Condition, ConditionsPlan, plan_of
from events.services.positions import PositionPlan, plans_of
from events.tests.factories import EVENING, MasterEventFactory
from events.tests.stories import NOW, able, fill, history, make_capacity_event, make_event, place, told
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system.models import AuditEntry
from notifications.models import OutboxMessage
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def boss():
    return make_coordinator()


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture(params=["positions", "conditions"])
def event(request, medic):
    """The same crew in both modes."""
    person = able(medic)
    if request.param == "positions":
        made = make_event(medic, places=2, optional=1, responsible_person=person, address="Letná", colour="#AABBCC")
        fill(made, person, make_member())
        return made
    made = make_capacity_event({medic: 1}, responsible_person=person, address="Letná", colour="#AABBCC")
    place(made, person, make_member())
    return made


def plan(event):
    return plan_of(event) if event.by_conditions else [(row.description, row.is_optional) for row in plans_of(event)]


class TestClone:
    def test_takes_the_plan_along_and_leaves_the_people(self, event, boss):
        copy = copying.clone_event(event.pk, by=boss, at=NOW)
        assert (copy.name, copy.status, copy.creator) == (f"{event.name} kopie", Status.DRAFT, boss)
        assert (copy.start, copy.end, copy.address, copy.colour) == (event.start, event.end, "Letná", "#AABBCC")
        assert plan(copy) == plan(event)
        assert not copy.assignments.exists()
        assert copy.responsible_person is None

    def test_of_a_completed_event_with_a_long_name(self, medic, boss):
        old = make_event(medic, name="A" * 255, status=Status.COMPLETED)
        copy = copying.clone_event(old.pk, by=boss, at=NOW)
        assert len(copy.name) <= 255
        assert copy.name.endswith(" kopie")

    def test_needs_the_right(self, event):
        with pytest.raises(NotAllowed):
            copying.clone_event(event.pk, by=make_member(), at=NOW)

    def test_not_under_an_archived_master_event(self, medic, boss):
        old = make_event(medic, master_event=MasterEventFactory(is_archived=True))
        with pytest.raises(DomainError):
            copying.clone_event(old.pk, by=boss, at=NOW)


class TestSplit:
    def test_both_halves_keep_people_plan_and_status_and_nobody_is_told(self, event, boss):
        first, second = copying.split_event(event.pk, EVENING + HOUR, by=boss)
        assert (first.name, second.name) == (f"{event.name} 1/2", f"{event.name} 2/2")
        assert (first.end, second.start, second.end) == (EVENING + HOUR, EVENING + HOUR, event.end)
        assert plan(first) == plan(second)
        assert second.status == event.status
        assert second.responsible_person == event.responsible_person
        people = [set(half.assignments.values_list("person", "position__description")) for half in (first, second)]
        assert people[0] == people[1]
        assert len(people[0]) == 2
        assert not told()

    def test_a_leader_whose_qualification_ends_with_the_day_does_not_lead_the_second_half(self, medic, boss):
        person = make_member()
        hold(person, medic, until=EVENING.date())
        long = make_event(medic, end=EVENING + 12 * HOUR, responsible_person=person)
        fill(long, person)
        first, second = copying.split_event(long.pk, EVENING + 8 * HOUR, by=boss)
        assert first.responsible_person == person
        assert second.responsible_person is None

    @pytest.mark.parametrize("hours", [-1, 0, 4, 5])
    def test_only_inside(self, event, boss, hours):
        with pytest.raises(DomainError):
            copying.split_event(event.pk, EVENING + hours * HOUR, by=boss)

    @pytest.mark.parametrize("status", [Status.COMPLETED, Status.CANCELLED])
    def test_not_what_is_over(self, medic, boss, status):
        with pytest.raises(DomainError):
            copying.split_event(make_event(medic, status=status).pk, EVENING + HOUR, by=boss)

    def test_needs_the_right_and_the_version(self, event, boss):
        with pytest.raises(NotAllowed):
            copying.split_event(event.pk, EVENING + HOUR, by=make_member())
        with pytest.raises(StaleRecord):
            copying.split_event(event.pk, EVENING + HOUR, by=boss, version=99)


class TestSeries:
    def pattern(self, weeks=3):
        return Weekly(EVENING.date() + timedelta(days=1), EVENING.date() + timedelta(weeks=weeks), [EVENING.weekday()])

    def make(self, event, boss, **extra):
        fields, staffing = copying.copied_fields(event), copying.staffing_of(event)
        return series.create_series(fields, staffing, self.pattern(), by=boss, at=NOW, **extra)

    def test_one_draft_a_week_with_the_same_plan(self, event, boss):
        made = self.make(event, boss)
        assert [row.start - EVENING for row in made] == [timedelta(weeks=week) for week in (1, 2, 3)]
        assert {row.status for row in made} == {Status.DRAFT}
        assert all(plan(row) == plan(event) for row in made)

    def test_asking_twice_makes_nothing_twice(self, event, boss):
        self.make(event, boss)
        with pytest.raises(DomainError):
            self.make(event, boss)
        assert Event.objects.count() == 4

    def test_only_the_chosen_days(self, event, boss):
        made = self.make(event, boss, only=[EVENING.date() + timedelta(weeks=2)])
        assert [row.start - EVENING for row in made] == [timedelta(weeks=2)]

    def test_sign_ups_open_as_long_before(self, event, boss):
        Event.objects.filter(pk=event.pk).update(signups_open_at=EVENING - timedelta(days=5, hours=3))
        event.refresh_from_db()
        first, *_rest = self.make(event, boss)
        assert first.start - first.signups_open_at == timedelta(days=5, hours=3)

    def test_the_preview_marks_days_that_have_it(self, event, boss):
        self.make(event, boss, only=[EVENING.date() + timedelta(weeks=1)])
        rows = series.preview(event.name, event.start, event.end, self.pattern())
        assert [row.exists for row in rows] == [True, False, False]

    def test_a_bad_pattern_is_refused(self, event, boss):
        with pytest.raises(DomainError):
            series.preview(event.name, event.start, event.end, Weekly(date(2027, 1, 2), date(2027, 1, 1), [0]))

    def test_all_or_nothing(self, event, boss):
        with pytest.raises(NotAllowed):
            self.make(event, make_member())
        assert Event.objects.count() == 1


class TestTemplates:
    def test_conditions_and_positions_come_back_as_they_went_in(self, boss, medic):
        driver = QualificationFactory()
        conditions = ConditionsPlan(2, 4, [Condition(driver, 1), Condition(medic, 1)])
        by_conditions = templates.save_template(
            EventTemplate(name="Dozor", is_paid=True), conditions=conditions, by=boss
        )
        assert templates.staffing_from(by_conditions) == {"conditions": conditions}
        assert templates.fields_from(by_conditions)["is_paid"] is True
        positions = [PositionPlan("Velitel", qualifications=[medic]), PositionPlan("Hlídka", is_optional=True)]
        by_positions = templates.save_template(EventTemplate(name="Školení"), positions=positions, by=boss)
        found = templates.staffing_from(by_positions)["positions"]
        assert [(row.description, row.is_optional, list(row.qualifications)) for row in found] == [
            ("Velitel", False, [medic]), ("Hlídka", True, []),
        ]  # fmt: skip

    def test_made_from_an_event(self, event, boss):
        made = templates.template_from(event, "Jako minule", by=boss)
        assert made.by_conditions == event.by_conditions

    def test_the_mode_may_change_with_the_plan(self, boss, medic):
        made = templates.save_template(
            EventTemplate(name="Dozor"), conditions=ConditionsPlan(1, 2, [Condition(medic, 1)]), by=boss
        )
        templates.save_template(made, positions=[PositionPlan("Velitel", qualifications=[medic])], by=boss, version=1)
        made.refresh_from_db()
        assert (made.by_conditions, made.conditions.count(), made.positions.count(), made.version) == (False, 0, 1, 2)

    def test_refusals(self, boss, medic):
        good = ConditionsPlan(1, 2, [Condition(medic, 1)])
        made = templates.save_template(EventTemplate(name="Dozor"), conditions=good, by=boss)
        with pytest.raises(ValidationError):
            templates.save_template(EventTemplate(name="Dozor"), conditions=good, by=boss)
        with pytest.raises(ValidationError):
            templates.save_template(EventTemplate(name=" "), conditions=good, by=boss)
        with pytest.raises(DomainError):
            templates.save_template(EventTemplate(name="Jiná"), conditions=ConditionsPlan(1, 2), by=boss)
        with pytest.raises(NotAllowed):
            templates.save_template(EventTemplate(name="Jiná"), conditions=good, by=make_member())
        with pytest.raises(StaleRecord):
            templates.save_template(made, conditions=good, by=boss, version=7)
        with pytest.raises(NotAllowed):
            templates.delete_template(made.pk, by=make_member())

    def test_deleting_is_recorded(self, boss, medic):
        made = templates.save_template(
            EventTemplate(name="Dozor"), conditions=ConditionsPlan(1, 2, [Condition(medic, 1)]), by=boss
        )
        templates.delete_template(made.pk, by=boss)
        assert not EventTemplate.objects.exists()
        assert "Dozor" in AuditEntry.objects.filter(kind="delete").get().summary

    def test_a_demanded_qualification_cannot_be_deleted(self, boss, medic):
        templates.save_template(
            EventTemplate(name="Dozor"), conditions=ConditionsPlan(1, 2, [Condition(medic, 1)]), by=boss
        )
        with pytest.raises(DomainError, match="Dozor"):
            credentials.delete_qualification(medic.pk, by=make_admin(), at=NOW)


class TestDeletion:
    def test_takes_everything_but_the_record(self, event):
        admin = make_admin()
        notifications.notify_participants("event_changed", event, {"changes": {"name": ["A", "B"]}})
        archiving.archive_event(event.pk, by=admin, notify=False)
        archiving.delete_event(event.pk, confirmation=f" {event.name} ", by=admin)
        assert not Event.objects.exists()
        assert not OutboxMessage.objects.pending().exists()
        assert history(event, kind="delete")

    def test_refusals(self, event):
        admin = make_admin()
        with pytest.raises(DomainError):
            archiving.delete_event(event.pk, confirmation=event.name, by=admin)
        archiving.archive_event(event.pk, by=admin, notify=False)
        with pytest.raises(DomainError):
            archiving.delete_event(event.pk, confirmation="Ano", by=admin)
        with pytest.raises(NotAllowed):
            archiving.delete_event(event.pk, confirmation=event.name, by=make_coordinator())
        with pytest.raises(StaleRecord):
            archiving.delete_event(event.pk, confirmation=event.name, by=admin, version=1)
