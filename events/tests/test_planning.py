"""Creating and editing events and their positions."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from credentials.tests.factories import QualificationFactory, hold
from events.models import Event
from events.rules.lifecycle import Status
from events.rules.planning import Kind
from events.services import bulk, planning, positions
from events.services.masters import ensure_general
from events.services.positions import PlanChanges, PositionPlan
from events.tests.factories import EVENING, MasterEventFactory, put
from events.tests.stories import NOW, able, fill, history, make_event, told
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from notifications.models import OutboxMessage
from roster.tests.factories import make_coordinator, make_member

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


def form(**fields):
    usual = {
        "name": "Půlmaraton",
        "master_event": ensure_general(),
        "start": EVENING,
        "end": EVENING + timedelta(hours=4),
    }
    return usual | fields


def create(boss, leading, *, positions=None, at=NOW, open_now=False, **fields) -> Event:
    plan = [PositionPlan("Zdravotník", qualifications=[leading])] if positions is None else positions
    return planning.create_event(by=boss, at=at, positions=plan, open_now=open_now, **form(**fields))


def edit(event: Event, boss, *, version=None, plan=None, **fields) -> Event:
    planning.edit_event(event.pk, by=boss, version=version, plan=plan, **fields)
    return Event.objects.get(pk=event.pk)


class TestCreate:
    def test_is_a_draft_with_its_positions_and_tells_nobody(self, boss, leading, driver):
        plans = [
            PositionPlan(" Zdravotník  dozoru ", qualifications=[leading]),
            PositionPlan("Řidič", qualifications=[driver, leading]),
            PositionPlan(is_optional=True),
        ]
        event = Event.objects.get(pk=create(boss, leading, positions=plans, name="  Půlmaraton ").pk)
        assert (event.status, event.version, event.creator, event.name) == (Status.DRAFT, 1, boss, "Půlmaraton")
        assert [(row.description, row.is_optional) for row in event.positions.all()] == [
            ("Zdravotník dozoru", False), ("Řidič", False), ("", True),
        ]  # fmt: skip
        assert set(event.positions.get(description="Řidič").qualifications.all()) == {driver, leading}
        assert not told()

    def test_is_recorded_with_its_event(self, boss, leading):
        event = create(boss, leading)
        entries = history(event)
        assert {entry.actor for entry in entries} == {boss}
        assert {entry.content_type.model for entry in entries} == {"event", "position"}

    def test_may_lie_in_the_past(self, boss, leading):
        assert create(boss, leading, at=EVENING + timedelta(days=400)).pk

    def test_needs_the_right(self, leading):
        with pytest.raises(NotAllowed):
            create(make_member(), leading)

    @pytest.mark.parametrize(
        "fields",
        [
            {"name": " "},
            {"name": "x" * 256},
            {"address": "x" * 501},
            {"contact": "x" * 256},
            {"colour": "red"},
            {"master_event": None},
            {"start": None},
            {"end": EVENING},
            {"signups_open_at": EVENING},
            {"kind": Kind.TRAINING, "planned_participants": -1},
            {"kind": Kind.TRAINING, "planned_participants": 10**12},
        ],
    )
    def test_refuses_bad_data_with_a_sentence(self, boss, leading, fields):
        with pytest.raises(DomainError):
            create(boss, leading, **fields)
        assert not Event.objects.exists()

    def test_refuses_an_archived_master_event(self, boss, leading):
        with pytest.raises(DomainError):
            create(boss, leading, master_event=MasterEventFactory(is_archived=True))

    @pytest.mark.parametrize("kind", [Kind.MEDICAL, Kind.PRESENTATION])
    def test_only_a_training_plans_participants(self, boss, leading, kind):
        assert create(boss, leading, kind=kind, planned_participants=30).planned_participants is None
        assert create(boss, leading, kind=Kind.TRAINING, planned_participants=30).planned_participants == 30
        assert create(boss, leading, planned_participants=30).planned_participants is None

    def test_takes_an_unknown_type_for_medical_cover(self, boss, leading):
        assert create(boss, leading, kind="party").kind == Kind.MEDICAL

    def test_writes_only_what_a_form_may(self, boss, leading):
        for field in ("status", "responsible_person", "is_archived", "version", "staffing_mode"):
            with pytest.raises(TypeError):
                create(boss, leading, **{field: None})

    @pytest.mark.parametrize("broken", ["empty", "only optional", "nobody leads", "leads only optionally"])
    def test_refuses_a_bad_plan(self, boss, leading, driver, broken):
        plans = {
            "empty": [],
            "only optional": [PositionPlan(qualifications=[leading], is_optional=True)],
            "nobody leads": [PositionPlan(qualifications=[driver]), PositionPlan()],
            "leads only optionally": [PositionPlan(), PositionPlan(qualifications=[leading], is_optional=True)],
        }
        with pytest.raises(DomainError):
            create(boss, leading, positions=plans[broken])
        assert not Event.objects.exists()

    def test_refuses_to_demand_what_has_been_deleted(self, boss, leading, driver):
        driver.is_deleted, driver.deleted_at = True, NOW
        driver.save()
        plans = [PositionPlan(qualifications=[leading]), PositionPlan(qualifications=[driver])]
        with pytest.raises(DomainError):
            create(boss, leading, positions=plans)

    def test_refuses_a_description_longer_than_its_column(self, boss, leading):
        with pytest.raises(DomainError):
            create(boss, leading, positions=[PositionPlan("x" * 256, qualifications=[leading])])


class TestCreateAndOpen:
    def test_opens_at_once_and_tells_both_news(self, boss, leading):
        event = Event.objects.get(pk=create(boss, leading, open_now=True, signups_open_at=EVENING).pk)
        assert (event.status, event.signups_open_at) == (Status.OPEN, NOW)
        assert told() == {("event_published", boss), ("assignments_opened", boss)}

    def test_needs_both_rights(self, boss, leading, django_user_model):
        for missing in ("events.publish_event", "events.open_signups"):
            boss = django_user_model.objects.get(pk=boss.pk)
            real = boss.has_perm
            boss.has_perm = lambda perm, obj=None, missing=missing, real=real: perm != missing and real(perm, obj)
            with pytest.raises(NotAllowed):
                create(boss, leading, open_now=True)

    def test_after_its_start_it_can_still_be_edited(self, boss, leading):
        event = create(boss, leading, open_now=True, at=EVENING + timedelta(hours=1))
        assert edit(event, boss, name="Maraton", signups_open_at=event.signups_open_at).name == "Maraton"


class TestEdit:
    def test_writes_and_counts_once(self, boss, leading):
        event = make_event(leading)
        changed = edit(event, boss, version=1, name="Maraton", address="Nábřeží 1")
        assert (changed.name, changed.address, changed.version) == ("Maraton", "Nábřeží 1", 2)
        entry = history(event)[-1]
        assert entry.actor == boss
        assert entry.changes_dict == {"name": [event.name, "Maraton"], "address": ["", "Nábřeží 1"]}

    def test_keeps_search_and_order_of_names_true(self, boss, leading):
        event = edit(make_event(leading), boss, name="Čarodějnice")
        assert list(Event.objects.matching("carodej")) == [event]

    def test_without_a_change_nothing_happens(self, boss, leading):
        person = able(leading)
        event = make_event(leading)
        fill(event, person)
        before = len(history(event))
        same = edit(event, boss, version=1, name=f" {event.name} ", start=event.start.astimezone(UTC), is_paid=False)
        assert same.version == 1
        assert len(history(event)) == before
        assert not told()

    def test_tells_participants_what_changed_and_nobody_else(self, boss, leading):
        person = able(leading)
        make_member()
        event = make_event(leading, name="Půlmaraton")
        fill(event, person)
        edit(event, boss, name="Maraton", colour="#AABBCC")
        assert told() == {("event_changed", person)}
        assert OutboxMessage.objects.get().payload["changes"] == {"name": ["Půlmaraton", "Maraton"]}

    def test_a_colour_is_nobodys_news(self, boss, leading):
        event = make_event(leading)
        fill(event, able(leading))
        assert edit(event, boss, colour="#AABBCC").colour == "#AABBCC"
        assert not told()

    def test_can_be_quiet(self, boss, leading):
        event = make_event(leading)
        fill(event, able(leading))
        edit(event, boss, notify=False, name="Maraton")
        assert not told()

    def test_refuses_a_stale_form_and_writes_nothing(self, boss, leading):
        event = make_event(leading)
        edit(event, boss, version=1, name="Maraton")
        with pytest.raises(StaleRecord):
            edit(event, boss, version=1, address="Nábřeží 1")
        assert Event.objects.get(pk=event.pk).address == ""

    @pytest.mark.parametrize("fields", [{"status": Status.COMPLETED}, {"status": Status.CANCELLED},
                                        {"is_archived": True, "status": Status.DRAFT}])  # fmt: skip
    def test_refuses_what_is_over_or_put_away(self, boss, leading, fields):
        event = make_event(leading, **fields)
        with pytest.raises(DomainError):
            edit(event, boss, name="Maraton")
        with pytest.raises(DomainError):
            positions.add_positions(event.pk, PositionPlan(), by=boss)
        position = event.positions.last()
        with pytest.raises(DomainError):
            positions.edit_position(position.pk, PositionPlan("x"), by=boss)
        with pytest.raises(DomainError):
            positions.delete_position(position.pk, by=boss)

    def test_needs_the_right_even_from_the_responsible_person(self, leading):
        leader = able(leading)
        event = make_event(leading, responsible_person=leader)
        fill(event, leader)
        with pytest.raises(NotAllowed):
            edit(event, leader, name="Maraton")

    def test_a_change_of_type_forgets_planned_participants(self, boss, leading):
        event = make_event(leading, kind=Kind.TRAINING, planned_participants=12)
        assert edit(event, boss, kind=Kind.MEDICAL).planned_participants is None

    def test_planned_participants_alone_do_not_stick_to_another_type(self, boss, leading):
        assert edit(make_event(leading), boss, planned_participants=12).planned_participants is None

    def test_refuses_to_move_under_an_archived_master_event(self, boss, leading):
        with pytest.raises(DomainError):
            edit(make_event(leading), boss, master_event=MasterEventFactory(is_archived=True))

    def test_an_event_left_under_an_archived_master_event_can_be_edited(self, boss, leading):
        archived = MasterEventFactory(is_archived=True)
        event = make_event(leading, master_event=archived)
        assert edit(event, boss, name="Maraton", master_event=archived).name == "Maraton"

    def test_all_or_nothing(self, boss, leading):
        event = make_event(leading)
        taken = event.positions.first()
        put(able(leading), taken)
        with pytest.raises(DomainError):
            edit(event, boss, name="Maraton", plan=PlanChanges(removed=[taken.pk]))
        assert Event.objects.get(pk=event.pk).name == event.name
        assert not told()

    def test_moving_beyond_an_expiry_hands_the_lead_on(self, boss, leading):
        leader, heir = make_member(), able(leading)
        hold(leader, leading, until=EVENING.date())
        event = make_event(leading, responsible_person=leader)
        fill(event, leader, heir)
        later = EVENING + timedelta(days=1)
        assert edit(event, boss, start=later, end=later + timedelta(hours=2)).responsible_person == heir

    def test_a_published_event_whose_opening_is_emptied_opens_with_the_next_tick(self, boss, leading):
        event = make_event(leading, status=Status.PUBLISHED, signups_open_at=EVENING - timedelta(hours=1))
        edit(event, boss, signups_open_at=None)
        assert event in Event.objects.due_to_open(NOW)


class TestPaid:
    @pytest.mark.parametrize("status", Status)
    def test_is_said_at_any_time_of_life_and_told_to_nobody(self, boss, leading, status):
        event = make_event(leading, status=status)
        fill(event, able(leading))
        assert bulk.set_paid([event.pk], paid=True, by=boss).changed == [event.name]
        event.refresh_from_db()
        assert event.is_paid
        assert not told()
        assert history(event)[-1].actor == boss

    def test_skips_what_is_so_already(self, boss, leading):
        event = make_event(leading, is_paid=True)
        result = bulk.set_paid([event.pk], paid=True, by=boss)
        assert (result.changed, len(result.skipped)) == ([], 1)

    def test_needs_the_right(self, leading):
        event = make_event(leading)
        assert bulk.set_paid([event.pk], paid=True, by=make_member()).changed == []
        with pytest.raises(NotAllowed):
            planning.mark_paid(event.pk, paid=True, by=make_member())
