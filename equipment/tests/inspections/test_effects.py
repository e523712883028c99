"""What follows from inspections: uses, the stock of events, items, and days reckoned anew."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equipment import inspection_rules, jobs, rules
from equipment.models import (
    EquipmentItem,
    InspectionPlan,
    InspectionResult,
    Issue,
    ItemInspection,
)
from equipment.services import inspection_plans, inspections, issues, items, packing, standings
from equipment.services.issues import facts_of
from equipment.tests.factories import EventPlanFactory, ItemFactory, PlanFactory, TypeFactory, inspected, issued
from equipment.tests.inspections.making import NOW, TODAY, ago, available, found, record, stands
from events.tests.factories import EventFactory
from medcover.common.errors import DomainError
from medcover.system import jobs as registered
from notifications.models import OutboxMessage
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db


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

    def test_what_was_changed_between_two_readings_is_not_reported(self, item, plan, monkeypatch):
        read, readings = standings._stored, iter([{}])
        monkeypatch.setattr(standings, "_stored", lambda keys: next(readings, None) or read(keys))
        assert standings.differences() == []

    def test_every_night_the_worker_logs_what_is_wrong_and_leaves_it(self, item, plan, caplog):
        assert jobs.verify_inspections() == 0
        EquipmentItem.objects.update(safe_until=None)
        assert [jobs.verify_inspections(), jobs.verify_inspections()] == [1, 1]
        assert caplog.messages == [f"Stored days of inspections of item {item.pk} are wrong: AED 1"] * 2
        caplog.clear()
        (nightly,) = (job for job in registered.registered() if job.name == "equipment.verify_inspections")
        assert (nightly.function, nightly.minutes) == ("equipment.jobs.verify_inspections", 24 * 60)


def test_a_rebuild_writes_what_past_rows_say(plan):
    item = ItemFactory(type=plan.type)
    issued(make_member(), item)
    assert stands(item) == (None, None)
    standings.rebuild([item.pk])
    assert stands(item)[0] == inspection_rules.add_months(timezone.localdate(), 12)
