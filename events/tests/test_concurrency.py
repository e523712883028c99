"""Many people at once, each on a connection of their own: nothing is given twice and nobody sees an error."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from credentials import services as credentials
from credentials.models import Qualification
from credentials.tests.factories import QualificationFactory
from events.models import Assignment, Event
from events.rules.lifecycle import Status
from events.services import archiving, crew, lifecycle, masters, planning, positions, responsible
from events.services.masters import ensure_general
from events.services.positions import PlanChanges, PositionPlan
from events.tests.factories import EVENING, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.stories import NOW, able, fill, history, make_event, told
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.tests.threads import Hesitation, refusals, together
from notifications.models import OutboxMessage
from roster import services as roster
from roster.models import User
from roster.rights import Role
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db(transaction=True)

#: How often a race is run whose two ends must both be possible.
ROUNDS = 3


@pytest.fixture
def leading():
    return QualificationFactory(name="Zdravotník", can_lead=True)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def test_fifty_people_and_one_place(leading):
    event = make_event(leading)
    place = event.positions.get(qualifications=None)
    people = [make_member() for _n in range(50)]
    outcomes = together([partial(crew.claim, place.pk, by=person, at=NOW) for person in people])
    assert refusals(outcomes, DomainError) == 49
    winner = next(outcome.value.assignment for outcome in outcomes if outcome.succeeded)
    assert Assignment.objects.get() == winner
    assert told() == {("assignment_confirmed", winner.person)}


def test_two_hundred_people_and_two_hundred_places(leading):
    event = make_event(leading, places=200)
    leader = able(leading)
    people = [leader, *(make_member() for _n in range(199))]
    places = event.positions.order_by("id").values_list("pk", flat=True)
    calls = [partial(crew.claim, pk, by=person, at=NOW) for pk, person in zip(places, people, strict=True)]
    outcomes = together(calls)
    assert refusals(outcomes) == 0
    event = fresh(event)
    assert event.assignments.count() == 200
    assert (event.status, event.capacity_closed, event.responsible_person) == (Status.CLOSED, True, leader)
    assert len(history(event, kind="status_change")) == 1
    assert told("assignment_confirmed") == {("assignment_confirmed", person) for person in people}
    assert told("place_filled") <= {("place_filled", leader)}


def test_one_person_and_all_places_of_one_event(leading):
    event = make_event(leading, places=10)
    person = able(leading)
    places = event.positions.values_list("pk", flat=True)
    outcomes = together([partial(crew.claim, pk, by=fresh(person), at=NOW) for pk in places])
    assert refusals(outcomes, DomainError) == 9
    assert event.assignments.count() == 1


def test_one_person_and_two_events_at_the_same_time(leading, monkeypatch):
    """Each coordinator is told of the clash that the other one has just made."""
    person = able(leading)
    first, second = (
        partial(crew.assign, make_event(leading).positions.first().pk, person.pk, by=make_coordinator(), at=NOW)
        for _n in range(2)
    )
    judged = Hesitation(monkeypatch, crew, "settle_capacity")
    assert refusals(together([first, partial(judged.then, second)]), crew.NeedsReason) == 1


def test_joining_while_it_is_cancelled(leading):
    boss = make_coordinator()
    for _round in range(ROUNDS):
        event, person = make_event(leading), make_member()
        place = event.positions.get(qualifications=None)
        joining, cancelling = together(
            [
                partial(crew.claim, place.pk, by=person, at=NOW),
                partial(lifecycle.transition, event.pk, "cancel", by=boss, at=NOW),
            ]
        )
        refusals([joining], DomainError)
        assert refusals([cancelling]) == 0
        assert (fresh(event).status, event.assignments.exists()) == (Status.CANCELLED, joining.succeeded)
        # Whoever got in is told, whoever did not is not.
        assert (("event_cancelled", person) in told()) is joining.succeeded


def test_leaving_and_joining_about_the_last_place(leading):
    for _round in range(ROUNDS):
        event, here, next_one = make_event(leading, places=1), able(leading), able(leading)
        place = event.positions.get()
        crew.claim(place.pk, by=here, at=NOW)
        leaving, joining = together(
            [
                partial(crew.leave, event.pk, by=here),
                partial(crew.claim, place.pk, by=next_one, at=NOW),
            ]
        )
        refusals([joining], DomainError)
        assert refusals([leaving]) == 0
        event = fresh(event)
        assert event.assignments.exists() is joining.succeeded
        assert event.status == (Status.CLOSED if joining.succeeded else Status.OPEN)
        assert event.responsible_person == (next_one if joining.succeeded else None)


def test_leaving_while_somebody_takes_the_other_last_place(leading):
    for _round in range(ROUNDS):
        event, here, next_one = make_event(leading), able(leading), make_member()
        crew.claim(event.positions.get(qualifications=leading).pk, by=here, at=NOW)
        calls = [
            partial(crew.leave, event.pk, by=here),
            partial(crew.claim, event.positions.get(qualifications=None).pk, by=next_one, at=NOW),
        ]
        assert refusals(together(calls)) == 0
        event = fresh(event)
        assert (event.status, event.assignments.get().person) == (Status.OPEN, next_one)


def test_removing_somebody_twice(leading):
    event = make_event(leading)
    assignment = put(make_member(), event.positions.first())
    bosses = [make_coordinator() for _n in range(5)]
    outcomes = together([partial(crew.remove, assignment.pk, by=boss) for boss in bosses])
    assert refusals(outcomes, DomainError) == 4
    assert OutboxMessage.objects.filter(code="assignment_released").count() == 1


def test_two_coordinators_with_the_same_form(leading):
    event = make_event(leading)
    names = ["Maraton", "Půlmaraton"]
    calls = [partial(planning.edit_event, event.pk, by=make_coordinator(), version=1, name=name) for name in names]
    outcomes = together(calls)
    assert refusals(outcomes, StaleRecord) == 1
    kept = next(name for name, outcome in zip(names, outcomes, strict=True) if outcome.succeeded)
    assert (fresh(event).name, fresh(event).version) == (kept, 2)


def test_taking_a_place_while_it_is_deleted(leading):
    boss = make_coordinator()
    for _round in range(ROUNDS):
        event, person = make_event(leading, places=3), make_member()
        place = event.positions.order_by("id").last()
        plan = PlanChanges(removed=[place.pk])
        joining, editing = together(
            [
                partial(crew.claim, place.pk, by=person, at=NOW),
                partial(planning.edit_event, event.pk, by=boss, version=None, plan=plan),
            ]
        )
        assert refusals([joining, editing], DomainError) == 1
        assert event.assignments.exists() is joining.succeeded
        assert event.positions.count() == (3 if joining.succeeded else 2)


def test_two_halves_of_a_cycle():
    admin = make_admin()
    for _round in range(ROUNDS):
        first, second = QualificationFactory(), QualificationFactory()
        calls = [
            partial(credentials.save_qualification, fresh(child), direct_substitutes=[parent.pk], by=admin, at=NOW)
            for child, parent in ((first, second), (second, first))
        ]
        assert refusals(together(calls), DomainError) == 1
        assert Qualification.direct_substitutes.through.objects.count() == 1
        Qualification.direct_substitutes.through.objects.all().delete()


class TestStanding:
    """Whoever loses the ability to lead does not end up leading, however the moments fall."""

    @pytest.fixture
    def admin(self):
        return make_admin()

    def losses(self, person, leading, admin):
        return [
            partial(roster.deactivate, person.pk, by=admin, at=NOW),
            partial(roster.set_roles, person.pk, [], by=admin, at=NOW),
            partial(credentials.withdraw, person.pk, leading.pk, by=admin, at=NOW),
            partial(credentials.set_holdings, person.pk, {}, by=admin, at=NOW),
        ]

    def test_while_they_join(self, leading, admin, monkeypatch):
        for number in range(4):
            event, person = make_event(leading), able(leading)
            free = event.positions.get(qualifications=None)
            losing = self.losses(person, leading, admin)[number]
            with monkeypatch.context() as patch:
                judged = Hesitation(patch, crew, "settle_capacity")
                joining = partial(crew.claim, free.pk, by=fresh(person), at=NOW)
                assert refusals(together([joining, partial(judged.then, losing)])) == 0
            assert event.assignments.get().person == person
            assert fresh(event).responsible_person is None

    def test_while_they_inherit(self, leading, admin, monkeypatch):
        event, leader, heir = make_event(leading), able(leading), able(leading)
        fill(event, leader, heir)
        responsible.set_responsible_person(event.pk, leader, by=admin)
        chosen = Hesitation(monkeypatch, responsible, "_put")
        losing = partial(roster.deactivate, heir.pk, by=admin, at=NOW)
        calls = [partial(crew.leave, event.pk, by=leader), partial(chosen.then, losing)]
        assert refusals(together(calls)) == 0
        assert fresh(event).responsible_person is None

    def test_while_others_join(self, leading, admin):
        for _round in range(ROUNDS):
            event, leader, heir, other = make_event(leading, places=3), able(leading), able(leading), able(leading)
            fill(event, leader, heir)
            responsible.set_responsible_person(event.pk, leader, by=admin)
            calls = [
                partial(roster.deactivate, leader.pk, by=admin, at=NOW),
                partial(crew.claim, event.positions.free().get().pk, by=other, at=NOW),
            ]
            assert refusals(together(calls)) == 0
            assert (fresh(event).responsible_person, fresh(event).status) == (heir, Status.CLOSED)

    def test_while_their_event_tells_them_something(self, leading, admin):
        """Both need the event and the person's waiting messages; neither waits for the other for ever."""
        for number in range(ROUNDS):
            event, leader = make_event(leading), able(leading)
            fill(event, leader)
            responsible.set_responsible_person(event.pk, leader, by=admin)
            planning.edit_event(event.pk, by=admin, version=None, name="Maraton")
            telling = [
                partial(planning.edit_event, event.pk, by=admin, version=None, name="Půlmaraton"),
                partial(lifecycle.transition, event.pk, "cancel", by=admin, at=NOW),
                partial(archiving.archive_event, event.pk, by=admin),
            ][number % 3]
            calls = [partial(roster.deactivate, leader.pk, by=admin, at=NOW), telling]
            assert refusals(together(calls)) == 0

    def test_while_they_assign_somebody(self, leading, admin):
        for _round in range(ROUNDS):
            event, leader, other = make_event(leading), able(leading), make_member()
            fill(event, leader)
            responsible.set_responsible_person(event.pk, leader, by=admin)
            place = event.positions.free().get()
            calls = [
                partial(roster.deactivate, leader.pk, by=admin, at=NOW),
                partial(crew.assign, place.pk, other.pk, by=fresh(leader), at=NOW),
            ]
            losing, assigning = together(calls)
            assert refusals([losing]) == 0
            refusals([assigning], NotAllowed)
            assert fresh(event).responsible_person is None


