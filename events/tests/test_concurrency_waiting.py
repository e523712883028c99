"""Offers and hand-overs raced for, each call on a connection of its own: one place, one person, no error."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from credentials import services as credentials
from credentials.tests.factories import QualificationFactory
from events.models import Offer, QueueEntry
from events.rules.lifecycle import Status
from events.services import archiving, crew, handover, lifecycle, positions, waiting
from events.services.positions import PositionPlan
from events.tests import queues
from events.tests.queues import full_capacity_event, full_event, offer_to, offered, offered_place, wait
from events.tests.stories import NOW, able, told
from medcover.common.errors import DomainError
from medcover.tests.threads import Hesitation, refusals, together
from roster import services as roster
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db(transaction=True)

#: How often a race is run whose two ends must both be possible.
ROUNDS = 3


@pytest.fixture
def leading():
    return QualificationFactory(name="Zdravotník", can_lead=True)


def assert_consistent(event):
    """Held places are really free, their people wait, and sign-ups are open exactly while something is left."""
    event = queues.fresh(event)
    staffing = event.staffing_of_now()
    assert staffing.filled + staffing.held_places <= staffing.total
    for offer in event.offers.open():
        assert event.queue.filter(person=offer.person).exists()
        assert offer.position is None or not event.assignments.filter(position=offer.position).exists()
    assert not event.queue.filter(person__in=event.assignments.values("person")).exists()
    if event.status == Status.OPEN:
        assert not staffing.is_booked_out
    elif event.status == Status.CLOSED:
        assert staffing.is_booked_out


def test_one_offer_accepted_many_times_at_once(leading):
    event, _leader, other = full_event(leading)
    person = make_member()
    offer = offered_place(event, other, person)
    calls = [partial(waiting.accept, offer.pk, by=queues.fresh(person), at=NOW) for _n in range(8)]
    assert refusals(together(calls), DomainError) == 7
    assert event.assignments.filter(person=person).count() == 1
    assert queues.fresh(offer).state == "accepted"
    assert_consistent(event)


def test_twenty_people_and_one_offered_place(leading):
    """Nineteen try to sign up for it while it is held for the twentieth."""
    event, leader, other = full_event(leading)
    person = make_member()
    offer = offered_place(event, other, person)
    crew.leave(event.pk, by=leader, at=NOW)  # so that sign-ups are open
    outsiders = [make_member() for _n in range(19)]
    calls = [partial(crew.claim, offer.position_id, by=outsider, at=NOW) for outsider in outsiders]
    calls.insert(10, partial(waiting.accept, offer.pk, by=person, at=NOW))
    outcomes = together(calls)
    assert refusals(outcomes, DomainError) == 19
    assert outcomes[10].succeeded
    assert event.assignments.get().person == person
    assert_consistent(event)


def test_accepting_while_it_expires(leading):
    for _round in range(ROUNDS):
        event, _leader, other = full_event(leading)
        person, after = make_member(), make_member()
        wait(event, person, after)
        crew.leave(event.pk, by=other, at=NOW)
        offer = offer_to(person)
        accepting, expiring = together(
            [
                partial(waiting.accept, offer.pk, by=person, at=offer.expires_at - timedelta(seconds=1)),
                partial(waiting.expire_due, at=offer.expires_at),
            ]
        )
        refusals([accepting], DomainError)
        assert refusals([expiring]) == 0
        assert event.assignments.filter(person=person).exists() is accepting.succeeded
        assert expiring.value == (0 if accepting.succeeded else 1)
        assert queues.fresh(offer).state == ("accepted" if accepting.succeeded else "expired")
        assert offered(event) == ([] if accepting.succeeded else [after])
        assert_consistent(event)


def test_accepting_and_declining_in_two_windows(leading):
    for _round in range(ROUNDS):
        event, _leader, other = full_event(leading)
        person = make_member()
        offer = offered_place(event, other, person)
        calls = [
            partial(waiting.accept, offer.pk, by=queues.fresh(person), at=NOW),
            partial(waiting.decline, offer.pk, by=queues.fresh(person), at=NOW),
        ]
        assert refusals(together(calls), DomainError) == 1
        assert event.assignments.filter(person=person).exists() is (queues.fresh(offer).state == "accepted")
        assert_consistent(event)


def test_two_workers_let_one_offer_expire(leading):
    event, _leader, other = full_event(leading)
    person, after = make_member(), make_member()
    wait(event, person, after)
    crew.leave(event.pk, by=other, at=NOW)
    late = offer_to(person).expires_at
    outcomes = together([partial(waiting.expire_due, at=late) for _n in range(4)])
    assert refusals(outcomes) == 0
    assert sum(outcome.value for outcome in outcomes) == 1
    assert Offer.objects.count() == 2
    assert offered(event) == [after]


def test_two_leave_and_two_are_offered(leading):
    """Each of the two places goes to another one of those who wait."""
    event, leader, other = full_event(leading)
    people = [able(leading), able(leading), able(leading)]
    wait(event, *people)
    calls = [partial(crew.leave, event.pk, by=person, at=NOW) for person in (leader, other)]
    assert refusals(together(calls)) == 0
    assert set(offered(event)) == set(people[:2])
    assert len({offer.position_id for offer in event.offers.open()}) == 2
    assert_consistent(event)


def test_everybody_queues_twice_at_once(leading):
    event, _leader, _other = full_event(leading)
    people = [make_member() for _n in range(5)]
    calls = [partial(waiting.queue, event.pk, by=queues.fresh(person), at=NOW) for person in people for _n in range(2)]
    assert refusals(together(calls), DomainError) == 5
    assert set(queues.waiting(event)) == set(people)


def test_queueing_while_a_place_is_freed(leading):
    for _round in range(ROUNDS):
        event, _leader, other = full_event(leading)
        person = make_member()
        queueing, leaving = together(
            [
                partial(waiting.queue, event.pk, by=person, at=NOW),
                partial(crew.leave, event.pk, by=other, at=NOW),
            ]
        )
        refusals([queueing], DomainError)
        assert refusals([leaving]) == 0
        # Whoever came in time is offered the place, whoever came too late can simply sign up.
        assert offered(event) == ([person] if queueing.succeeded else [])
        assert_consistent(event)


def test_assigning_over_an_offer_while_it_is_accepted(leading):
    boss = make_coordinator()
    for _round in range(ROUNDS):
        event, _leader, other = full_event(leading)
        person, chosen = make_member(), make_member()
        offer = offered_place(event, other, person)
        calls = [
            partial(waiting.accept, offer.pk, by=person, at=NOW),
            partial(crew.assign, offer.position_id, chosen.pk, by=boss, at=NOW),
        ]
        outcomes = together(calls)
        assert refusals(outcomes, DomainError) == 1
        assert event.assignments.get(position=offer.position_id).person == (person if outcomes[0].succeeded else chosen)
        assert_consistent(event)


def test_handing_over_while_leaving(leading):
    for _round in range(ROUNDS):
        event, _leader, giver = full_event(leading)
        substitute = make_member()
        proposal = handover.propose(event.pk, substitute.pk, by=giver, at=NOW)
        accepting, leaving = together(
            [
                partial(handover.accept, proposal.pk, by=substitute, at=NOW),
                partial(crew.leave, event.pk, by=giver, at=NOW),
            ]
        )
        assert refusals([accepting, leaving], DomainError) == 1
        assert event.assignments.filter(person=substitute).exists() is accepting.succeeded
        assert not event.assignments.filter(person=giver).exists()
        assert queues.fresh(proposal).state == ("accepted" if accepting.succeeded else "withdrawn")
        assert_consistent(event)


def test_handing_over_in_a_circle(leading):
    """Each has asked the other one's friend; locks of people are taken in one order, so nobody waits for ever."""
    for _round in range(ROUNDS):
        first, _leader, a = full_event(leading)
        second, _leader, b = full_event(leading)
        one = handover.propose(first.pk, b.pk, by=a, at=NOW)
        two = handover.propose(second.pk, a.pk, by=b, at=NOW)
        calls = [
            partial(handover.accept, one.pk, by=queues.fresh(b), at=NOW),
            partial(handover.accept, two.pk, by=queues.fresh(a), at=NOW),
        ]
        assert refusals(together(calls)) == 0
        assert first.assignments.filter(person=b).exists()
        assert second.assignments.filter(person=a).exists()


