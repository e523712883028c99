"""Master events: written, archived with everything in them, and what a coordinator means."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from credentials import services as credentials
from credentials.tests.factories import QualificationFactory
from events.models import MasterEvent
from events.rules.lifecycle import FINAL, Status
from events.services import archiving, crew, lifecycle, masters
from events.tests.factories import MasterEventFactory, put
from events.tests.stories import NOW, able, fill, history, make_event, told
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system.models import AuditEntry
from roster.tests.factories import make_admin, make_coordinator, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def leading():
    return QualificationFactory(name="Zdravotník", can_lead=True)


@pytest.fixture
def admin():
    return make_admin()


@pytest.fixture
def boss():
    return make_coordinator()


class TestGeneral:
    def test_is_there_exactly_once(self):
        assert masters.ensure_general() == masters.ensure_general() == MasterEvent.objects.general()
        assert MasterEvent.objects.filter(is_general=True).count() == 1

    def test_comes_first(self):
        MasterEventFactory(name="Aaa")
        assert MasterEvent.objects.first().is_general

    def test_cannot_be_archived(self, admin):
        with pytest.raises(DomainError):
            masters.archive_master_event(masters.ensure_general().pk, by=admin)

    def test_may_have_a_coordinator(self, boss):
        general = masters.ensure_general()
        general.coordinator = boss
        assert masters.save_master_event(general, by=boss, version=general.version).is_coordinated


class TestSave:
    def test_creates(self, boss):
        master = masters.save_master_event(MasterEvent(name="  Letní   festival "), by=boss)
        assert (master.name, master.version) == ("Letní festival", 1)
        assert AuditEntry.objects.get_for_object(master).get().actor == boss

    def test_writes_and_counts(self, boss):
        master = MasterEventFactory()
        master.name, master.coordinator = "Závody", boss
        masters.save_master_event(master, by=boss, version=1)
        master.refresh_from_db()
        assert (master.name, master.coordinator, master.version) == ("Závody", boss, 2)

    def test_without_a_change_nothing_is_written(self, boss):
        master = MasterEventFactory()
        before = AuditEntry.objects.count()
        assert masters.save_master_event(master, by=boss, version=1).version == 1
        assert AuditEntry.objects.count() == before

    def test_refuses_a_stale_form(self, boss):
        master = MasterEventFactory()
        other = MasterEvent.objects.get(pk=master.pk)
        master.name = "Závody"
        masters.save_master_event(master, by=boss, version=1)
        other.description = "Popis"
        with pytest.raises(StaleRecord):
            masters.save_master_event(other, by=boss, version=1)

    @pytest.mark.parametrize("name", ["", "   ", "x" * 256])
    def test_refuses_bad_names(self, boss, name):
        with pytest.raises(ValidationError):
            masters.save_master_event(MasterEvent(name=name), by=boss)

    def test_refuses_a_taken_name_archived_ones_included(self, boss):
        MasterEventFactory(name="Závody", is_archived=True)
        with pytest.raises(ValidationError):
            masters.save_master_event(MasterEvent(name=" Závody"), by=boss)

    def test_a_lost_race_for_a_name_reads_like_a_taken_one(self, boss, monkeypatch):
        MasterEventFactory(name="Závody")
        monkeypatch.setattr(MasterEvent, "full_clean", lambda *_args, **_kwargs: None)
        with pytest.raises(ValidationError):
            masters.save_master_event(MasterEvent(name="Závody"), by=boss)

    def test_refuses_to_edit_an_archived_one(self, boss):
        master = MasterEventFactory(is_archived=True)
        master.name = "Závody"
        with pytest.raises(DomainError):
            masters.save_master_event(master, by=boss, version=1)

    def test_gives_the_coordination_to_active_people_only(self, boss):
        gone = make_member(is_active=False)
        with pytest.raises(DomainError):
            masters.save_master_event(MasterEvent(name="Závody", coordinator=gone), by=boss)

    def test_a_coordinator_who_left_does_not_stand_in_the_way(self, boss):
        master = MasterEventFactory(coordinator=make_member(is_active=False))
        master.name = "Závody"
        assert masters.save_master_event(master, by=boss, version=1).version == 2

    def test_needs_the_right(self):
        member = make_member()
        with pytest.raises(NotAllowed):
            masters.save_master_event(MasterEvent(name="Závody"), by=member)
        with pytest.raises(NotAllowed):
            masters.save_master_event(MasterEventFactory(), by=member, version=1)


class TestArchiving:
    def test_takes_every_event_along_whatever_its_status(self, admin, leading):
        master = MasterEventFactory()
        events = [make_event(leading, master_event=master, status=status, name=status.value) for status in Status]
        away = make_event(leading, master_event=master, is_archived=True, name="odložená")
        names = masters.archive_master_event(master.pk, by=admin)
        assert set(names) == {status.value for status in Status}
        for event, status in zip(events, Status, strict=True):
            event.refresh_from_db()
            assert (event.is_archived, event.status, event.version) == (True, status, 2)
            assert [(entry.kind, entry.actor) for entry in history(event)][-1] == ("archive", admin)
        away.refresh_from_db()
        assert away.version == 1
        summary = AuditEntry.objects.get_for_object(master).order_by("id").last().summary
        assert all(name in summary for name in names)

    def test_tells_the_people_of_each_event(self, admin, leading):
        master = MasterEventFactory()
        people = [able(leading) for _n in range(2)]
        for person in people:
            fill(make_event(leading, master_event=master), person)
        masters.archive_master_event(master.pk, by=admin)
        assert told() == {("event_archived", person) for person in people}

    def test_twice_is_refused(self, admin):
        with pytest.raises(DomainError):
            masters.archive_master_event(MasterEventFactory(is_archived=True).pk, by=admin)

    def test_back_comes_only_the_master_event(self, admin, leading):
        master = MasterEventFactory()
        for _n in range(3):
            make_event(leading, master_event=master)
        masters.archive_master_event(master.pk, by=admin)
        archiving.unarchive_event(master.events.first().pk, by=admin, notify=False)
        assert masters.unarchive_master_event(master.pk, by=admin) == 2
        master.refresh_from_db()
        assert (master.is_archived, master.events.filter(is_archived=True).count()) == (False, 2)
        with pytest.raises(DomainError):
            masters.unarchive_master_event(master.pk, by=admin)

    def test_needs_rights_that_coordinators_lack(self, boss):
        with pytest.raises(NotAllowed):
            masters.archive_master_event(MasterEventFactory().pk, by=boss)
        with pytest.raises(NotAllowed):
            masters.unarchive_master_event(MasterEventFactory(is_archived=True).pk, by=boss)


class TestCoordinated:
    """Where a coordinator places people, nobody signs up or off, and able participants manage nobody."""

    @pytest.fixture
    def event(self, leading):
        return make_event(leading, places=3, master_event=MasterEventFactory(coordinator=make_member()))

    def test_members_neither_join_nor_leave(self, event, leading):
        member = able(leading)
        with pytest.raises(DomainError):
            crew.claim(event.positions.first().pk, by=member, at=NOW)
        fill(event, member)
        with pytest.raises(DomainError):
            crew.leave(event.pk, by=member)

    def test_whoever_may_assign_others_joins_and_leaves(self, event, leading, boss):
        crew.claim(event.positions.last().pk, by=boss, at=NOW)
        crew.leave(event.pk, by=boss)
        assert not event.assignments.exists()

    def test_able_participants_and_the_responsible_person_manage_nobody(self, event, leading):
        leader, novice = able(leading), make_member()
        event.responsible_person = leader
        event.save()
        fill(event, leader)
        with pytest.raises(NotAllowed):
            crew.assign(event.positions.free().first().pk, novice.pk, by=leader, at=NOW)
        with pytest.raises(NotAllowed):
            crew.remove(put(novice, event.positions.free().first()).pk, by=leader)

    def test_the_responsible_person_still_opens_and_closes(self, event, leading):
        leader = able(leading)
        event.responsible_person = leader
        event.save()
        lifecycle.transition(event.pk, "close", by=leader, at=NOW)
        lifecycle.transition(event.pk, "open", by=leader, at=NOW)

    def test_coordinating_grants_nothing_by_itself(self, event):
        coordinator = event.master_event.coordinator
        for right in ("events.assign_other", "events.change_event", "events.open_signups", "events.publish_event"):
            assert not coordinator.has_perm(right, event)


class TestDeletingQualifications:
    @pytest.mark.parametrize("status", Status)
    def test_is_refused_while_an_unfinished_event_demands_them(self, admin, leading, status):
        make_event(leading, status=status, name="Půlmaraton")
        if status in FINAL:
            assert credentials.delete_qualification(leading.pk, by=admin, at=NOW) == 0
            return
        with pytest.raises(DomainError, match="Půlmaraton"):
            credentials.delete_qualification(leading.pk, by=admin, at=NOW)

    def test_names_a_few_of_many(self, admin, leading):
        for number in range(5):
            make_event(leading, name=f"Akce číslo {number}")
        with pytest.raises(DomainError) as refusal:
            credentials.delete_qualification(leading.pk, by=admin, at=NOW)
        assert str(refusal.value).count("Akce číslo") == 3

    def test_a_finished_event_keeps_showing_what_it_demanded(self, admin, leading):
        event = make_event(leading, status=Status.COMPLETED)
        credentials.delete_qualification(leading.pk, by=admin, at=NOW)
        assert list(event.positions.order_by("id").first().qualifications.all()) == [leading]
