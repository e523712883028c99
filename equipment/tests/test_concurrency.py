"""Several people at once, each on a connection of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from equipment.models import (
    EquipmentItem,
    EquipmentType,
    EventPlan,
    InspectionPlan,
    InspectionResult,
    Issue,
    ItemInspection,
    PackedItem,
    Repair,
    RepairEntry,
    ServiceWindow,
    TemplatePlan,
)
from equipment.services import (
    availability,
    catalogue,
    files,
    inspection_plans,
    inspections,
    issues,
    items,
    packing,
    plans,
    standings,
)
from equipment.services.inspections import Finding
from equipment.services.repairs import opening, work
from equipment.services.repairs.opening import Problem
from equipment.services.shortage import Shortage
from equipment.tests.factories import (
    EventPlanFactory,
    ItemFactory,
    LocationFactory,
    PlanFactory,
    TypeFactory,
    inspected,
    issued,
    make_technician,
    out_of_service,
    packed,
    repair_of,
)
from events.models import EventTemplate
from events.rules.staffing import Mode
from events.services import archiving, planning
from events.tests.factories import EventFactory
from medcover.common.errors import DomainError, StaleRecord
from medcover.tests.threads import refusals, together
from roster import services as accounts
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db(transaction=True)


def test_an_item_goes_to_one_of_those_who_take_it():
    item, people, now = ItemFactory(), [make_member() for _number in range(4)], timezone.now()
    outcomes = together([lambda who=who: issues.take(item.pk, by=who, at=now) for who in people])
    assert refusals(outcomes, DomainError) == 3
    assert Issue.objects.open().count() == 1
    assert EquipmentItem.objects.get().version == 2


def test_an_item_is_returned_once():
    row, now = issued(make_member()), timezone.now()
    admins = [make_admin(), make_admin()]
    outcomes = together([lambda who=who: issues.take_back(row.item_id, by=who, at=now) for who in admins])
    assert refusals(outcomes, DomainError) == 1
    row.refresh_from_db()
    assert row.returned_by in admins


def test_what_is_being_archived_is_not_handed_out():
    item, admin, member, now = ItemFactory(), make_admin(), make_member(), timezone.now()
    outcomes = together([lambda: items.archive(item.pk, by=admin), lambda: issues.take(item.pk, by=member, at=now)])
    assert refusals(outcomes, DomainError) == 1
    assert EquipmentItem.objects.get().is_archived != Issue.objects.open().exists()


def test_nothing_is_handed_out_to_whoever_is_being_archived():
    item, admin, member, now = ItemFactory(), make_admin(), make_member(), timezone.now()
    outcomes = together(
        [
            lambda: accounts.archive(member.pk, by=admin, at=now),
            lambda: issues.issue(item.pk, member.pk, by=admin, at=now),
        ]
    )
    assert outcomes[0].succeeded
    assert outcomes[1].succeeded == Issue.objects.exists()
    refusals(outcomes, DomainError)


def test_one_service_of_two_that_overlap():
    item, admin, now = ItemFactory(), make_admin(), timezone.now()

    def plan(first: int) -> object:
        since, until = now + timedelta(days=first), now + timedelta(days=first + 2)
        return availability.plan_service(item.pk, since=since, until=until, reason="", by=admin, at=now)

    assert refusals(together([lambda: plan(1), lambda: plan(2)]), DomainError) == 1
    assert ServiceWindow.objects.count() == 1


def test_a_service_ends_once():
    window, admin, now = out_of_service(ItemFactory(), timezone.now()), make_admin(), timezone.now()
    later = now + timedelta(hours=1)
    outcomes = together([lambda: availability.end_service(window.pk, by=admin, at=later)] * 2)
    assert refusals(outcomes, DomainError) == 1


def test_a_name_goes_to_one_of_two_types():
    admin = make_admin()
    outcomes = together([lambda: catalogue.save_type(EquipmentType(name="AED"), by=admin)] * 2)
    assert refusals(outcomes, ValidationError) == 1
    assert EquipmentType.objects.count() == 1


def test_a_type_is_not_deleted_under_an_item_that_is_being_made():
    kind, admin = TypeFactory(), make_admin()
    outcomes = together(
        [
            lambda: catalogue.delete_type(kind.pk, by=admin),
            lambda: items.save_item(EquipmentItem(name="AED", type_id=kind.pk), by=admin),
        ]
    )
    assert refusals(outcomes, DomainError, ValidationError) == 1
    assert EquipmentType.objects.exists() == EquipmentItem.objects.exists()


def test_nothing_comes_to_a_location_that_is_being_archived():
    kind, location, admin = TypeFactory(), LocationFactory(), make_admin()
    outcomes = together(
        [
            lambda: catalogue.archive_location(location.pk, by=admin),
            lambda: items.save_item(EquipmentItem(name="AED", type=kind, location=location), by=admin),
        ]
    )
    assert outcomes[0].succeeded
    refusals(outcomes, DomainError)


def test_a_repair_is_claimed_by_one_of_two():
    row, people, now = repair_of(), [make_technician(), make_technician()], timezone.now()
    outcomes = together([lambda who=who: work.claim(row.pk, by=who, at=now, version=1) for who in people])
    assert refusals(outcomes, StaleRecord) == 1
    winner = people[0] if outcomes[0].succeeded else people[1]
    assert Repair.objects.get().assignee == winner
    assert RepairEntry.objects.filter(kind=RepairEntry.Kind.ASSIGNEE).count() == 1


def test_of_two_forms_saved_at_once_one_is_stale():
    row, technician, now = repair_of(), make_technician(), timezone.now()

    def save(status: str) -> object:
        return work.save(row.pk, by=technician, at=now, version=1, status=status, note=status)

    outcomes = together([lambda: save("in_progress"), lambda: save("parts_needed")])
    assert refusals(outcomes, StaleRecord) == 1
    stored = Repair.objects.get()
    assert stored.version == 2
    assert list(RepairEntry.objects.filter(kind="note").values_list("text", flat=True)) == [stored.status]


def test_two_repairs_do_not_become_duplicates_of_each_other():
    one = repair_of()
    other, technician, now = repair_of(one.item), make_technician(), timezone.now()

    def close(row: Repair, target: Repair) -> object:
        return work.save(row.pk, by=technician, at=now, status="duplicate", duplicate_of_id=target.pk)

    outcomes = together([lambda: close(one, other), lambda: close(other, one)])
    assert refusals(outcomes, DomainError) == 1
    assert Repair.objects.open().count() == 1


def test_what_goes_down_is_not_handed_out():
    item, member, technician, now = ItemFactory(), make_member(), make_technician(), timezone.now()
    outcomes = together(
        [
            lambda: opening.create(item.pk, Problem("Kouří", "down"), by=technician, at=now),
            lambda: issues.take(item.pk, by=member, at=now),
        ]
    )
    assert outcomes[0].succeeded
    assert outcomes[1].succeeded == Issue.objects.exists()
    refusals(outcomes, DomainError)


def test_nothing_is_assigned_to_whoever_is_being_archived():
    row, technician, admin, now = repair_of(), make_technician(), make_admin(), timezone.now()
    outcomes = together(
        [
            lambda: accounts.archive(technician.pk, by=admin, at=now),
            lambda: work.save(row.pk, by=admin, at=now, assignee_id=technician.pk),
        ]
    )
    assert outcomes[0].succeeded
    assert outcomes[1].succeeded == Repair.objects.filter(assignee=technician).exists()
    refusals(outcomes, DomainError)


def test_a_link_is_deleted_once():
    admin = make_admin()
    link = files.add_link(ItemFactory().pk, title="Návod", url="https://example.org", by=admin)
    outcomes = together([lambda: files.delete_link(link.pk, by=admin)] * 2)
    assert refusals(outcomes, DomainError) == 1


def test_an_item_goes_to_one_of_two_events():
    item, admin, now = ItemFactory(name="AED 1"), make_admin(), timezone.now()
    events = [EventFactory(name=name) for name in ("Koncert", "Maraton")]
    outcomes = together([lambda event=event: packing.pack(event.pk, item.pk, by=admin, at=now) for event in events])
    assert refusals(outcomes, DomainError) == 1
    winner = PackedItem.objects.get().event.name
    refused = next(str(outcome.error) for outcome in outcomes if outcome.error)
    assert refused == f"Položka „AED 1“ je sbalena na akci „{winner}“."


def test_an_item_comes_back_once():
    row, admin, now = packed(EventFactory()), make_admin(), timezone.now()
    outcomes = together(
        [
            lambda how=how: packing.bring_back(row.event_id, row.item_id, outcome=how, by=admin, at=now)
            for how in (PackedItem.Outcome.IN_ORDER, PackedItem.Outcome.MISSING)
        ]
    )
    assert refusals(outcomes, DomainError) == 1
    row.refresh_from_db()
    assert (row.outcome == PackedItem.Outcome.MISSING) == EquipmentItem.objects.get().is_lost


def test_what_is_being_archived_is_not_packed():
    item, event, admin, now = ItemFactory(), EventFactory(), make_admin(), timezone.now()
    outcomes = together(
        [lambda: items.archive(item.pk, by=admin), lambda: packing.pack(event.pk, item.pk, by=admin, at=now)]
    )
    assert refusals(outcomes, DomainError) == 1
    assert EquipmentItem.objects.get().is_archived != PackedItem.objects.exists()


def test_an_event_is_not_deleted_before_everything_has_come_back_from_it():
    row, admin, now = packed(EventFactory(name="Koncert", is_archived=True)), make_admin(), timezone.now()
    deleted, brought = together(
        [
            lambda: archiving.delete_event(row.event_id, confirmation="Koncert", by=admin),
            lambda: packing.bring_back(row.event_id, row.item_id, by=admin, at=now),
        ]
    )
    assert brought.succeeded
    assert refusals([deleted], DomainError) == PackedItem.objects.filter(returned_at=now).count()


def test_the_last_item_is_planned_by_one_of_two():
    kind = TypeFactory(name="AED")
    ItemFactory(type=kind)
    start = timezone.now() + timedelta(days=9)
    rivals = [EventFactory(start=start, end=start + timedelta(hours=hours)) for hours in (2, 3)]
    planner = make_coordinator()
    outcomes = together([lambda event=event: plans.plan_type(event.pk, kind.pk, 1, by=planner) for event in rivals])
    assert refusals(outcomes, Shortage) == 1
    assert EventPlan.objects.count() == 1


def test_two_events_are_moved_to_one_item():
    kind = TypeFactory(name="AED")
    ItemFactory(type=kind)
    start = timezone.now() + timedelta(days=9)
    days = [EventFactory(start=start + timedelta(days=n), end=start + timedelta(days=n, hours=2)) for n in (1, 2)]
    for event in days:
        EventPlanFactory(event=event, type=kind)
    moved = {"start": start, "end": start + timedelta(hours=2)}
    planner = make_coordinator()
    outcomes = together(
        [lambda event=event: planning.edit_event(event.pk, by=planner, version=None, **moved) for event in days]
    )
    assert refusals(outcomes, Shortage) == 1


def test_what_is_being_planned_is_not_archived():
    item, planner, admin = ItemFactory(), make_coordinator(), make_admin()
    start = timezone.now() + timedelta(days=9)
    event = EventFactory(start=start, end=start + timedelta(hours=2))
    outcomes = together(
        [
            lambda: plans.plan_type(event.pk, item.type_id, 1, by=planner),
            lambda: items.archive(item.pk, by=admin),
        ]
    )
    assert refusals(outcomes, DomainError) == 1
    assert EquipmentItem.objects.get().is_archived != EventPlan.objects.exists()


def test_a_type_is_not_deleted_under_a_plan_that_is_being_made():
    kind, planner, admin = TypeFactory(), make_coordinator(), make_admin()
    template = EventTemplate.objects.create(name="Běh", staffing_mode=Mode.POSITIONS)
    outcomes = together(
        [
            lambda: catalogue.delete_type(kind.pk, by=admin),
            lambda: plans.replace_template_plan(template, {kind.pk: 1}, by=planner),
        ]
    )
    assert refusals(outcomes, DomainError) == 1
    assert EquipmentType.objects.exists() == TemplatePlan.objects.exists()


def _finding(by, outcome: str = "passed") -> Finding:
    note = "" if outcome == "passed" else "Nefunguje."
    return Finding(timezone.localdate(), outcome, done_by=by.pk, note=note)


def test_one_inspection_of_two_that_record_it():
    plan, now = PlanFactory(), timezone.now()
    item, admins = ItemFactory(type=plan.type), [make_admin(), make_admin()]
    outcomes = together(
        [lambda who=who: inspections.record(item.pk, plan.pk, _finding(who), by=who, at=now) for who in admins]
    )
    assert refusals(outcomes, DomainError) == 1
    assert InspectionResult.objects.count() == 1
    assert standings.differences() == []


def test_a_result_is_corrected_once():
    plan, now = PlanFactory(), timezone.now()
    item, admin = ItemFactory(type=plan.type), make_admin()
    wrong = inspected(item, plan, timezone.localdate(), "failed")
    better = replace(_finding(admin), corrects=wrong.pk)
    outcomes = together([lambda: inspections.record(item.pk, plan.pk, better, by=admin, at=now)] * 2)
    assert refusals(outcomes, DomainError) == 1
    assert InspectionResult.objects.counting().get().outcome == "passed"


def test_what_fails_is_not_handed_out():
    """Whoever comes first: then either nobody has it, or it was handed out while it was still in order."""
    plan, now = PlanFactory(), timezone.now()
    item, admin, member = ItemFactory(type=plan.type), make_admin(), make_member()
    outcomes = together(
        [
            lambda: inspections.record(item.pk, plan.pk, _finding(admin, "failed"), by=admin, at=now),
            lambda: issues.take(item.pk, by=member, at=now),
        ]
    )
    assert outcomes[0].succeeded
    assert outcomes[1].succeeded == Issue.objects.exists()
    refusals(outcomes, DomainError)
    with pytest.raises(DomainError):
        issues.take(item.pk, by=member, at=now)


def test_days_are_right_when_a_plan_changes_while_it_is_used():
    plan, now = PlanFactory(), timezone.now()
    items_of_it, admin = ItemFactory.create_batch(4, type=plan.type), make_admin()
    issued(make_member(), items_of_it[0])
    changed = InspectionPlan.objects.get(pk=plan.pk)
    changed.months, changed.uses = 3, 1
    outcomes = together(
        [
            lambda: inspection_plans.save_plan(changed, by=admin),
            lambda: issues.take_back(items_of_it[0].pk, by=admin, at=now),
            lambda: inspections.record(items_of_it[1].pk, plan.pk, _finding(admin), by=admin, at=now),
            lambda: items.save_item(EquipmentItem(name="Nová", type_id=plan.type_id), by=admin),
        ]
    )
    assert refusals(outcomes, DomainError) == 0
    assert standings.differences() == []
    assert ItemInspection.objects.count() == 5


def test_nothing_is_recorded_for_a_plan_that_is_being_archived():
    plan, now = PlanFactory(), timezone.now()
    item, admin = ItemFactory(type=plan.type), make_admin()
    outcomes = together(
        [
            lambda: inspection_plans.archive_plan(plan.pk, by=admin),
            lambda: inspections.record(item.pk, plan.pk, _finding(admin), by=admin, at=now),
        ]
    )
    assert outcomes[0].succeeded
    refusals(outcomes, DomainError)
    assert standings.differences() == []
    assert not ItemInspection.objects.exists()
