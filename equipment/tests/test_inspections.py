"""Services of inspections: plans, results, and what follows from them."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equipment import inspection_rules, rules
from equipment.documents import UnfitDocument
from equipment.models import (
    Attachment,
    EquipmentItem,
    EquipmentType,
    InspectionPlan,
    InspectionResult,
    Issue,
    ItemInspection,
)
from equipment.services import catalogue, files, inspection_plans, inspections, issues, items, packing, standings
from equipment.services.inspections import Finding
from equipment.services.issues import facts_of
from equipment.services.locking import Gone
from equipment.tests.factories import PDF, EventPlanFactory, ItemFactory, PlanFactory, TypeFactory, inspected, issued
from events.tests.factories import EventFactory
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system.models import AuditEntry
from notifications.models import OutboxMessage
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

NOW = timezone.now()
TODAY = timezone.localdate(NOW)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.fixture
def technician():
    return UserFactory(roles=[Role.TECHNICIAN], name="Technik Karel")


@pytest.fixture
def admin():
    return make_admin()


@pytest.fixture
def item():
    return ItemFactory(name="AED 1", acquired_on=ago(100))


@pytest.fixture
def plan(item, admin):
    """Due 12 months after the acquisition."""
    plan = InspectionPlan(type=item.type, name="BTK", months=12, is_safety=True)
    return inspection_plans.save_plan(plan, by=admin)


def found(by, outcome="passed", done_on=TODAY, **more) -> Finding:
    note = "" if outcome == "passed" else "Zjištěno."
    return Finding(**{"done_on": done_on, "outcome": outcome, "done_by": by.pk, "note": note, **more})


def record(item, plan, by, *args, **more):
    return inspections.record(item.pk, plan.pk, found(by, *args, **more), by=by, at=NOW)


def stands(item) -> tuple[date | None, date | None]:
    item.refresh_from_db()
    return item.inspection_due_on, item.safe_until


def available(item, days: int = 0) -> bool:
    moment = NOW + timedelta(days=days)
    return EquipmentItem.objects.available_at(moment).filter(pk=item.pk).exists()


class TestPlans:
    def test_a_new_plan_makes_its_items_due(self, item, plan):
        other = ItemFactory()
        in_a_year = inspection_rules.add_months(ago(100), 12)
        assert stands(item) == (in_a_year, in_a_year)
        assert stands(other) == (None, None)
        assert AuditEntry.objects.get_for_object(plan).exists()

    def test_without_an_acquisition_it_counts_from_when_the_item_was_entered(self, admin):
        item = ItemFactory()
        inspection_plans.save_plan(InspectionPlan(type=item.type, name="Kontrola", months=1), by=admin)
        assert stands(item) == (inspection_rules.add_months(TODAY, 1), None)

    def test_the_earliest_of_several(self, item, plan, admin):
        inspection_plans.save_plan(InspectionPlan(type=item.type, name="Kontrola", months=6), by=admin)
        assert stands(item) == (
            inspection_rules.add_months(ago(100), 6),
            inspection_rules.add_months(ago(100), 12),
        )

    def test_changed_months_and_safety(self, item, plan, admin):
        plan.months, plan.is_safety = 6, False
        saved = inspection_plans.save_plan(plan, by=admin, version=1)
        assert (saved.version, stands(item)) == (2, (inspection_rules.add_months(ago(100), 6), None))

    def test_nothing_changed_is_nothing_written(self, plan, admin):
        plan.name = f" {plan.name} "
        assert inspection_plans.save_plan(plan, by=admin, version=1).version == 1

    def test_a_stale_one_is_refused(self, plan, admin):
        plan.name = "Jiná"
        with pytest.raises(StaleRecord):
            inspection_plans.save_plan(plan, by=admin, version=9)

    def test_archived_nothing_is_due_by_it(self, item, plan, admin):
        before = stands(item)
        inspection_plans.archive_plan(plan.pk, by=admin)
        assert (stands(item), ItemInspection.objects.count()) == ((None, None), 0)
        with pytest.raises(DomainError):
            inspection_plans.archive_plan(plan.pk, by=admin)
        inspection_plans.unarchive_plan(plan.pk, by=admin)
        assert stands(item) == before
        with pytest.raises(DomainError):
            inspection_plans.unarchive_plan(plan.pk, by=admin)

    @pytest.mark.parametrize("fields", [{"months": None}, {"months": 0}, {"name": " "}, {"uses": 0}, {"name": "btk"}])
    def test_what_cannot_be(self, item, plan, admin, fields):
        values = {"name": "Jiná", "months": 12, **fields}
        with pytest.raises(ValidationError):
            inspection_plans.save_plan(InspectionPlan(type=item.type, **values), by=admin)

    def test_the_same_name_in_another_type(self, plan, admin):
        inspection_plans.save_plan(InspectionPlan(type=TypeFactory(), name="BTK", months=1), by=admin)

    def test_one_that_does_not_exist(self, admin):
        with pytest.raises(Gone):
            inspection_plans.archive_plan(0, by=admin)
        with pytest.raises(Gone):
            inspection_plans.save_plan(InspectionPlan(pk=77, type=TypeFactory(), name="X", months=1), by=admin)

    def test_only_by_whoever_may_change_types(self, item, plan, technician):
        for who in (technician, make_coordinator()):
            with pytest.raises(NotAllowed):
                inspection_plans.save_plan(InspectionPlan(type=item.type, name="Jiná", months=1), by=who)
            with pytest.raises(NotAllowed):
                inspection_plans.archive_plan(plan.pk, by=who)
            with pytest.raises(NotAllowed):
                inspection_plans.unarchive_plan(plan.pk, by=who)

    def test_a_type_goes_with_its_plans_but_not_with_results(self, item, plan, admin, technician):
        record(item, plan, technician)
        other = TypeFactory()
        PlanFactory(type=other)
        catalogue.delete_type(other.pk, by=admin)
        item.type = TypeFactory()
        items.save_item(item, by=admin)
        with pytest.raises(DomainError, match="prohlíd"):
            catalogue.delete_type(plan.type_id, by=admin)
        assert not EquipmentType.objects.filter(pk=other.pk).exists()


class TestRecording:
    def test_passed_it_is_due_after_the_months(self, item, plan, technician):
        made = record(item, plan, technician)
        next_day = inspection_rules.add_months(TODAY, 12)
        assert stands(item) == (next_day, next_day)
        assert (made.done_by, made.recorded_by, made.recorded_at, made.who) == (
            technician, technician, NOW, "Technik Karel",
        )  # fmt: skip
        assert item.version == 2

    def test_the_history_of_the_item_tells_of_it(self, item, plan, technician):
        before = stands(item)[0]
        record(item, plan, technician)
        entry = AuditEntry.objects.get_for_object(item).order_by("id").last()
        assert (entry.summary, entry.actor) == ("AED 1 – BTK: Prošla", technician)
        assert entry.changes == {"inspection_due_on": [str(before), str(stands(item)[0])]}
        assert AuditEntry.objects.get_for_object(InspectionResult.objects.get()).exists()

    def test_failed_it_does_not_count_from_that_day_on_until_it_passes(self, item, plan, technician, admin):
        record(item, plan, technician, "failed", ago(2))
        assert not available(item)
        with pytest.raises(DomainError, match="prohlídk"):
            issues.issue(item.pk, make_member().pk, by=admin, at=NOW)
        record(item, plan, technician, done_on=ago(1))
        assert available(item)
        issues.issue(item.pk, make_member().pk, by=admin, at=NOW)

    def test_failed_and_passed_on_the_same_day(self, item, plan, technician):
        record(item, plan, technician, "failed")
        record(item, plan, technician, "passed")
        assert available(item)
        record(item, plan, technician, "failed")
        assert not available(item)

    def test_overdue_the_day_after(self, item, plan):
        left = (stands(item)[1] - TODAY).days
        assert available(item, left)
        assert not available(item, left + 1)

    def test_without_safety_it_still_counts(self, item, plan, technician, admin):
        plan.is_safety = False
        inspection_plans.save_plan(plan, by=admin)
        record(item, plan, technician, "failed")
        assert available(item)
        assert EquipmentItem.objects.inspection_overdue_on(TODAY).filter(pk=item.pk).exists()

    def test_an_outside_firm_and_its_own_day(self, item, plan, technician):
        made = record(item, plan, technician, done_by=None, firm=" Servis s.r.o. ", next_due=TODAY + timedelta(days=9))
        assert (made.who, stands(item)[1]) == ("Servis s.r.o.", TODAY + timedelta(days=9))

    def test_the_checklist_is_kept_as_it_was(self, item, plan, technician, admin):
        plan.checklist = "Elektrody\n\n  Baterie "
        inspection_plans.save_plan(plan, by=admin)
        with pytest.raises(DomainError, match="zaškrt"):
            record(item, plan, technician, ticked=[0])
        made = record(item, plan, technician, "remarks", ticked=[1, 7])
        assert (made.ticked, made.unticked) == ("Baterie", "Elektrody")
        assert record(item, plan, technician, done_on=ago(1), ticked=[0, 1]).pk

    def test_a_report_lies_among_the_documents_and_stays(self, item, plan, technician, admin):
        made = record(item, plan, technician, protocol=(PDF, "Protokol.pdf"))
        row = Attachment.objects.get()
        assert (made.protocol, row.category, row.added_by) == (row, "inspection_report", technician)
        with pytest.raises(DomainError):
            files.delete_file(row.pk, by=admin)

    def test_a_report_that_is_none(self, item, plan, technician):
        with pytest.raises(UnfitDocument):
            record(item, plan, technician, protocol=(b"x", "a.pdf"))
        assert not InspectionResult.objects.exists()

    @pytest.mark.parametrize(
        "fields",
        [
            {"done_on": TODAY + timedelta(days=1)},
            {"outcome": "failed", "note": " \n "},
            {"outcome": "remarks", "note": ""},
            {"outcome": "void"},
            {"firm": "Servis"},
            {"done_by": None},
            {"done_by": None, "firm": "\u200b"},
            {"next_due": TODAY},
            {"outcome": "failed", "next_due": TODAY + timedelta(days=9)},
            {"corrects": 0},
        ],
    )
    def test_what_cannot_be_true(self, item, plan, technician, fields):
        before = stands(item)
        with pytest.raises(DomainError):
            record(item, plan, technician, **fields)
        assert (InspectionResult.objects.count(), stands(item)) == (0, before)

    @pytest.mark.parametrize(
        "fields", [{"outcome": "great"}, {"note": "x" * 2001}, {"done_by": None, "firm": "x" * 121}]
    )
    def test_values_that_do_not_fit(self, item, plan, technician, fields):
        with pytest.raises(ValidationError):
            record(item, plan, technician, **fields)
        assert not InspectionResult.objects.exists()

    def test_a_day_long_ago_is_no_fault_of_ours(self, item, plan, technician):
        record(item, plan, technician, "failed", date.min)
        assert stands(item)[1] == date.min

    def test_not_by_somebody_who_has_left(self, item, plan, technician):
        with pytest.raises(DomainError):
            record(item, plan, technician, done_by=UserFactory(is_active=False).pk)

    def test_not_for_an_archived_item_or_plan_or_another_type(self, item, plan, technician, admin):
        with pytest.raises(DomainError):
            record(ItemFactory(type=item.type, is_archived=True), plan, technician)
        with pytest.raises(DomainError):
            record(ItemFactory(), plan, technician)
        inspection_plans.archive_plan(plan.pk, by=admin)
        with pytest.raises(DomainError):
            record(item, plan, technician)
        with pytest.raises(Gone):
            inspections.record(item.pk, 0, found(technician), by=technician, at=NOW)
        with pytest.raises(Gone):
            inspections.record(0, plan.pk, found(technician), by=technician, at=NOW)

    def test_the_same_twice_is_refused(self, item, plan, technician):
        record(item, plan, technician)
        with pytest.raises(DomainError, match="již"):
            record(item, plan, technician)
        assert InspectionResult.objects.count() == 1

    def test_only_by_whoever_has_the_right(self, item, plan):
        for who in (make_member(), make_viewer()):
            with pytest.raises(NotAllowed):
                record(item, plan, who)
        for who in (make_admin(), make_coordinator()):
            record(item, plan, who, done_on=ago(1 + InspectionResult.objects.count()))


class TestCorrecting:
    def test_the_newer_one_takes_its_place(self, item, plan, technician):
        wrong = record(item, plan, technician)
        made = record(item, plan, technician, done_on=ago(90), corrects=wrong.pk)
        assert stands(item)[1] == inspection_rules.add_months(ago(90), 12)
        assert list(InspectionResult.objects.counting()) == [made]

    def test_withdrawn_it_is_as_if_it_had_never_been(self, item, plan, technician):
        before = stands(item)
        wrong = record(item, plan, technician, "failed")
        withdrawn = record(item, plan, technician, "void", corrects=wrong.pk)
        assert stands(item) == before
        assert not InspectionResult.objects.counting().exists()
        with pytest.raises(DomainError):
            record(item, plan, technician, corrects=withdrawn.pk)
        record(item, plan, technician, "failed")

    def test_each_once_and_only_of_the_same_item_and_plan(self, item, plan, technician):
        wrong = record(item, plan, technician)
        record(item, plan, technician, done_on=ago(1), corrects=wrong.pk)
        with pytest.raises(DomainError, match="oprav"):
            record(item, plan, technician, done_on=ago(2), corrects=wrong.pk)
        with pytest.raises(Gone):
            record(ItemFactory(type=item.type), plan, technician, corrects=wrong.pk)

    def test_whoever_made_it_may_have_left(self, item, plan, technician):
        gone = UserFactory()
        wrong = record(item, plan, technician, done_by=gone.pk)
        gone.is_active = False
        gone.save()
        assert record(item, plan, technician, done_by=gone.pk, done_on=ago(1), corrects=wrong.pk).done_by == gone


class TestSeveral:
    def test_what_is_refused_is_reported(self, item, plan, technician):
        second, put_away = ItemFactory(type=item.type, name="AED 2"), ItemFactory(name="AED 3", is_archived=True)
        record(item, plan, technician)
        keys = [item.pk, second.pk, put_away.pk, 0]
        result = inspections.record_all(keys, plan.pk, found(technician), by=technician, at=NOW)
        assert result.changed == ["AED 2"]
        assert [name for name, _why in result.skipped] == ["AED 1", "AED 3"]
        assert InspectionResult.objects.count() == 2

    def test_only_by_whoever_has_the_right(self, item, plan):
        with pytest.raises(NotAllowed):
            inspections.record_all([item.pk], plan.pk, found(make_member()), by=make_member(), at=NOW)


class TestByUse:
    @pytest.fixture
    def plan(self, item, admin):
        return inspection_plans.save_plan(
            InspectionPlan(type=item.type, name="Po použití", uses=2, is_safety=True), by=admin
        )

    def use(self, item, person, at):
        issues.issue(item.pk, person.pk, by=None, at=at)
        issues.take_back(item.pk, by=None, at=at)

    def test_due_at_once_when_the_last_use_that_was_left_is_over(self, item, plan, technician):
        member = make_member()
        self.use(item, member, NOW - timedelta(days=9))
        assert stands(item) == (None, None)
        issues.issue(item.pk, member.pk, by=None, at=NOW - timedelta(days=6))
        assert available(item)
        issues.take_back(item.pk, by=None, at=NOW - timedelta(days=5))
        assert stands(item)[1] == ago(6)
        with pytest.raises(DomainError):
            self.use(item, member, NOW - timedelta(days=5))
        record(item, plan, technician)
        assert stands(item) == (None, None)
        assert ItemInspection.objects.get().uses == 0
        self.use(item, member, NOW + timedelta(minutes=1))
        assert ItemInspection.objects.get().uses == 1

    def test_an_event_is_a_use_when_the_item_is_back(self, item, plan, admin):
        events = [
            EventFactory(start=NOW - timedelta(days=days), end=NOW - timedelta(days=days, hours=-4)) for days in (9, 5)
        ]
        for event in events:
            packing.pack(event.pk, item.pk, by=admin, at=event.start)
            packing.bring_back(event.pk, item.pk, by=admin, at=event.end)
        assert not available(item)
        late = EventFactory(start=NOW, end=NOW + timedelta(hours=4))
        with pytest.raises(DomainError, match="prohlídk"):
            packing.pack(late.pk, item.pk, by=admin, at=NOW)
        events[0].delete()
        assert (available(item), standings.differences()) == (True, [])

    def test_what_is_due_before_an_event_is_over_is_not_packed_for_it(self, item, technician, admin):
        by_months = inspection_plans.save_plan(
            InspectionPlan(type=item.type, name="BTK", months=12, is_safety=True), by=admin
        )
        record(item, by_months, technician, next_due=TODAY + timedelta(days=3))
        soon, later = (
            EventFactory(start=NOW + timedelta(days=days), end=NOW + timedelta(days=days, hours=4)) for days in (1, 4)
        )
        packing.pack(soon.pk, item.pk, by=admin, at=NOW)
        packing.unpack(soon.pk, item.pk, by=admin, at=NOW)
        with pytest.raises(DomainError, match="prohlídk"):
            packing.pack(later.pk, item.pk, by=admin, at=NOW)


class TestTheStock:
    """What an inspection takes away from coming events: who is told."""

    @pytest.fixture
    def event(self, item):
        start = NOW + timedelta(days=20)
        event = EventFactory(start=start, end=start + timedelta(hours=4))
        EventPlanFactory(event=event, type=item.type, quantity=1)
        return event

    def told(self):
        return list(OutboxMessage.objects.filter(code="equipment_short").values_list("payload__event_id", flat=True))

    def test_a_failed_one(self, item, plan, event, technician):
        coordinator = make_coordinator()
        made = record(item, plan, technician, "failed")
        assert (made.breaks, self.told()) == ([event], [event.pk])
        assert OutboxMessage.objects.get(code="equipment_short").recipient == coordinator
        assert record(item, plan, technician).breaks == []

    def test_a_day_that_the_inspector_sets_before_the_event(self, item, plan, event, technician):
        made = record(item, plan, technician, next_due=TODAY + timedelta(days=19))
        assert made.breaks == [event]

    def test_a_stricter_plan(self, item, plan, event, admin):
        make_coordinator()
        plan.months = 3
        assert inspection_plans.save_plan(plan, by=admin).breaks == [event]
        assert self.told() == [event.pk]

    def test_the_last_use(self, item, event, admin):
        make_coordinator()
        by_use = InspectionPlan(type=item.type, name="Po použití", uses=1, is_safety=True)
        assert inspection_plans.save_plan(by_use, by=admin).breaks == []
        issues.issue(item.pk, make_member().pk, by=admin, at=NOW)
        assert self.told() == []
        issues.take_back(item.pk, by=admin, at=NOW)
        assert self.told() == [event.pk]


class TestItems:
    def test_a_new_item_is_due_like_the_others(self, plan, admin):
        item = items.save_item(EquipmentItem(name="AED 9", type=plan.type, acquired_on=ago(50)), by=admin)
        assert item.safe_until == inspection_rules.add_months(ago(50), 12)

    def test_another_day_of_acquisition_or_another_type(self, item, plan, admin):
        item.acquired_on = ago(10)
        items.save_item(item, by=admin)
        assert stands(item)[1] == inspection_rules.add_months(ago(10), 12)
        item.type = TypeFactory()
        items.save_item(item, by=admin)
        assert stands(item) == (None, None)


def test_after_whatever_happens_everything_stands_as_it_should():
    """Random operations through the services; afterwards everything reckoned anew says the same."""
    chance = random.Random(20260)
    admin, member = make_admin(), make_member()
    types = TypeFactory.create_batch(2)
    rows = [ItemFactory(type=chance.choice(types)) for _number in range(6)]
    plans = [
        inspection_plans.save_plan(InspectionPlan(type=kind, name=name, **repeat), by=admin)
        for kind in types
        for name, repeat in (("Roční", {"months": 12, "is_safety": True}), ("Po použití", {"uses": 2, "months": 3}))
    ]
    events = EventFactory.create_batch(4, start=NOW - timedelta(days=9), end=NOW - timedelta(days=8))
    steps = [
        lambda: inspections.record(
            chance.choice(rows).pk,
            chance.choice(plans).pk,
            found(admin, chance.choice(["passed", "failed", "remarks"]), ago(chance.randrange(500))),
            by=admin,
            at=NOW,
        ),
        lambda: inspections.record(
            (wrong := chance.choice(InspectionResult.objects.all())).item_id,
            wrong.plan_id,
            found(admin, chance.choice(["passed", "void"]), ago(chance.randrange(500)), corrects=wrong.pk),
            by=admin,
            at=NOW,
        ),
        lambda: issues.issue(
            chance.choice(rows).pk, member.pk, by=admin, at=NOW - timedelta(days=chance.randrange(90))
        ),
        lambda: issues.take_back(chance.choice(rows).pk, by=admin, at=NOW),
        lambda: packing.pack(chance.choice(events).pk, chance.choice(rows).pk, by=admin, at=NOW - timedelta(days=9)),
        lambda: packing.bring_all_back(chance.choice(events).pk, by=admin, at=NOW - timedelta(days=8)),
        lambda: _deleted_event(chance, events),
        lambda: _saved_plan(chance, plans, admin),
        lambda: inspection_plans.archive_plan(chance.choice(plans).pk, by=admin),
        lambda: inspection_plans.unarchive_plan(chance.choice(plans).pk, by=admin),
        lambda: _saved_item(chance, rows, types, admin),
    ]
    done = 0
    for _step in range(110):
        try:
            chance.choice(steps)()
            done += 1
        except (DomainError, IndexError):
            continue
    assert done > 30
    assert Issue.objects.exists()
    assert standings.differences() == []
    _sql_and_rules_agree(rows)


def _deleted_event(chance, events):
    if len(events) > 2 and not events[-1].packed_items.open().exists():
        events.pop().delete()


def _saved_plan(chance, plans, admin):
    plan = InspectionPlan.objects.get(pk=chance.choice(plans).pk)
    plan.months, plan.is_safety = chance.choice([1, 6, 24]), chance.choice([True, False])
    inspection_plans.save_plan(plan, by=admin)


def _saved_item(chance, rows, types, admin):
    item = EquipmentItem.objects.get(pk=chance.choice(rows).pk)
    item.type, item.acquired_on = chance.choice(types), chance.choice([None, ago(chance.randrange(900))])
    items.save_item(item, by=admin)


def _sql_and_rules_agree(rows):
    for item in EquipmentItem.objects.filter(pk__in=[row.pk for row in rows]):
        for number in (-400, -30, 0, 30, 400):
            begin = NOW + timedelta(days=number)
            end = begin + timedelta(hours=5)
            last_day = timezone.localdate(end - timedelta(microseconds=1))
            against = rules.reasons_against(facts_of(item), begin, end, last_day=last_day)
            counts = EquipmentItem.objects.available_between(begin, end).filter(pk=item.pk).exists()
            assert counts == (not against), (item.pk, number)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(
    results=st.dictionaries(st.integers(1, 500), st.sampled_from(["passed", "failed"]), max_size=4),
    months=st.integers(1, 14),
    acquired=st.integers(0, 600),
    ahead=st.integers(-500, 500),
)
def test_whether_an_item_counts_is_what_the_days_say(results, months, acquired, ahead):
    """From the rows to what SQL answers, against looking through the results by hand."""
    item = ItemFactory(acquired_on=ago(acquired))
    plan = PlanFactory(type=item.type, months=months)
    standings.rebuild([item.pk])
    for days, outcome in results.items():
        inspected(item, plan, ago(days), outcome)
    at = NOW + timedelta(days=ahead)
    today, good_until = timezone.localdate(at), inspection_rules.add_months(ago(acquired), months)
    broken = None
    for days, outcome in sorted(results.items(), reverse=True):
        if outcome == "passed":
            good_until, broken = inspection_rules.add_months(ago(days), months), None
        else:
            broken = broken or ago(days)
    expected = today <= good_until and (broken is None or today < broken)
    assert EquipmentItem.objects.available_at(at).filter(pk=item.pk).exists() == expected


class TestVerifying:
    def test_says_what_is_wrong_and_mends_it(self, item, plan, capsys):
        call_command("verify_inspections")
        ItemInspection.objects.update(due_on=ago(1))
        with pytest.raises(CommandError):
            call_command("verify_inspections")
        call_command("verify_inspections", repair=True)
        EquipmentItem.objects.update(safe_until=None)
        assert [one.name for one in standings.differences()] == ["AED 1"]
        with pytest.raises(CommandError):
            call_command("verify_inspections")
        call_command("verify_inspections", repair=True)
        assert standings.differences() == []
        assert "AED 1" in capsys.readouterr().out


def test_a_rebuild_writes_what_past_rows_say(plan):
    item = ItemFactory(type=plan.type)
    issued(make_member(), item)
    assert stands(item) == (None, None)
    standings.rebuild([item.pk])
    assert stands(item)[0] == inspection_rules.add_months(timezone.localdate(), 12)
