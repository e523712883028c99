"""What expires first is used first: against a model that takes piece by piece; and how a kind stands."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from equipment.consumables import rules
from equipment.consumables.rules import Batch, Stock, Taken, allocate, stock_of, usable
from equipment.models import Consumable, Lot
from equipment.services import lots, usage
from equipment.services.lots import Delivery
from equipment.tests.factories import ConsumableFactory, LocationFactory
from medcover.common.errors import DomainError

DAY = date(2027, 5, 15)

expiries = st.none() | st.integers(-3, 6).map(lambda days: DAY + timedelta(days=days))
quantities = st.integers(min_value=0, max_value=6)
received = st.integers(0, 3).map(lambda days: DAY - timedelta(days=days))
stores = st.lists(st.tuples(quantities, expiries, received), max_size=6).map(
    lambda rows: [Batch(key, *row) for key, row in enumerate(rows)]
)


def piece_by_piece(batches: list[Batch], wanted: int, day: date) -> dict[int, int]:
    """Take one piece after the other, each time looking through everything."""
    left = {batch.key: batch.quantity for batch in batches}
    for _piece in range(wanted):
        best = None
        for batch in batches:
            if not left[batch.key] or (batch.expires_on is not None and batch.expires_on < day):
                continue
            if best is None or _goes_before(batch, best):
                best = batch
        if best is None:
            break
        left[best.key] -= 1
    return {batch.key: batch.quantity - left[batch.key] for batch in batches if left[batch.key] != batch.quantity}


def _goes_before(one: Batch, other: Batch) -> bool:
    if one.expires_on != other.expires_on:
        return other.expires_on is None or (one.expires_on is not None and one.expires_on < other.expires_on)
    return (one.received_on, one.key) < (other.received_on, other.key)


@given(store=stores, wanted=st.integers(min_value=-1, max_value=40))
def test_taking_at_once_is_taking_piece_by_piece(store, wanted):
    taken = allocate(store, wanted, DAY)
    assert {part.key: part.quantity for part in taken} == piece_by_piece(store, wanted, DAY)
    assert all(part.quantity > 0 for part in taken)


@given(store=stores, wanted=st.integers(min_value=0, max_value=40))
def test_nothing_is_made_up_and_nothing_expired_is_taken(store, wanted):
    by_key = {batch.key: batch for batch in store}
    taken = allocate(store, wanted, DAY)
    assert sum(part.quantity for part in taken) == min(wanted, sum(batch.quantity for batch in usable(store, DAY)))
    for part in taken:
        assert part.quantity <= by_key[part.key].quantity
        assert not rules.is_expired(by_key[part.key].expires_on, DAY)


def test_on_its_last_day_a_lot_is_used_first():
    store = [Batch(1, 2), Batch(2, 2, DAY + timedelta(days=1)), Batch(3, 2, DAY), Batch(4, 2, DAY - timedelta(days=1))]
    assert allocate(store, 5, DAY) == [Taken(3, 2), Taken(2, 2), Taken(1, 1)]


@pytest.mark.parametrize(
    ("quantity", "minimum", "level"),
    [(0, 0, Stock.NONE), (0, 5, Stock.NONE), (4, 5, Stock.LOW), (5, 5, Stock.ENOUGH), (1, 0, Stock.ENOUGH)],
)
def test_levels(quantity, minimum, level):
    assert stock_of(quantity, minimum) is level


#: What may happen in a store: a step with a number of pieces and two dice.
steps = st.lists(
    st.tuples(
        st.sampled_from(["receive", "use", "dispose", "count", "move", "undo"]),
        st.integers(min_value=0, max_value=9),
        st.integers(min_value=0, max_value=5),
        st.sampled_from([None, 0, 1, 5]),
    ),
    max_size=14,
)


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(story=steps)
def test_ledger_and_stock_agree_whatever_happens(story):
    now = timezone.now()
    kind, places = ConsumableFactory(), [LocationFactory(), LocationFactory()]
    expected = 0
    for step, pieces, die, expires_in in story:
        with suppress(DomainError):
            expected += _happen(step, kind, places, pieces, die, expires_in, now)
        assert _stock(kind) == expected
    assert not Lot.objects.unbalanced().exists()


def _stock(kind: Consumable) -> int:
    return sum(Lot.objects.filter(consumable=kind).values_list("quantity", flat=True))


def _happen(step, kind, places, pieces, die, expires_in, now) -> int:
    """Do one step and return by how much the stock ought to differ afterwards."""
    there = list(Lot.objects.filter(consumable=kind).order_by("pk"))
    lot = there[die % len(there)] if there else None
    if step == "receive":
        expires_on = None if expires_in is None else timezone.localdate(now) + timedelta(days=expires_in)
        delivery = Delivery(pieces, number=str(die), expires_on=expires_on)
        lots.receive(kind.pk, delivery, location_id=places[die % 2].pk, by=None, at=now)
        return pieces
    if step == "use":
        usage.use(kind.pk, pieces, by=None, at=now)
        return -pieces
    if lot is None:
        return 0
    if step == "dispose":
        lots.dispose(lot.pk, pieces, by=None, at=now)
        return -pieces
    if step == "count":
        lots.take_stock(kind.pk, {lot.pk: pieces}, by=None, at=now)
        return pieces - lot.quantity
    if step == "move":
        lots.move(lot.pk, places[die % 2].pk, pieces, by=None, at=now)
        return 0
    latest = lot.movements.order_by("-pk").first()
    return lots.undo(latest.pk, by=None, at=now).quantity
