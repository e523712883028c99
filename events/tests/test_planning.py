"""Creating and editing events and their positions."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from credentials.tests.factories import QualificationFactory, hold
from events.models import Event, Position
from events.rules.lifecycle import Status
from events.rules.planning import Kind
from events.services import bulk, planning
from events.services.masters import ensure_general
from events.services.planning import PlanChanges, PositionPlan
from events.tests.factories import EVENING, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.stories import NOW, able, fill, history, make_event, told
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from notifications.models import OutboxMessage
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
            planning.add_positions(event.pk, PositionPlan(), by=boss)
        position = event.positions.last()
        with pytest.raises(DomainError):
            planning.edit_position(position.pk, PositionPlan("x"), by=boss)
        with pytest.raises(DomainError):
            planning.delete_position(position.pk, by=boss)

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
        assert len(planning.add_positions(event.pk, plan, by=boss, count=10)) == 10
        copies = event.positions.filter(description="Řidič")
        assert all(list(copy.qualifications.all()) == [driver] and copy.is_optional for copy in copies)
        assert copies.count() == 10

    @pytest.mark.parametrize("count", [0, -1, 11])
    def test_adds_one_to_ten(self, boss, leading, count):
        with pytest.raises(DomainError):
            planning.add_positions(make_event(leading).pk, PositionPlan(), by=boss, count=count)

    def test_adding_reopens_by_the_same_rule_as_the_form(self, boss, leading):
        event = make_event(leading, places=1, status=Status.CLOSED, capacity_closed=True)
        fill(event, able(leading))
        planning.add_positions(event.pk, PositionPlan(), by=boss)
        event.refresh_from_db()
        assert event.status == Status.OPEN

    def test_edits_and_counts(self, boss, leading, driver):
        event = make_event(leading)
        place = event.positions.order_by("id").last()
        planning.edit_position(place.pk, PositionPlan("Řidič", qualifications=[driver]), by=boss, version=1)
        place.refresh_from_db()
        event.refresh_from_db()
        assert (place.description, place.version, event.version) == ("Řidič", 2, 2)
        assert history(event)[-1].actor == boss

    def test_refuses_a_stale_edit(self, boss, leading):
        place = make_event(leading).positions.order_by("id").last()
        planning.edit_position(place.pk, PositionPlan("Řidič"), by=boss, version=1)
        with pytest.raises(StaleRecord):
            planning.edit_position(place.pk, PositionPlan("Pilot"), by=boss, version=1)

    def test_an_occupant_who_no_longer_fits_is_kept_unless_confirmed(self, boss, leading, driver):
        event = make_event(leading)
        person = make_member()
        place = event.positions.order_by("id").last()
        put(person, place)
        plan = PositionPlan(qualifications=[driver])
        with pytest.raises(DomainError):
            planning.edit_position(place.pk, plan, by=boss)
        planning.edit_position(place.pk, plan, by=boss, release_unqualified=True)
        assert not event.assignments.exists()
        assert told() == {("assignment_released", person)}

    def test_a_fitting_occupant_stays(self, boss, leading, driver):
        event = make_event(leading)
        person = able(driver)
        place = event.positions.order_by("id").last()
        put(person, place)
        plan = PositionPlan(qualifications=[driver])
        planning.edit_position(place.pk, plan, by=boss, release_unqualified=True)
        assert event.assignments.get().person == person
        assert not told()

    def test_releasing_the_leader_hands_on_and_reopens(self, boss, leading, driver):
        leader, heir = able(leading), able(leading)
        event = make_event(leading, status=Status.CLOSED, capacity_closed=True, responsible_person=leader)
        fill(event, leader, heir)
        place = event.positions.get(assignment__person=leader)
        planning.edit_position(
            place.pk, PositionPlan(qualifications=[leading, driver]), by=boss, release_unqualified=True
        )
        event.refresh_from_db()
        assert (event.responsible_person, event.status) == (heir, Status.OPEN)

    def test_a_new_description_does_not_judge_an_exception_again(self, boss, leading):
        event = make_event(leading)
        place = event.positions.order_by("id").first()
        put(make_member(), place)
        planning.edit_position(place.pk, PositionPlan("Velitel", qualifications=[leading]), by=boss)
        assert event.assignments.count() == 1

    def test_deletes_a_free_one_only(self, boss, leading):
        event = make_event(leading, places=3)
        _commander, taken, free = event.positions.order_by("id")
        put(make_member(), taken)
        planning.delete_position(free.pk, by=boss)
        with pytest.raises(DomainError):
            planning.delete_position(taken.pk, by=boss)
        assert event.positions.count() == 2

    def test_a_good_plan_stays_good(self, boss, leading):
        commander = make_event(leading).positions.order_by("id").first()
        with pytest.raises(DomainError):
            planning.delete_position(commander.pk, by=boss)
        with pytest.raises(DomainError):
            planning.edit_position(commander.pk, PositionPlan(), by=boss)

    def test_a_bad_plan_may_be_mended_step_by_step(self, boss, leading):
        event = EventFactory()
        place = PositionFactory(event=event)
        spare = PositionFactory(event=event)
        planning.delete_position(spare.pk, by=boss)
        planning.edit_position(place.pk, PositionPlan(qualifications=[leading]), by=boss)
        assert event.positions.get() == place

    def test_what_is_gone_is_a_refusal(self, boss):
        with pytest.raises(DomainError):
            planning.delete_position(10**9, by=boss)
        with pytest.raises(DomainError):
            planning.edit_position(10**9, PositionPlan(), by=boss)
        with pytest.raises(DomainError):
            planning.add_positions(10**9, PositionPlan(), by=boss)

    def test_all_of_it_needs_the_right(self, leading):
        event = make_event(leading)
        place = event.positions.first()
        member = UserFactory(roles=[Role.MEMBER])
        for attempt in (
            lambda: planning.add_positions(event.pk, PositionPlan(), by=member),
            lambda: planning.edit_position(place.pk, PositionPlan("x"), by=member),
            lambda: planning.delete_position(place.pk, by=member),
        ):
            with pytest.raises(NotAllowed):
                attempt()
        assert Position.objects.count() == 2


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
