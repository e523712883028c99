"""Several people at one store, each on a connection of their own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from equipment.models import Consumable, Lot, Movement
from equipment.services import consumables, lots, usage
from equipment.services.lots import Delivery
from equipment.tests.factories import ConsumableFactory, LocationFactory, stocked
from events.services import archiving
from events.tests.factories import EventFactory, PositionFactory, put
from medcover.common.errors import DomainError, StaleRecord
from medcover.tests.threads import refusals, together
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db(transaction=True)


def running():
    now = timezone.now()
    return EventFactory(start=now - timedelta(hours=1), end=now + timedelta(hours=1)), now


def balanced() -> bool:
    return not Lot.objects.unbalanced().exists()


def test_the_last_piece_is_used_once():
    kind, (event, now) = ConsumableFactory(), running()
    stocked(kind, 1)
    crew = [make_member() for _number in range(4)]
    for person in crew:
        put(person, PositionFactory(event=event))
    outcomes = together([lambda who=who: usage.use_on_event(event.pk, [(kind.pk, 1)], by=who, at=now) for who in crew])
    assert refusals(outcomes, DomainError) == 3
    assert Movement.objects.used_on(event).count() == 1
    assert balanced()


def test_people_who_use_the_same_things_in_another_order_do_not_block_each_other():
    kinds, (event, now), other = [ConsumableFactory(), ConsumableFactory()], running(), running()[0]
    for kind in kinds:
        stocked(kind, 20)
    wanted, boss = [(kind.pk, 2) for kind in kinds], make_coordinator()
    calls = [lambda pairs=pairs, where=where: usage.use_on_event(where.pk, pairs, by=boss, at=now)
             for pairs, where in ((wanted, event), (wanted[::-1], other))]  # fmt: skip
    assert refusals(together(calls * 2)) == 0
    assert list(Lot.objects.values_list("quantity", flat=True)) == [12, 12]
    assert balanced()


def test_a_form_sent_twice_at_once_is_recorded_once():
    kind, (event, now), boss = ConsumableFactory(), running(), make_coordinator()
    stocked(kind, 5)
    outcomes = together([lambda: usage.use_on_event(event.pk, [(kind.pk, 1)], by=boss, at=now, seen=0)] * 2)
    assert refusals(outcomes, StaleRecord) == 1
    assert Lot.objects.get().quantity == 4


def test_the_same_batch_that_two_receive_is_one_lot():
    kind, boss, now = ConsumableFactory(), make_coordinator(), timezone.now()
    outcomes = together([lambda: lots.receive(kind.pk, Delivery(3, number="L1"), by=boss, at=now)] * 3)
    assert refusals(outcomes) == 0
    assert Lot.objects.get().quantity == 9
    assert balanced()


def test_use_is_taken_back_once():
    kind, (event, now), boss = ConsumableFactory(), running(), make_coordinator()
    stocked(kind, 5)
    (row,) = usage.use_on_event(event.pk, [(kind.pk, 2)], by=boss, at=now)
    outcomes = together([lambda: lots.undo(row.pk, by=boss, at=now)] * 3)
    assert refusals(outcomes, StaleRecord) == 2
    assert Lot.objects.get().quantity == 5


def test_taking_back_and_using_on_one_event_do_not_block_each_other():
    kind, (event, now), boss = ConsumableFactory(), running(), make_coordinator()
    stocked(kind, 50)
    rows = [usage.use_on_event(event.pk, [(kind.pk, 1)], by=boss, at=now)[0] for _number in range(3)]
    calls = [lambda row=row: lots.undo(row.pk, by=boss, at=now) for row in rows]
    calls += [lambda: usage.use_on_event(event.pk, [(kind.pk, 1)], by=boss, at=now)] * 3
    assert refusals(together(calls)) == 0
    assert (Lot.objects.get().quantity, balanced()) == (47, True)


def test_nothing_is_counted_over_what_is_being_used():
    kind, boss, now = ConsumableFactory(), make_coordinator(), timezone.now()
    lot = stocked(kind, 5)
    outcomes = together([
        lambda: lots.take_stock(kind.pk, {lot.pk: 4}, by=boss, at=now, version=1),
        lambda: usage.use(kind.pk, 1, by=boss, at=now, version=1),
    ])  # fmt: skip
    assert refusals(outcomes, StaleRecord) == 1
    assert (Lot.objects.get().quantity, balanced()) == (4, True)


def test_pieces_that_two_move_at_once_are_moved_once():
    kind, boss, now = ConsumableFactory(), make_coordinator(), timezone.now()
    here, there = LocationFactory(), LocationFactory()
    lot = stocked(kind, 3, location=here)
    outcomes = together([lambda: lots.move(lot.pk, there.pk, 2, by=boss, at=now)] * 2)
    assert refusals(outcomes, DomainError) == 1
    assert set(Lot.objects.values_list("location", "quantity")) == {(here.pk, 1), (there.pk, 2)}
    assert balanced()


def test_nothing_comes_to_a_kind_that_is_being_archived():
    kind, boss, now = ConsumableFactory(), make_coordinator(), timezone.now()
    outcomes = together([
        lambda: consumables.archive_consumable(kind.pk, by=boss),
        lambda: lots.receive(kind.pk, Delivery(1), by=boss, at=now),
    ])  # fmt: skip
    assert refusals(outcomes, DomainError) == 1
    assert Consumable.objects.get().is_archived != Lot.objects.exists()


def test_a_name_goes_to_one_of_two_kinds():
    boss = make_coordinator()
    outcomes = together([lambda: consumables.save_consumable(Consumable(name="Gáza", unit="ks"), by=boss)] * 2)
    assert refusals(outcomes, ValidationError) == 1
    assert Consumable.objects.count() == 1


def test_use_is_recorded_before_an_event_is_deleted_or_not_at_all():
    kind, (event, now), admin = ConsumableFactory(), running(), make_admin()
    stocked(kind, 5)
    usage.use_on_event(event.pk, [(kind.pk, 1)], by=admin, at=now)
    archiving.archive_event(event.pk, by=admin)
    row = Movement.objects.used_on(event).get()
    outcomes = together([
        lambda: archiving.delete_event(event.pk, confirmation=event.name, by=admin),
        lambda: lots.undo(row.pk, by=admin, at=now),
    ])  # fmt: skip
    assert refusals(outcomes) == 0
    assert not Movement.objects.filter(event__isnull=False).exists()
    assert (Lot.objects.get().quantity, balanced()) == (5, True)