class TestTheWorker:
    def test_opens_once_however_many_try(self, leading):
        people = {make_member() for _n in range(3)} | {make_coordinator()}
        boss = next(person for person in people if person.has_perm("events.open_signups"))
        event = make_event(leading, status=Status.PUBLISHED, signups_open_at=NOW)
        by_hand = partial(lifecycle.bulk_transition, [event.pk], "open", by=boss, at=NOW, notify=True)
        outcomes = together([by_hand, by_hand, *[partial(lifecycle.open_due, at=NOW)] * 4])
        assert refusals(outcomes) == 0
        assert len(history(event, kind="status_change")) == 1
        assert fresh(event).version == 2
        assert OutboxMessage.objects.count() == len(people)
        assert told() == {("assignments_opened", person) for person in people}

    def test_completes_once_and_nobody_slips_in(self, leading):
        event = make_event(leading)
        place, person = event.positions.get(qualifications=None), make_member()
        claiming = partial(crew.claim, place.pk, by=person, at=event.end)
        outcomes = together([claiming, *[partial(lifecycle.complete_due, at=event.end)] * 3])
        refusals(outcomes, DomainError)
        assert sum(outcome.value for outcome in outcomes[1:]) == 1
        assert fresh(event).status == Status.COMPLETED
        assert event.assignments.exists() is outcomes[0].succeeded