def test_a_substitute_is_deactivated_while_accepting(leading):
    admin = make_admin()
    for _round in range(ROUNDS):
        event, _leader, giver = full_event(leading)
        substitute = make_member()
        proposal = handover.propose(event.pk, substitute.pk, by=giver, at=NOW)
        accepting, losing = together(
            [
                partial(handover.accept, proposal.pk, by=queues.fresh(substitute), at=NOW),
                partial(roster.deactivate, substitute.pk, by=admin, at=NOW),
            ]
        )
        refusals([accepting], DomainError)
        assert refusals([losing]) == 0
        assert event.assignments.filter(person=substitute).exists() is accepting.succeeded
        assert queues.fresh(proposal).state == ("accepted" if accepting.succeeded else "withdrawn")


def test_whoever_is_offered_a_place_is_deactivated_just_then(leading, monkeypatch):
    event, _leader, other = full_event(leading)
    person, after = make_member(), make_member()
    wait(event, person, after)
    admin = make_admin()
    deciding = Hesitation(monkeypatch, waiting.offers, "_offer")
    calls = [
        partial(crew.leave, event.pk, by=other, at=NOW),
        partial(deciding.then, partial(roster.deactivate, person.pk, by=admin, at=NOW)),
    ]
    assert refusals(together(calls)) == 0
    assert offered(event) == [after]
    assert_consistent(event)


