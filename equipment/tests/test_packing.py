"""Services of packing for events and bringing back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from equipment.models import EquipmentItem, ItemReport, PackedItem, Repair, ServiceWindow
from equipment.repairs.rules import Severity
from equipment.rules import Reason
from equipment.services import issues, items, packing
from equipment.services.locking import Gone
from equipment.tests.factories import ItemFactory, issued, out_of_service, packed
from events.models import Event
from events.rules.lifecycle import Status
from events.services import archiving
from events.services.locking import Gone as EventGone
from events.tests.factories import EventFactory, PositionFactory, put
from medcover.common.errors import DomainError, NotAllowed
from medcover.system import audit_history
from medcover.system.models import AuditEntry
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

NOW = timezone.now()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Outcome = PackedItem.Outcome


@pytest.fixture
def coordinator():
    return make_coordinator(name="Nováková Jana")


@pytest.fixture
def event():
    return EventFactory(name="Koncert", start=NOW + DAY)


@pytest.fixture
def item():
    return ItemFactory(name="AED 1")


def history(event) -> list[str]:
    return [line.summary for line in audit_history.of_event(event.pk)]


class TestPacking:
    def test_notes_who_took_what_when(self, event, item, coordinator):
        row = packing.pack(event.pk, item.pk, by=coordinator, at=NOW)
        assert (row.event, row.item, row.taken_at, row.taken_by, row.outcome) == (event, item, NOW, coordinator, "")
        assert history(event) == ["Sbaleno vybavení: AED 1"]

    @pytest.mark.parametrize("state", [{"is_archived": True}, {"lost_since": NOW},
                                       {"expires_on": (NOW - DAY).date()}])  # fmt: skip
    def test_not_what_cannot_be_used(self, event, coordinator, state):
        with pytest.raises(DomainError):
            packing.pack(event.pk, ItemFactory(**state).pk, by=coordinator, at=NOW)
        assert not PackedItem.objects.exists()

    def test_not_what_will_have_expired_or_be_out_of_service_when_the_event_is_over(self, event, item, coordinator):
        last = timezone.localdate(event.end)
        EquipmentItem.objects.filter(pk=item.pk).update(expires_on=last - DAY)
        with pytest.raises(DomainError, match="nebo projde dřív"):
            packing.pack(event.pk, item.pk, by=coordinator, at=NOW)
        EquipmentItem.objects.filter(pk=item.pk).update(expires_on=last)
        window = out_of_service(item, event.end - timedelta(seconds=1))
        with pytest.raises(DomainError, match="mimo provoz"):
            packing.pack(event.pk, item.pk, by=coordinator, at=NOW)
        ServiceWindow.objects.filter(pk=window.pk).update(since=event.end)
        assert packing.pack(event.pk, item.pk, by=coordinator, at=NOW)

    def test_what_somebody_has(self, event, item, coordinator):
        issued(make_member(), item)
        assert packing.pack(event.pk, item.pk, by=coordinator, at=NOW)

    def test_not_twice_for_the_same_event(self, event, item, coordinator):
        packed(event, item)
        with pytest.raises(DomainError, match="už je pro tuto akci sbalena"):
            packing.pack(event.pk, item.pk, by=coordinator, at=NOW)

    def test_not_for_two_events_and_says_where_it_is(self, event, item, coordinator):
        packed(EventFactory(name="Maraton"), item)
        with pytest.raises(DomainError, match="„Maraton“"):
            packing.pack(event.pk, item.pk, by=coordinator, at=NOW)

    def test_does_not_name_an_event_that_is_hidden(self, event, item):
        viewer = make_viewer()
        Event.objects.filter(pk=event.pk).update(responsible_person=viewer)
        packed(EventFactory(name="Tajná", status=Status.DRAFT), item)
        with pytest.raises(DomainError, match="jinou akci") as refusal:
            packing.pack(event.pk, item.pk, by=viewer, at=NOW)
        assert "Tajná" not in str(refusal.value)

    def test_again_when_it_has_come_back(self, event, item, coordinator):
        packed(EventFactory(), item, outcome=Outcome.IN_ORDER)
        assert packing.pack(event.pk, item.pk, by=coordinator, at=NOW)
        assert item.packings.count() == 2

    @pytest.mark.parametrize("state", [{"status": Status.CANCELLED}, {"is_archived": True}])
    def test_not_for_an_event_that_does_not_take_place(self, item, coordinator, state):
        with pytest.raises(DomainError):
            packing.pack(EventFactory(**state).pk, item.pk, by=coordinator, at=NOW)

    def test_for_an_event_that_is_over_as_a_note_of_what_was_taken(self, item, coordinator):
        event = EventFactory(start=NOW - DAY, status=Status.COMPLETED)
        assert packing.pack(event.pk, item.pk, by=coordinator, at=NOW)

    def test_what_does_not_exist(self, event, item, coordinator):
        with pytest.raises(Gone):
            packing.pack(event.pk, 0, by=coordinator, at=NOW)
        with pytest.raises(EventGone):
            packing.pack(0, item.pk, by=coordinator, at=NOW)

    def test_the_database_knows_one_event_at_a_time(self, event, item):
        packed(event, item)
        with pytest.raises(IntegrityError), transaction.atomic():
            packed(EventFactory(), item)

    def test_several_and_says_which_not(self, event, coordinator):
        good, lost = ItemFactory(name="A"), ItemFactory(name="B", lost_since=NOW)
        result = packing.pack_all(event.pk, [good.pk, lost.pk, good.pk, 0], by=coordinator, at=NOW)
        assert result.changed == ["A"]
        assert [name for name, _reason in result.skipped] == ["B"]


class TestWhoMay:
    def pack(self, event, person):
        return packing.pack(event.pk, ItemFactory().pk, by=person, at=NOW)

    def test_the_responsible_person_on_this_event_only(self, event):
        leader = make_viewer()
        Event.objects.filter(pk=event.pk).update(responsible_person=leader)
        assert self.pack(event, leader)
        with pytest.raises(NotAllowed):
            self.pack(EventFactory(), leader)

    def test_those_on_the_event_who_may_report_on_equipment(self, event):
        member, viewer = make_member(), make_viewer()
        for person in (member, viewer):
            put(person, PositionFactory(event=event))
        assert self.pack(event, member)
        with pytest.raises(NotAllowed):
            self.pack(event, viewer)
        with pytest.raises(NotAllowed):
            self.pack(EventFactory(), member)

    @pytest.mark.parametrize("roles", [[Role.MEMBER], [Role.VIEWER], [Role.TECHNICIAN], []])
    def test_nobody_else(self, event, item, roles):
        person = UserFactory(roles=roles)
        packed(event, item)
        for change in (
            lambda: self.pack(event, person),
            lambda: packing.unpack(event.pk, item.pk, by=person, at=NOW),
            lambda: packing.bring_back(event.pk, item.pk, by=person, at=NOW),
        ):
            with pytest.raises(NotAllowed):
                change()

    def test_not_whose_account_is_not_active(self, event):
        leader = make_member(is_active=False)
        Event.objects.filter(pk=event.pk).update(responsible_person=leader)
        with pytest.raises(NotAllowed):
            self.pack(event, leader)


class TestUnpacking:
    def test_leaves_nothing_but_the_record(self, event, item, coordinator):
        packed(event, item)
        packing.unpack(event.pk, item.pk, by=coordinator, at=NOW)
        assert not PackedItem.objects.exists()
        assert history(event) == ["Vybavení nakonec nejelo: AED 1"]

    def test_not_when_the_event_is_over(self, event, item, coordinator):
        packed(event, item)
        with pytest.raises(DomainError, match="Akce už skončila"):
            packing.unpack(event.pk, item.pk, by=coordinator, at=event.end)

    def test_when_the_event_has_been_cancelled(self, item, coordinator):
        event = EventFactory(start=NOW - DAY, status=Status.CANCELLED)
        packed(event, item)
        packing.unpack(event.pk, item.pk, by=coordinator, at=NOW)
        assert not PackedItem.objects.exists()

    def test_not_what_is_not_packed_here(self, event, item, coordinator):
        packed(EventFactory(), item)
        with pytest.raises(DomainError, match="není pro tuto akci sbalena"):
            packing.unpack(event.pk, item.pk, by=coordinator, at=NOW)


class TestBringingBack:
    def test_in_order(self, event, item, coordinator):
        packed(event, item)
        row = packing.bring_back(event.pk, item.pk, by=coordinator, at=NOW)
        assert (row.outcome, row.returned_at, row.returned_by, row.report) == ("in_order", NOW, coordinator, None)
        assert not ItemReport.objects.exists()
        assert history(event) == ["Vráceno vybavení: AED 1"]

    def test_a_remark_is_kept_as_a_report(self, event, item, coordinator):
        packed(event, item)
        packing.bring_back(event.pk, item.pk, note=" Došly  náplasti. ", by=coordinator, at=NOW)
        report = ItemReport.objects.get()
        assert (report.kind, report.text, report.person) == ("note", "Došly náplasti.", coordinator)
        assert report.packing.item == item

    @pytest.mark.parametrize("note", ["Praskl zip.", ""])
    def test_what_needs_service_is_down_and_waits_for_its_repair(self, event, item, coordinator, note):
        packed(event, item)
        packing.bring_back(event.pk, item.pk, outcome=Outcome.SERVICE, note=note, by=coordinator, at=NOW)
        repair = Repair.objects.get()
        assert (repair.item, repair.severity, repair.created) == (item, Severity.DOWN, NOW)
        assert repair.description == (note or "Vrátilo se z akce a potřebuje servis.")

    def test_what_is_missing_is_lost(self, event, item, coordinator):
        packed(event, item)
        row = packing.bring_back(event.pk, item.pk, outcome=Outcome.MISSING, by=coordinator, at=NOW)
        row.item.refresh_from_db()
        assert row.item.lost_since == NOW
        assert row.is_missing
        assert "Chybí vybavení: AED 1" in history(event)

    def test_what_is_here_is_not_lost_any_more(self, event, coordinator):
        item = ItemFactory(lost_since=NOW - HOUR)
        packed(event, item)
        packing.bring_back(event.pk, item.pk, by=coordinator, at=NOW)
        assert not EquipmentItem.objects.get(pk=item.pk).is_lost

    def test_once(self, event, item, coordinator):
        packed(event, item)
        packing.bring_back(event.pk, item.pk, by=coordinator, at=NOW)
        with pytest.raises(DomainError, match="už se vrátila"):
            packing.bring_back(event.pk, item.pk, outcome=Outcome.MISSING, by=coordinator, at=NOW)
        assert not EquipmentItem.objects.get(pk=item.pk).is_lost

    @pytest.mark.parametrize("outcome", ["", "nonsense", "IN_ORDER"])
    def test_an_unknown_outcome_changes_nothing(self, event, item, coordinator, outcome):
        row = packed(event, item)
        with pytest.raises(DomainError):
            packing.bring_back(event.pk, item.pk, outcome=outcome, by=coordinator, at=NOW)
        row.refresh_from_db()
        assert row.returned_at is None

    def test_a_note_that_is_too_long_changes_nothing(self, event, item, coordinator):
        row = packed(event, item)
        with pytest.raises(ValidationError):
            packing.bring_back(event.pk, item.pk, outcome="service", note="x" * 2001, by=coordinator, at=NOW)
        row.refresh_from_db()
        assert (row.outcome, Repair.objects.count()) == ("", 0)

    @pytest.mark.parametrize("state", [{"status": Status.CANCELLED}, {"is_archived": True},
                                       {"status": Status.COMPLETED}])  # fmt: skip
    def test_from_whatever_has_become_of_the_event(self, item, coordinator, state):
        event = EventFactory(**state)
        packed(event, item)
        assert packing.bring_back(event.pk, item.pk, by=coordinator, at=NOW)

    def test_everything_of_this_event(self, event, coordinator):
        here, elsewhere = packed(event), packed(EventFactory())
        assert packing.bring_all_back(event.pk, by=coordinator, at=NOW).changed == [here.item.name]
        elsewhere.refresh_from_db()
        assert elsewhere.returned_at is None

    def test_some_of_them(self, event, item, coordinator):
        packed(event, item)
        other = packed(event)
        result = packing.bring_all_back(event.pk, [item.pk], by=coordinator, at=NOW)
        assert result.changed == ["AED 1"]
        other.refresh_from_db()
        assert other.returned_at is None


class TestCodes:
    def test_leads_to_the_item(self, item):
        assert packing.item_of(f"https://example.org/{item.code.lower()}") == item.pk

    def test_an_unknown_one_and_nonsense_are_told_apart(self):
        with pytest.raises(Gone, match="Kód 2222222222222222 nemá"):
            packing.item_of("2" * 16)
        with pytest.raises(Gone, match="16 písmen"):
            packing.item_of("AED")


class TestWhatHoldsOnToIt:
    def test_an_item_at_an_event_is_not_archived(self, event, item):
        packed(event, item)
        with pytest.raises(DomainError, match="sbalena"):
            items.archive(item.pk, by=make_admin())

    def test_an_event_from_which_something_is_not_back_is_not_deleted(self, item):
        event, admin = EventFactory(name="Koncert", is_archived=True), make_admin()
        row = packed(event, item)
        with pytest.raises(DomainError, match="AED 1"):
            archiving.delete_event(event.pk, confirmation="Koncert", by=admin)
        packing.bring_back(event.pk, item.pk, outcome=Outcome.SERVICE, by=admin, at=NOW)
        archiving.delete_event(event.pk, confirmation="Koncert", by=admin)
        assert not PackedItem.objects.filter(pk=row.pk).exists()
        assert ItemReport.objects.count() == 1

    def test_the_record_tells_before_and_after(self, event, item, coordinator):
        packed(event, item)
        packing.bring_back(event.pk, item.pk, outcome=Outcome.MISSING, by=coordinator, at=NOW)
        entry = AuditEntry.objects.filter(content_type__model="packeditem").latest("pk")
        assert entry.changes["outcome"] == ["", "missing"]
        assert (entry.actor, entry.event_id) == (coordinator, event.pk)


@pytest.mark.parametrize("service", [issues, packing])
def test_whatever_keeps_an_item_from_being_used_has_its_sentence(service):
    assert vars(service)["_REFUSALS"].keys() == set(Reason)