def test_an_event_is_not_created_behind_the_back_of_an_archiving(leading):
    boss, admin = make_coordinator(), make_admin()
    for _round in range(ROUNDS):
        master, moved = MasterEventFactory(), make_event(leading)
        form = {"name": "Maraton", "start": EVENING, "end": EVENING + timedelta(hours=2)}
        plan = [PositionPlan(qualifications=[leading])]
        create = partial(planning.create_event, by=boss, at=NOW, positions=plan, master_event=fresh(master), **form)
        move = partial(planning.edit_event, moved.pk, by=boss, version=None, master_event=fresh(master))
        outcomes = together([create, move, partial(masters.archive_master_event, master.pk, by=admin)])
        refusals(outcomes, DomainError)
        assert outcomes[2].succeeded
        assert not Event.objects.not_archived().filter(master_event=master).exists()


def test_two_master_events_trade_events_while_both_are_archived(leading):
    boss, admin = make_coordinator(), make_admin()
    for _round in range(ROUNDS):
        left, right = MasterEventFactory(), MasterEventFactory()
        here, there = make_event(leading, master_event=left), make_event(leading, master_event=right)
        outcomes = together(
            [
                partial(planning.edit_event, here.pk, by=boss, version=None, master_event=right),
                partial(planning.edit_event, there.pk, by=boss, version=None, master_event=left),
                partial(masters.archive_master_event, left.pk, by=admin),
                partial(masters.archive_master_event, right.pk, by=admin),
            ]
        )
        refusals(outcomes, DomainError)
        assert not Event.objects.not_archived().filter(master_event__in=[left, right]).exists()