def test_the_last_seat_of_conditions(leading):
    """One seat is held; the others may try as they like."""
    leaver = make_member()
    event = full_capacity_event({leading: 1}, able(leading), leaver, maximum=2)
    person = make_member()
    offer = offered_place(event, leaver, person)
    calls = [partial(crew.join, event.pk, by=make_member(), at=NOW) for _n in range(5)]
    calls.append(partial(waiting.accept, offer.pk, by=person, at=NOW))
    assert refusals(together(calls), DomainError) == 5
    assert set(event.assignments.values_list("person", flat=True)) >= {person.pk}
    assert_consistent(event)


def test_everything_at_once(leading):
    """No deadlock, no error but refusals, and in the end everything fits together."""
    boss, admin = make_coordinator(), make_admin()
    events = [full_event(leading) for _n in range(3)]
    people = [able(leading) for _n in range(6)]
    for event, _leader, _other in events:
        wait(event, *people[:4])
    crew.leave(events[0][0].pk, by=events[0][2], at=NOW)
    first = offer_to(people[0])
    proposal = handover.propose(events[1][0].pk, people[5].pk, by=events[1][2], at=NOW)
    calls = [
        partial(waiting.accept, first.pk, by=queues.fresh(people[0]), at=NOW),
        partial(waiting.unqueue, events[0][0].pk, by=queues.fresh(people[1]), at=NOW),
        partial(waiting.queue, events[2][0].pk, by=queues.fresh(people[4]), at=NOW),
        partial(waiting.expire_due, at=NOW + timedelta(hours=13)),
        partial(handover.accept, proposal.pk, by=queues.fresh(people[5]), at=NOW),
        partial(roster.deactivate, people[2].pk, by=admin, at=NOW),
        partial(credentials.withdraw, people[3].pk, leading.pk, by=admin, at=NOW),
        partial(credentials.save_qualification, queues.fresh(leading), direct_substitutes=[], by=admin, at=NOW),
        partial(archiving.archive_event, events[2][0].pk, by=admin),
    ]
    for event, leader, other in events:
        calls += [
            partial(crew.leave, event.pk, by=queues.fresh(leader), at=NOW),
            partial(crew.leave, event.pk, by=queues.fresh(other), at=NOW),
            partial(positions.add_positions, event.pk, PositionPlan(), by=boss),
            partial(lifecycle.transition, event.pk, "close", by=boss, at=NOW),
        ]
    refusals(together(calls), DomainError)
    for event, _leader, _other in events:
        event = queues.fresh(event)
        if event.is_archived:
            assert not event.queue.exists()
            assert not event.offers.open().exists()
        elif event.status != Status.CLOSED or event.capacity_closed:
            assert_consistent(event)
        else:
            assert not event.offers.open().exists()
    assert not QueueEntry.objects.filter(person=people[2]).exists()
    assert len(told("place_offered")) <= len(people)
