"""Consumables: kinds, deliveries, use, stock-taking, and the ledger that has to agree with the stock."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils import timezone

from equipment.consumables.rules import MOST
from equipment.models import Consumable, Lot, Movement
from equipment.services import consumables, lots, usage
from equipment.services.lots import Delivery
from equipment.tests.factories import ConsumableFactory, LocationFactory, stocked
from events.rules.lifecycle import Status
from events.services import archiving
from events.tests.factories import EventFactory, PositionFactory, put
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system import audit_history
from medcover.system.models import AuditEntry
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

NOW = timezone.now()
TODAY = timezone.localdate(NOW)


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


@pytest.fixture
def keeper():
    return UserFactory(roles=[Role.TECHNICIAN])


@pytest.fixture
def member():
    return make_member()


@pytest.fixture
def kind():
    return ConsumableFactory(name="Obinadlo", unit="ks")


@pytest.fixture
def event(member):
    """An event of this evening with the member on it."""
    made = EventFactory(name="Koncert", start=NOW - timedelta(hours=2), end=NOW + timedelta(hours=2))
    put(member, PositionFactory(event=made))
    return made


def stock(kind) -> list[int]:
    return list(Lot.objects.filter(consumable=kind).in_order_of_use().values_list("quantity", flat=True))


def balanced() -> bool:
    return not Lot.objects.unbalanced().exists()


class TestKinds:
    def test_is_made_and_changed(self, keeper):
        made = consumables.save_consumable(Consumable(name=" Rukavice  M ", unit="pár", minimum=50), by=keeper)
        assert (made.name, made.version) == ("Rukavice M", 1)
        consumables.save_consumable(Consumable(pk=made.pk, name="Rukavice L", unit="pár"), by=keeper, version=1)
        made.refresh_from_db()
        assert (made.name, made.minimum, made.version) == ("Rukavice L", 0, 2)
        assert AuditEntry.objects.get_for_object(made).first().changes["minimum"] == ["50", "0"]

    def test_a_name_is_taken_once(self, keeper, kind):
        with pytest.raises(ValidationError, match="archiv"):
            consumables.save_consumable(Consumable(name="OBINADLO", unit="ks"), by=keeper)

    @pytest.mark.parametrize("bad", [{"name": " "}, {"unit": ""}, {"minimum": -1}, {"minimum": MOST + 1}])
    def test_bad_values(self, keeper, bad):
        with pytest.raises(ValidationError):
            consumables.save_consumable(Consumable(**{"name": "A", "unit": "ks", **bad}), by=keeper)
        assert not Consumable.objects.exists()

    def test_a_stale_form_and_somebody_without_the_right(self, keeper, member, kind):
        with pytest.raises(StaleRecord):
            consumables.save_consumable(Consumable(pk=kind.pk, name="B", unit="ks"), by=keeper, version=9)
        with pytest.raises(NotAllowed):
            consumables.save_consumable(Consumable(pk=kind.pk, name="B", unit="ks"), by=member)

    def test_an_archived_location_may_stay_but_not_come(self, keeper):
        place = LocationFactory(is_archived=True)
        with pytest.raises(DomainError, match="Umístění"):
            consumables.save_consumable(Consumable(name="A", unit="ks", location=place), by=keeper)
        kept = ConsumableFactory(location=place)
        consumables.save_consumable(Consumable(pk=kept.pk, name="A", unit="ks", location=place), by=keeper)

    def test_only_what_is_used_up_is_archived(self, keeper, kind):
        lot = stocked(kind, 3)
        with pytest.raises(DomainError, match="3 ks"):
            consumables.archive_consumable(kind.pk, by=keeper)
        lots.dispose(lot.pk, 3, by=keeper, at=NOW)
        consumables.archive_consumable(kind.pk, by=keeper)
        with pytest.raises(DomainError, match="archiv"):
            lots.receive(kind.pk, Delivery(1), by=keeper, at=NOW)
        with pytest.raises(DomainError, match="archiv"):
            consumables.archive_consumable(kind.pk, by=keeper)
        assert not consumables.unarchive_consumable(kind.pk, by=keeper).is_archived
        with pytest.raises(DomainError):
            consumables.unarchive_consumable(kind.pk, by=keeper)


class TestReceiving:
    def test_a_delivery_becomes_a_lot_and_the_same_batch_joins_it(self, keeper, kind):
        place = LocationFactory()
        wanted = Delivery(10, number=" L 1 ", expires_on=days(90), note="Dodací list 7")
        first = lots.receive(kind.pk, wanted, location_id=place.pk, by=keeper, at=NOW)
        second = lots.receive(kind.pk, wanted, location_id=place.pk, by=keeper, at=NOW)
        elsewhere = lots.receive(kind.pk, wanted, by=keeper, at=NOW)
        assert first.lot == second.lot != elsewhere.lot
        assert (first.lot.number, first.lot.received_on, first.note) == ("L 1", TODAY, "Dodací list 7")
        assert sorted(stock(kind)) == [10, 20]
        assert balanced()
        kind.refresh_from_db()
        assert kind.version == 4

    @pytest.mark.parametrize("quantity", [0, -5, MOST + 1, 2**70, True])
    def test_what_is_no_number_of_pieces(self, keeper, kind, quantity):
        with pytest.raises(DomainError, match="celé číslo"):
            lots.receive(kind.pk, Delivery(quantity), by=keeper, at=NOW)
        assert not Lot.objects.exists()

    def test_no_lot_holds_more_than_can_be(self, keeper, kind):
        stocked(kind, MOST, number="L1")
        with pytest.raises(DomainError, match="nejvýše"):
            lots.receive(kind.pk, Delivery(1, number="L1"), by=keeper, at=NOW)

    def test_what_has_expired_and_what_comes_tomorrow(self, keeper, kind):
        lots.receive(kind.pk, Delivery(1, expires_on=TODAY), by=keeper, at=NOW)
        with pytest.raises(DomainError, match="prošl"):
            lots.receive(kind.pk, Delivery(1, expires_on=days(-1)), by=keeper, at=NOW)
        with pytest.raises(DomainError, match="budoucnosti"):
            lots.receive(kind.pk, Delivery(1, received_on=days(1)), by=keeper, at=NOW)

    def test_a_delivery_sent_twice_is_stale(self, keeper, kind):
        lots.receive(kind.pk, Delivery(1), by=keeper, at=NOW, version=1)
        with pytest.raises(StaleRecord):
            lots.receive(kind.pk, Delivery(1), by=keeper, at=NOW, version=1)
        assert stock(kind) == [1]

    def test_an_archived_location_and_somebody_without_the_right(self, keeper, member, kind):
        with pytest.raises(DomainError, match="Umístění"):
            lots.receive(kind.pk, Delivery(1), location_id=LocationFactory(is_archived=True).pk, by=keeper, at=NOW)
        with pytest.raises(NotAllowed):
            lots.receive(kind.pk, Delivery(1), by=member, at=NOW)
        with pytest.raises(DomainError):
            lots.receive(0, Delivery(1), by=keeper, at=NOW)


class TestUse:
    def test_what_expires_first_goes_first_and_nothing_expired(self, keeper, kind):
        stocked(kind, 5)
        stocked(kind, 2, expires_on=days(30))
        stocked(kind, 3, expires_on=TODAY)
        stocked(kind, 9, expires_on=days(-1))
        made = usage.use(kind.pk, 6, by=keeper, at=NOW)
        assert [row.quantity for row in made] == [-3, -2, -1]
        assert stock(kind) == [9, 0, 0, 4]
        assert balanced()

    def test_says_how_much_there_is(self, keeper, kind):
        stocked(kind, 4)
        stocked(kind, 9, expires_on=days(-1))
        with pytest.raises(DomainError, match="4 ks"):
            usage.use(kind.pk, 5, by=keeper, at=NOW)
        usage.use(kind.pk, 4, by=keeper, at=NOW)
        with pytest.raises(DomainError, match="Obinadlo"):
            usage.use(kind.pk, 1, by=keeper, at=NOW)
        assert stock(kind) == [9, 0]

    def test_a_named_lot(self, keeper, kind):
        stocked(kind, 5, expires_on=days(1))
        named, expired = stocked(kind, 5, expires_on=days(9)), stocked(kind, 5, expires_on=days(-1))
        usage.use(kind.pk, 2, lot_id=named.pk, by=keeper, at=NOW)
        assert stock(kind) == [5, 5, 3]
        with pytest.raises(DomainError, match="prošl"):
            usage.use(kind.pk, 1, lot_id=expired.pk, by=keeper, at=NOW)
        with pytest.raises(DomainError, match="3 ks"):
            usage.use(kind.pk, 4, lot_id=named.pk, by=keeper, at=NOW)
        with pytest.raises(DomainError, match="šarže"):
            usage.use(kind.pk, 1, lot_id=stocked(ConsumableFactory(), 1).pk, by=keeper, at=NOW)

    def test_without_an_event_only_the_store(self, member, kind):
        stocked(kind, 5)
        with pytest.raises(NotAllowed):
            usage.use(kind.pk, 1, by=member, at=NOW)


class TestUseOnAnEvent:
    def test_all_of_it_with_a_line_in_the_history_of_the_event(self, member, kind, event):
        gloves = ConsumableFactory(name="Rukavice", unit="pár")
        stocked(kind, 5)
        stocked(gloves, 5)
        made = usage.use_on_event(event.pk, [(kind.pk, 2), (gloves.pk, 1), (kind.pk, 1)], by=member, at=NOW)
        assert {(row.lot.consumable.name, row.quantity) for row in made} == {("Obinadlo", -3), ("Rukavice", -1)}
        assert {(row.event, row.by) for row in Movement.objects.used_on(event)} == {(event, member)}
        told = [line.summary for line in audit_history.of_event(event.pk)]
        assert len(told) == 2
        assert any("3 ks" in line and "Obinadlo" in line for line in told)

    def test_all_or_nothing(self, member, kind, event):
        scarce = ConsumableFactory(name="Elektrody")
        stocked(kind, 5)
        stocked(scarce, 1)
        with pytest.raises(DomainError, match="Elektrody"):
            usage.use_on_event(event.pk, [(kind.pk, 2), (scarce.pk, 2)], by=member, at=NOW)
        assert (stock(kind), stock(scarce)) == ([5], [1])
        assert not Movement.objects.used_on(event).exists()

    @pytest.mark.parametrize("wanted", [[], [(0, 1)]])
    def test_nothing_and_what_does_not_exist(self, member, event, wanted):
        with pytest.raises(DomainError):
            usage.use_on_event(event.pk, wanted, by=member, at=NOW)

    def test_only_the_crew_and_the_store(self, kind, event):
        stocked(kind, 5)
        for person in (make_member(), make_viewer()):
            with pytest.raises(NotAllowed):
                usage.use_on_event(event.pk, [(kind.pk, 1)], by=person, at=NOW)
        usage.use_on_event(event.pk, [(kind.pk, 1)], by=make_coordinator(), at=NOW)

    def test_an_event_that_one_may_not_see_does_not_exist(self, keeper, kind, event):
        stocked(kind, 5)
        with pytest.raises(DomainError, match="neexistuje"):
            usage.use_on_event(event.pk, [(kind.pk, 1)], by=keeper, at=NOW)

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"status": Status.DRAFT}, "zveřejněna"),
            ({"is_archived": True}, "archiv"),
            ({"start": NOW + timedelta(days=2), "end": NOW + timedelta(days=3)}, "nezačala"),
        ],
    )
    def test_not_before_it_begins_not_on_drafts_and_archived_ones(self, kind, fields, words):
        stocked(kind, 5)
        with pytest.raises(DomainError, match=words):
            usage.use_on_event(EventFactory(**fields).pk, [(kind.pk, 1)], by=make_admin(), at=NOW)

    def test_on_a_cancelled_one_what_was_opened_is_gone(self, kind):
        stocked(kind, 5)
        event = EventFactory(status=Status.CANCELLED, start=NOW + timedelta(days=2), end=NOW + timedelta(days=3))
        usage.use_on_event(event.pk, [(kind.pk, 1)], by=make_admin(), at=NOW)
        assert stock(kind) == [4]

    def test_what_had_not_expired_on_the_day_counts(self, kind):
        yesterday = NOW - timedelta(days=1)
        event = EventFactory(start=yesterday - timedelta(hours=1), end=yesterday)
        stocked(kind, 1, expires_on=timezone.localdate(yesterday))
        stocked(kind, 1, expires_on=timezone.localdate(yesterday) - timedelta(days=1))
        usage.use_on_event(event.pk, [(kind.pk, 1)], by=make_admin(), at=NOW)
        assert stock(kind) == [1, 0]
        with pytest.raises(DomainError):
            usage.use_on_event(event.pk, [(kind.pk, 1)], by=make_admin(), at=NOW)

    def test_a_form_sent_twice_is_stale(self, member, kind, event):
        stocked(kind, 5)
        usage.use_on_event(event.pk, [(kind.pk, 1)], by=member, at=NOW, seen=0)
        with pytest.raises(StaleRecord):
            usage.use_on_event(event.pk, [(kind.pk, 1)], by=member, at=NOW, seen=0)
        usage.use_on_event(event.pk, [(kind.pk, 1)], by=member, at=NOW, seen=usage.latest_line(event.pk))
        assert stock(kind) == [3]

    def test_the_ledger_outlives_a_deleted_event(self, member, kind, event):
        stocked(kind, 5)
        usage.use_on_event(event.pk, [(kind.pk, 2)], by=member, at=NOW)
        admin = make_admin()
        archiving.archive_event(event.pk, by=admin)
        archiving.delete_event(event.pk, confirmation=event.name, by=admin)
        row = Movement.objects.get(kind="used")
        assert (row.quantity, row.event) == (-2, None)
        lots.undo(row.pk, by=admin, at=NOW)
        assert stock(kind) == [5]


class TestTheStore:
    def test_disposing_takes_expired_ones_too(self, keeper, kind):
        lot = stocked(kind, 5, expires_on=days(-1))
        row = lots.dispose(lot.pk, 5, note="Prošlé", by=keeper, at=NOW)
        assert (row.kind, row.quantity, row.note) == ("disposed", -5, "Prošlé")
        with pytest.raises(DomainError):
            lots.dispose(lot.pk, 1, by=keeper, at=NOW)
        with pytest.raises(DomainError):
            lots.dispose(0, 1, by=keeper, at=NOW)
        assert balanced()

    def test_stock_taking_writes_only_what_differs(self, keeper, kind):
        first, second, third = (stocked(kind, 5, number=str(number)) for number in range(3))
        made = lots.take_stock(kind.pk, {first.pk: 7, second.pk: 5, third.pk: 0}, note="Inventura", by=keeper, at=NOW)
        assert [row.quantity for row in made] == [2, -5]
        assert stock(kind) == [7, 5, 0]
        assert balanced()
        assert lots.take_stock(kind.pk, {first.pk: 7}, by=keeper, at=NOW) == []

    @pytest.mark.parametrize("found", [-1, MOST + 1])
    def test_stock_taking_refuses_what_cannot_be(self, keeper, kind, found):
        lot = stocked(kind, 5)
        with pytest.raises(DomainError):
            lots.take_stock(kind.pk, {lot.pk: found}, by=keeper, at=NOW)
        with pytest.raises(DomainError, match="šarže"):
            lots.take_stock(kind.pk, {stocked(ConsumableFactory(), 1).pk: 1}, by=keeper, at=NOW)

    def test_what_moved_since_it_was_counted_is_counted_again(self, keeper, kind):
        lot = stocked(kind, 5)
        usage.use(kind.pk, 1, by=keeper, at=NOW)
        with pytest.raises(StaleRecord):
            lots.take_stock(kind.pk, {lot.pk: 5}, by=keeper, at=NOW, version=1)

    def test_moving_keeps_the_batch_and_the_sum(self, keeper, kind):
        here, there = LocationFactory(), LocationFactory()
        lot = stocked(kind, 5, number="L1", expires_on=days(9), location=here)
        moved = lots.move(lot.pk, there.pk, 2, by=keeper, at=NOW)
        assert (moved.number, moved.expires_on, moved.location, moved.quantity) == ("L1", days(9), there, 2)
        assert lots.move(lot.pk, there.pk, 3, by=keeper, at=NOW) == moved
        assert sorted(stock(kind)) == [0, 5]
        assert balanced()
        for refused in (
            lambda: lots.move(moved.pk, there.pk, 1, by=keeper, at=NOW),
            lambda: lots.move(moved.pk, here.pk, 6, by=keeper, at=NOW),
            lambda: lots.move(moved.pk, 0, 1, by=keeper, at=NOW),
            lambda: lots.move(moved.pk, LocationFactory(is_archived=True).pk, 1, by=keeper, at=NOW),
        ):
            with pytest.raises(DomainError):
                refused()

    def test_a_lot_is_put_right(self, keeper, kind):
        lot, other = stocked(kind, 5, number="L1"), stocked(kind, 5, number="L2")
        lots.edit_lot(lot.pk, number="L3", expires_on=days(5), by=keeper)
        lot.refresh_from_db()
        assert (lot.number, lot.expires_on, lot.quantity) == ("L3", days(5), 5)
        assert AuditEntry.objects.get_for_object(lot).first().changes["number"] == ["L1", "L3"]
        with pytest.raises(DomainError):
            lots.edit_lot(other.pk, number="L3", expires_on=days(5), by=keeper)
        with pytest.raises(ValidationError):
            lots.edit_lot(other.pk, number="x" * 101, expires_on=None, by=keeper)

    def test_a_note_that_is_too_long_changes_nothing(self, keeper, kind):
        lot = stocked(kind, 5)
        with pytest.raises(ValidationError):
            lots.dispose(lot.pk, 1, note="x" * 501, by=keeper, at=NOW)
        assert stock(kind) == [5]

    @pytest.mark.parametrize("who", [make_member, make_viewer])
    def test_only_for_those_who_keep_the_stock(self, kind, who):
        lot, person, place = stocked(kind, 5), who(), LocationFactory()
        for change in (
            lambda: lots.dispose(lot.pk, 1, by=person, at=NOW),
            lambda: lots.take_stock(kind.pk, {lot.pk: 1}, by=person, at=NOW),
            lambda: lots.move(lot.pk, place.pk, 1, by=person, at=NOW),
            lambda: lots.edit_lot(lot.pk, number="x", expires_on=None, by=person),
            lambda: consumables.archive_consumable(kind.pk, by=person),
            lambda: consumables.unarchive_consumable(kind.pk, by=person),
        ):
            with pytest.raises(NotAllowed):
                change()
        assert stock(kind) == [5]


class TestTakingBack:
    def test_use_comes_back_once(self, member, kind, event):
        stocked(kind, 5)
        (row,) = usage.use_on_event(event.pk, [(kind.pk, 2)], by=member, at=NOW)
        back = lots.undo(row.pk, by=member, at=NOW)
        assert (back.quantity, back.kind, back.event, back.undoes) == (2, "used", event, row)
        assert not Movement.objects.used_on(event).exists()
        assert stock(kind) == [5]
        with pytest.raises(StaleRecord):
            lots.undo(row.pk, by=member, at=NOW)
        with pytest.raises(DomainError):
            lots.undo(back.pk, by=member, at=NOW)
        assert balanced()

    def test_a_delivery_only_while_it_is_there(self, keeper, kind):
        row = lots.receive(kind.pk, Delivery(5), by=keeper, at=NOW)
        usage.use(kind.pk, 1, by=keeper, at=NOW)
        with pytest.raises(DomainError, match="4 ks"):
            lots.undo(row.pk, by=keeper, at=NOW)

    def test_a_move_is_moved_back(self, keeper, kind):
        lots.move(stocked(kind, 5).pk, LocationFactory().pk, 1, by=keeper, at=NOW)
        with pytest.raises(DomainError, match="Přesun"):
            lots.undo(Movement.objects.filter(kind="moved").first().pk, by=keeper, at=NOW)

    def test_others_take_back_only_their_own_use(self, keeper, kind, event):
        stocked(kind, 5)
        coordinator, other = make_coordinator(), make_member()
        (row,) = usage.use_on_event(event.pk, [(kind.pk, 1)], by=coordinator, at=NOW)
        received = Movement.objects.get(kind="received")
        for movement, person in ((row, other), (received, other), (row, make_viewer())):
            with pytest.raises(NotAllowed):
                lots.undo(movement.pk, by=person, at=NOW)
        lots.undo(row.pk, by=keeper, at=NOW)
        with pytest.raises(DomainError):
            lots.undo(0, by=keeper, at=NOW)


class TestTheLedger:
    @pytest.fixture
    def row(self, kind):
        stocked(kind, 5)
        return Movement.objects.get()

    @pytest.mark.parametrize(
        "change", [{"quantity": 9}, {"kind": "corrected"}, {"by": None}, {"at": NOW - timedelta(days=1)}]
    )
    def test_is_never_altered(self, row, keeper, change):
        fresh = {**change, "by": keeper} if "by" in change else change
        with pytest.raises(DatabaseError), transaction.atomic():
            Movement.objects.filter(pk=row.pk).update(**fresh)

    def test_is_never_deleted_and_forgets_no_event(self, row, event):
        with pytest.raises(DatabaseError), transaction.atomic():
            Movement.objects.filter(pk=row.pk).delete()
        with pytest.raises(DatabaseError), transaction.atomic():
            Movement.objects.filter(pk=row.pk).update(event=event)

    def test_its_note_may_be_masked(self, row):
        assert Movement.objects.filter(pk=row.pk).update(note="x") == 1

    def test_what_was_written_past_it_is_found(self, row):
        assert balanced()
        Lot.objects.update(quantity=4)
        assert [lot.pk for lot in Lot.objects.unbalanced()] == [row.lot_id]

    def test_the_database_knows_less_than_nothing(self, row):
        with pytest.raises(DatabaseError), transaction.atomic():
            Lot.objects.update(quantity=-1)