def test_everybody_does_everything_at_once(leading):
    """No order of locks is left out: whatever meets, nobody ends with a deadlock or a broken constraint."""
    boss, admin = make_coordinator(), make_admin()
    events = [EventFactory(start=EVENING + timedelta(days=day)) for day in range(3)]
    for event in events:
        PositionFactory(event=event, qualifications=[leading])
        for _n in range(3):
            PositionFactory(event=event)
    people = [able(leading) for _n in range(4)]
    calls = []
    for number, person in enumerate(people):
        for event in events:
            place = event.positions.order_by("id")[number % 4]
            calls += [
                partial(crew.claim, place.pk, by=person, at=NOW),
                partial(crew.assign, place.pk, person.pk, by=boss, at=NOW),
                partial(crew.leave, event.pk, by=person),
            ]
        calls += [
            partial(roster.set_roles, person.pk, [Role.MEMBER, Role.COORDINATOR][number % 2 :], by=admin, at=NOW),
            partial(credentials.grant, person.pk, leading.pk, by=admin, at=NOW, valid_until=EVENING.date()),
        ]
    calls += [partial(planning.edit_event, event.pk, by=boss, version=None, name="Maraton") for event in events]
    calls += [partial(positions.add_positions, event.pk, PositionPlan(), by=boss) for event in events]
    calls += [
        partial(roster.deactivate, people[0].pk, by=admin, at=NOW),
        partial(credentials.save_qualification, fresh(leading), direct_substitutes=[], by=admin, at=NOW),
        partial(lifecycle.bulk_transition, [event.pk for event in events], "close", by=boss, at=NOW, notify=True),
        partial(lifecycle.transition, events[2].pk, "cancel", by=boss, at=NOW),
        partial(masters.archive_master_event, ensure_general().pk, by=admin),
        partial(lifecycle.complete_due, at=events[0].end),
    ]
    refusals(together(calls), DomainError)
    for assignment in Assignment.objects.select_related("position"):
        assert assignment.position.event_id == assignment.event_id
    for event in Event.objects.not_final():
        assert event.responsible_person in {None, *User.objects.filter(assignments__event=event, is_active=True)}
