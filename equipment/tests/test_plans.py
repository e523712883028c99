"""Services of equipment plans: planning, moving, copying, templates, and what leaves the stock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from credentials.tests.factories import QualificationFactory
from equipment.models import EventPlan, TemplatePlan
from equipment.services import availability, catalogue, issues, items, plans
from equipment.services.locking import Gone
from equipment.services.repairs import opening, work
from equipment.services.repairs.opening import Problem
from equipment.services.shortage import Shortage, warning_of
from equipment.tests.factories import EventPlanFactory, ItemFactory, TypeFactory, issued, make_technician
from events import readiness
from events.models import Event, EventTemplate
from events.rules.lifecycle import Status
from events.rules.recurrence import Weekly
from events.rules.staffing import Mode
from events.services import copying, planning, series, templates
from events.tests.factories import EventFactory, PositionFactory
from medcover.common.errors import DomainError, NotAllowed
from medcover.system.models import AuditEntry
from notifications.models import OutboxMessage
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db

#: The stock of the tests is not in the past, as notices are about what is to come.
START = timezone.now().replace(microsecond=0) + timedelta(days=30)
END = START + timedelta(hours=4)


@pytest.fixture
def planner():
    return make_coordinator(name="Malá Jana")


@pytest.fixture
def aed():
    """Two of them."""
    kind = TypeFactory(name="AED")
    ItemFactory.create_batch(2, type=kind)
    return kind


@pytest.fixture
def event():
    made = EventFactory(name="Běh naděje", start=START, end=END)
    PositionFactory(event=made, qualifications=[QualificationFactory(can_lead=True)])
    return made


def planned(event):
    return dict(EventPlan.objects.filter(event=event).values_list("type", "quantity"))


class TestPlanning:
    def test_a_type_is_planned_changed_and_taken_off(self, planner, aed, event):
        plans.plan_type(event.pk, aed.pk, 1, by=planner)
        plans.plan_type(event.pk, aed.pk, 2, by=planner)
        assert planned(event) == {aed.pk: 2}
        plans.unplan_type(event.pk, aed.pk, by=planner)
        assert planned(event) == {}
        said = AuditEntry.objects.filter(event_id=event.pk).order_by("pk")
        assert list(said.values_list("summary", "actor")) == [
            ("Naplánované vybavení: AED ×1", planner.pk),
            ("Naplánované vybavení AED: 1 → 2", planner.pk),
            ("Vybavení už není naplánované: AED", planner.pk),
        ]
        assert said[1].changes["quantity"] == ["1", "2"]

    def test_a_form_that_was_open_meanwhile_is_stale(self, planner, aed, event):
        plans.plan_type(event.pk, aed.pk, 1, by=planner)
        assert Event.objects.get(pk=event.pk).version == event.version + 1

    def test_too_many_are_refused_with_the_first_rival(self, planner, aed, event):
        for hours, name in ((2, "Později"), (-1, "Jarmark"), (9, "Jindy")):
            rival = EventFactory(name=name, start=START + timedelta(hours=hours), end=END + timedelta(hours=hours))
            EventPlanFactory(event=rival, type=aed)
        with pytest.raises(Shortage) as refused:
            plans.plan_type(event.pk, aed.pk, 1, by=planner)
        (short,) = refused.value.types
        assert (short.left, short.wanted, short.rival.name) == (0, 1, "Jarmark")
        assert "„AED“" in str(refused.value)
        assert "Jarmark" in str(refused.value)
        assert planned(event) == {}

    def test_those_who_follow_each_other_share(self, planner, aed, event):
        for hours in (-3, 1):
            rival = EventFactory(start=START + timedelta(hours=hours), end=START + timedelta(hours=hours + 3))
            EventPlanFactory(event=rival, type=aed)
        plans.plan_type(event.pk, aed.pk, 1, by=planner)
        assert planned(event) == {aed.pk: 1}

    def test_less_is_always_accepted(self, planner, aed, event):
        EventPlanFactory(event=event, type=aed, quantity=5)
        plans.plan_type(event.pk, aed.pk, 4, by=planner)
        assert planned(event) == {aed.pk: 4}
        with pytest.raises(Shortage):
            plans.plan_type(event.pk, aed.pk, 5, by=planner)

    def test_what_did_not_change_is_not_asked_about(self, planner, aed, event):
        other = TypeFactory(name="Stan")
        ItemFactory(type=other)
        EventPlanFactory(event=event, type=aed, quantity=5)
        plans.replace_plan(event.pk, {aed.pk: 5, other.pk: 1}, by=planner)
        assert planned(event) == {aed.pk: 5, other.pk: 1}

    def test_all_or_nothing(self, planner, aed, event):
        stan = TypeFactory(name="Stan")
        with pytest.raises(Shortage, match="Stan"):
            plans.replace_plan(event.pk, {aed.pk: 1, stan.pk: 1}, by=planner)
        assert planned(event) == {}

    def test_nothing_changed_means_nothing_written(self, planner, aed, event):
        EventPlanFactory(event=event, type=aed)
        plans.replace_plan(event.pk, {aed.pk: 1}, by=planner)
        assert Event.objects.get(pk=event.pk).version == event.version
        assert not AuditEntry.objects.filter(event_id=event.pk).exists()

    @pytest.mark.parametrize("quantity", [0, -1, 1000])
    def test_a_quantity_that_is_none(self, planner, aed, event, quantity):
        with pytest.raises(DomainError, match="celé číslo"):
            plans.plan_type(event.pk, aed.pk, quantity, by=planner)

    def test_a_type_that_does_not_exist(self, planner, event):
        with pytest.raises(Gone):
            plans.plan_type(event.pk, 987, 1, by=planner)
        with pytest.raises(Gone):
            plans.unplan_type(event.pk, 987, by=planner)

    def test_an_event_that_does_not_exist(self, planner, aed):
        with pytest.raises(DomainError):
            plans.plan_type(987, aed.pk, 1, by=planner)

    @pytest.mark.parametrize(
        "state", [{"status": Status.CANCELLED}, {"status": Status.COMPLETED}, {"is_archived": True}]
    )
    def test_nothing_is_planned_for_what_is_over(self, planner, aed, state):
        event = EventFactory(start=START, end=END, **state)
        with pytest.raises(DomainError):
            plans.plan_type(event.pk, aed.pk, 1, by=planner)

    def test_members_do_not_plan(self, aed, event):
        with pytest.raises(NotAllowed):
            plans.plan_type(event.pk, aed.pk, 1, by=make_member())
        with pytest.raises(NotAllowed):
            plans.unplan_type(event.pk, aed.pk, by=make_member())


class TestMoving:
    def move(self, event, planner, hours):
        at = event.start + timedelta(hours=hours)
        return planning.edit_event(event.pk, by=planner, version=None, start=at, end=at + timedelta(hours=4))

    def move_with_plan(self, event, planner, wanted):
        with plans.judged_with_plan():
            self.move(event, planner, 1)
            plans.replace_plan(event.pk, wanted, by=planner)

    def test_to_where_there_is_too_little_is_refused(self, planner, aed, event):
        EventPlanFactory(event=event, type=aed, quantity=2)
        EventPlanFactory(event=EventFactory(start=END, end=END + timedelta(hours=4)), type=aed)
        with pytest.raises(Shortage):
            self.move(event, planner, 1)
        event.refresh_from_db()
        assert event.start == START

    def test_to_where_there_is_enough(self, planner, aed, event):
        EventPlanFactory(event=event, type=aed, quantity=2)
        assert self.move(event, planner, 1).start == START + timedelta(hours=1)

    def test_what_was_short_before_may_be_moved(self, planner, aed, event):
        EventPlanFactory(event=event, type=aed, quantity=3)
        assert self.move(event, planner, 1)

    def test_a_form_judges_the_new_time_with_the_new_plan(self, planner, aed, event):
        EventPlanFactory(event=event, type=aed, quantity=2)
        EventPlanFactory(event=EventFactory(start=END, end=END + timedelta(hours=4)), type=aed)
        self.move_with_plan(event, planner, {aed.pk: 1})
        assert planned(event) == {aed.pk: 1}

    def test_a_form_refuses_the_new_time_with_the_old_plan(self, planner, aed, event):
        EventPlanFactory(event=event, type=aed, quantity=2)
        EventPlanFactory(event=EventFactory(start=END, end=END + timedelta(hours=4)), type=aed)
        with pytest.raises(Shortage):
            self.move_with_plan(event, planner, {aed.pk: 2})


class TestCopies:
    def test_a_clone_takes_the_plan_along_even_where_it_is_short(self, planner, aed, event):
        EventPlanFactory(event=event, type=aed, quantity=2)
        copy = copying.clone_event(event.pk, by=planner, at=timezone.now())
        assert planned(copy) == {aed.pk: 2}
        (reason,) = [row for row in reasons_of(Event.objects.get(pk=copy.pk)) if row.code == "equipment"]
        assert (reason.words, reason.in_a_line) == ("Chybí vybavení: AED 0/2", "Chybí: 📦 0/2")

    def test_both_halves_of_a_split(self, planner, aed, event):
        EventPlanFactory(event=event, type=aed, quantity=2)
        first, second = copying.split_event(event.pk, START + timedelta(hours=2), by=planner)
        assert planned(first) == planned(second) == {aed.pk: 2}

    def test_a_series(self, planner, aed, event):
        EventPlanFactory(event=event, type=aed)
        pattern = Weekly(START.date(), START.date() + timedelta(days=15), [START.weekday()], 1)
        fields, staffing = copying.copied_fields(event), copying.staffing_of(event)
        made = series.create_series(fields, staffing, pattern, source=event, by=planner, at=timezone.now())
        assert len(made) >= 2
        assert all(planned(one) == {aed.pk: 1} for one in made)

    def test_a_template_keeps_the_plan_and_gives_it_on(self, planner, aed, event):
        EventPlanFactory(event=event, type=aed, quantity=2)
        template = templates.template_from(event, "Běh", by=planner)
        assert list(template.equipment_plan.values_list("type", "quantity")) == [(aed.pk, 2)]
        made = planning.create_event(
            by=planner,
            at=timezone.now(),
            source=template,
            **templates.fields_from(template),
            **templates.staffing_from(template),
            name="Z šablony",
            master_event=event.master_event,
            start=START + timedelta(days=7),
            end=END + timedelta(days=7),
        )
        assert planned(made) == {aed.pk: 2}

    def test_the_plan_of_a_template_is_replaced(self, planner, aed):
        template, stan = make_template(), TypeFactory()
        plans.replace_template_plan(template, {aed.pk: 9}, by=planner)
        plans.replace_template_plan(template, {aed.pk: 1, stan.pk: 2}, by=planner)
        plans.replace_template_plan(template, {stan.pk: 2}, by=planner)
        assert list(TemplatePlan.objects.values_list("type", "quantity")) == [(stan.pk, 2)]
        with pytest.raises(NotAllowed):
            plans.replace_template_plan(template, {}, by=make_member())
        with pytest.raises(Gone):
            plans.replace_template_plan(template, {987: 1}, by=planner)


def make_template():
    return EventTemplate.objects.create(name="Běh", staffing_mode=Mode.POSITIONS)


def reasons_of(event):
    event.status = Status.OPEN
    readiness.attach([event], timezone.now())
    return event.readiness.reasons


class TestTheStock:
    """What takes an item away: who is told, and what is refused."""

    @pytest.fixture
    def short(self, aed, event):
        """An event that needs all there is, and one that does not."""
        EventPlanFactory(event=event, type=aed, quantity=2)
        EventPlanFactory(event=EventFactory(start=END, end=END + timedelta(hours=1)), type=aed)
        return event

    def told(self):
        rows = OutboxMessage.objects.filter(code="equipment_short")
        return {(row.recipient_id, row.payload["event_id"]) for row in rows}

    def test_a_service_breaks_the_plan_and_its_planners_are_told(self, planner, short, aed):
        item, admin = aed.items.first(), make_admin()
        made = availability.plan_service(
            item.pk, since=START - timedelta(days=1), until=START + timedelta(minutes=1), reason="", by=admin, at=now()
        )
        assert made.breaks == [short]
        assert "Běh naděje" in warning_of(made.breaks)
        assert self.told() == {(planner.pk, short.pk)}

    def test_a_service_at_another_time_breaks_nothing(self, planner, short, aed):
        made = availability.plan_service(
            aed.items.first().pk, since=START - timedelta(days=1), until=START, reason="", by=make_admin(), at=now()
        )
        assert (made.breaks, warning_of(made.breaks), self.told()) == ([], "", set())

    def test_whoever_does_it_is_told_by_the_page(self, planner, short, aed):
        item = availability.mark_lost(aed.items.first().pk, by=planner, at=now())
        assert item.breaks == [short]
        assert self.told() == set()

    def test_the_responsible_person_and_the_coordinator_come_first(self, planner, short, aed):
        leader, head = make_member(), make_coordinator()
        Event.objects.filter(pk=short.pk).update(responsible_person=leader)
        short.master_event.coordinator = head
        short.master_event.save()
        availability.mark_lost(aed.items.first().pk, by=None, at=now())
        assert self.told() == {(leader.pk, short.pk), (head.pk, short.pk)}

    def test_what_its_holder_reports_lost(self, planner, short, aed):
        holder, item = make_member(), aed.items.first()
        issued(holder, item)
        issues.report(item.pk, kind="lost", text="Nikde není.", by=holder, at=now())
        assert self.told() == {(planner.pk, short.pk)}

    def test_what_goes_down_by_a_repair(self, planner, short, aed):
        technician, item = make_technician(), aed.items.first()
        row = opening.create(item.pk, Problem("Pípá"), by=technician, at=now())
        assert (row.breaks, self.told()) == ((), set())
        saved = work.save(row.pk, by=technician, at=now(), severity="down")
        assert saved.breaks == [short]
        assert self.told() == {(planner.pk, short.pk)}
        assert work.save(row.pk, by=technician, at=now(), status="in_progress").breaks == ()

    @pytest.mark.parametrize("kind", ["service", "risk"])
    def test_what_is_reported_down_or_a_risk(self, planner, short, aed, kind):
        holder, item = make_member(), aed.items.first()
        issued(holder, item)
        if kind == "service":
            issues.report(item.pk, kind="service", text="Kouří.", by=holder, at=now())
        else:
            opening.report(item.pk, Problem("Kouří", is_safety_risk=True), by=holder, at=now())
        assert self.told() == {(planner.pk, short.pk)}

    def test_another_type(self, planner, short, aed):
        item, admin = aed.items.first(), make_admin()
        item.type = TypeFactory(name="Cvičné AED")
        assert items.save_item(item, by=admin).breaks == [short]
        assert self.told() == {(planner.pk, short.pk)}

    def test_what_is_needed_is_not_archived(self, short, aed):
        with pytest.raises(DomainError, match="Běh naděje"):
            items.archive(aed.items.first().pk, by=make_admin())
        assert aed.items.in_use().count() == 2
        assert self.told() == set()

    def test_what_is_not_needed_is_archived(self, short, aed):
        ItemFactory(type=aed)
        assert items.archive(aed.items.first().pk, by=make_admin()).is_archived

    def test_what_does_not_count_anyway_is_archived(self, short, aed):
        admin, broken = make_admin(), ItemFactory(type=aed)
        availability.plan_service(broken.pk, since=None, until=None, reason="", by=admin, at=now())
        assert items.archive(broken.pk, by=admin).is_archived

    def test_a_type_that_is_planned_is_not_deleted(self, event):
        kind, admin = TypeFactory(), make_admin()
        row = EventPlanFactory(event=event, type=kind)
        with pytest.raises(DomainError):
            catalogue.delete_type(kind.pk, by=admin)
        row.delete()
        template = make_template()
        TemplatePlan.objects.create(template=template, type=kind)
        with pytest.raises(DomainError):
            catalogue.delete_type(kind.pk, by=admin)
        template.delete()
        assert catalogue.delete_type(kind.pk, by=admin)


def now():
    return timezone.now()
