"""An import between reading and writing."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError

from credentials.tests.factories import QualificationFactory, hold
from events import jobs
from events.models import Event, Position, SeasonImport
from events.rules.lifecycle import Status
from events.season.importing import drafts
from events.season.importing.corrections import EventCorrection, Leader, PersonCorrection, correct_event, correct_person
from events.season.importing.report import Part, SeasonReport
from events.season.matching.staffing import MANAGED
from events.season.reading.records import Doubt, DoubtKind, Season
from events.services.locking import Gone
from events.services.masters import ensure_general
from events.tests.counting import rows_per_table
from events.tests.factories import EventFactory, MasterEventFactory
from events.tests.seasons import COMING, NOW, PAST, season, sheet_event, sheet_person
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system.models import AuditEntry
from notifications.models import OutboxMessage
from notifications.tests.threads import beside
from roster.models import User
from roster.tests.factories import UserFactory, make_admin, make_coordinator

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return make_admin()


@pytest.fixture
def draft(admin):
    """Two people, a past event, a coming one, one without a start, one that is cancelled."""
    return begin(
        admin,
        sheet_person("Malá Hana", "hana@example.org", is_medic=True),
        sheet_person("Říha Adam"),
        sheet_event("Pouť", PAST, responsible_person="Malá Hana", signups=("Říha Adam",)),
        sheet_event("Ples", COMING, responsible_person="Kdo Ví"),
        sheet_event("Běh", COMING, start_time=None, time_missing=True),
        sheet_event("Trhy", COMING, cancelled=True),
    )


def begin(owner, *rows, doubts=()) -> SeasonImport:
    return drafts.begin(season(*rows, doubts=doubts), source="sezona.xlsx", by=owner, at=NOW)


def correction(**values: Any) -> EventCorrection:
    plain = {
        "name": "Ples", "start_time": time(10), "end_time": time(16), "location": "", "paid": False, "master": None,
        "leader": None,
    }  # fmt: skip
    return EventCorrection(**(plain | values))


def person(**values: Any) -> PersonCorrection:
    return PersonCorrection(**({"name": "Říha Adam", "email": "", "phone": "", "is_archived": False} | values))


def carry_out(draft, **options: Any) -> SeasonReport:
    draft.refresh_from_db()
    options = {"by": draft.owner, "at": NOW, "version": draft.version, **options}
    return drafts.carry_out(draft.pk, **options)


def kept(draft) -> Season:
    draft.refresh_from_db()
    return drafts.season_in(draft)


def forecast(draft):
    return drafts.forecast_of(SeasonImport.objects.get(pk=draft.pk), at=NOW)


class TestBeginning:
    def test_everything_is_selected_under_the_general_master_event(self, draft):
        assert draft.master_event == ensure_general()
        assert drafts.deselected_in(draft) == drafts.Deselected()
        assert draft.places == {"medic": MANAGED, "novice": MANAGED}

    def test_places_ask_for_what_is_called_so(self, admin):
        medic = QualificationFactory(name="Zdravotník zotavovacích akcí")
        novice = QualificationFactory(name="zelenáč")
        assert begin(admin, sheet_event()).places == {"medic": medic.pk, "novice": novice.pk}

    def test_needs_the_right(self):
        with pytest.raises(NotAllowed):
            begin(make_coordinator(), sheet_event())

    def test_names_and_addresses_do_not_get_into_the_record(self, draft):
        assert not AuditEntry.objects.filter(summary__contains="sezona").exists()
        assert not AuditEntry.objects.filter(object_repr__contains="sezona").exists()


class TestChoices:
    def test_hold_for_all_events(self, admin, draft):
        master, any_medic = MasterEventFactory(), QualificationFactory(name="Lékař")
        drafts.choose(draft.pk, master=master.pk, medic=any_medic.pk, novice=None, by=admin, at=NOW)
        carry_out(draft)
        event = Event.objects.get(name="Ples")
        assert event.master_event == master
        asked = [[row.name for row in position.qualifications.all()] for position in event.positions.order_by("pk")]
        assert asked == [["Lékař"], [], []]
        assert [position.description for position in event.positions.order_by("pk")] == ["Lékař", "Zelenáč", "Zelenáč"]

    def test_nothing_put_away_can_be_chosen(self, admin, draft):
        gone = QualificationFactory(is_deleted=True, deleted_at=NOW)
        general = ensure_general().pk
        for choice in (
            {"master": MasterEventFactory(is_archived=True).pk, "medic": None, "novice": None},
            {"master": general, "medic": gone.pk, "novice": None},
            {"master": general, "medic": None, "novice": gone.pk},
        ):
            with pytest.raises(DomainError):
                drafts.choose(draft.pk, **choice, by=admin, at=NOW)


class TestSelection:
    def test_only_the_rows_shown_change(self, admin, draft):
        drafts.select(draft.pk, Part.EVENTS, among=[1, 2, 99], chosen=[2], by=admin, at=NOW)
        drafts.select(draft.pk, Part.EVENTS, among=[4], chosen=[], by=admin, at=NOW)
        drafts.select(draft.pk, Part.PEOPLE, among=[1, 2], chosen=[1], by=admin, at=NOW)
        draft.refresh_from_db()
        assert draft.deselected == {"events": [1, 4], "people": [2]}
        drafts.select(draft.pk, Part.EVENTS, among=[1], chosen=[1], by=admin, at=NOW)
        draft.refresh_from_db()
        assert draft.deselected["events"] == [4]

    def test_what_is_not_selected_is_skipped_and_says_so(self, admin, draft):
        drafts.select(draft.pk, Part.EVENTS, among=[1, 2, 3, 4], chosen=[2], by=admin, at=NOW)
        drafts.select(draft.pk, Part.PEOPLE, among=[1], chosen=[], by=admin, at=NOW)
        report = carry_out(draft)
        assert [event.name for event in Event.objects.all()] == ["Ples"]
        assert not User.objects.filter(name="Malá Hana").exists()
        skipped = [(remark.part, remark.subject) for remark in report.skipped]
        assert skipped == [
            (Part.EVENTS, "Pouť"), (Part.EVENTS, "Běh"), (Part.EVENTS, "Trhy"), (Part.PEOPLE, "Malá Hana"),
        ]  # fmt: skip


class TestCorrectingAnEvent:
    def test_every_field_that_can_be_changed(self, admin, draft):
        master, leader = MasterEventFactory(), UserFactory(name="Bartoš Vít")
        wanted = correction(
            name="  Velký  ples ", start_time=time(19), end_time=time(2), location=" Sokolovna ", paid=True,
            master=master.pk, leader=Leader("Bartoš Vít", leader.pk),
        )  # fmt: skip
        correct_event(draft.pk, 2, wanted, by=admin, at=NOW)
        carry_out(draft)
        event = Event.objects.get(name="Velký ples")
        assert (event.address, event.is_paid, event.master_event) == ("Sokolovna", True, master)
        assert event.end - event.start == timedelta(hours=7)
        assert event.positions.order_by("pk")[0].assignment.person == leader

    def test_what_is_carried_along_stays(self, admin):
        row = sheet_event("Ples", COMING, contact_person="p. Kos", description="Typ: dozor", signups=("Říha Adam",))
        draft = begin(admin, row)
        correct_event(draft.pk, 1, correction(name="Bál"), by=admin, at=NOW)
        event = kept(draft).events[0]
        assert (event.day, event.contact_person, event.description) == (row.day, "p. Kos", "Typ: dozor")
        assert (event.row, event.signups) == (row.row, ("Říha Adam",))

    def test_a_start_gives_places_and_settles_the_doubt(self, admin):
        missing = Doubt("Dozory", 7, DoubtKind.START_MISSING)
        struck = Doubt("Dozory", 7, DoubtKind.PERSON_STRUCK, "Říha Adam")
        draft = begin(admin, sheet_event(row=7, start_time=None, time_missing=True), doubts=(missing, struck))
        assert len(forecast(draft).events[0].plan.crew.places) == 0
        correct_event(draft.pk, 1, correction(), by=admin, at=NOW)
        assert kept(draft).doubts == (struck,)
        assert len(forecast(draft).events[0].plan.crew.places) == 3

    def test_taking_the_start_away_is_doubtful_again(self, admin):
        draft = begin(admin, sheet_event(row=7))
        correct_event(draft.pk, 1, correction(start_time=None, end_time=None), by=admin, at=NOW)
        assert [doubt.kind for doubt in kept(draft).doubts] == [DoubtKind.START_MISSING, DoubtKind.END_MISSING]
        assert kept(draft).events[0].time_missing

    def test_whoever_comes_to_lead_is_not_signed_up_besides(self, admin):
        draft = begin(admin, sheet_event("Ples", PAST, signups=("Malá Hana", "Říha Adam")))
        correct_event(draft.pk, 1, correction(leader=Leader("Hana Malá")), by=admin, at=NOW)
        event = kept(draft).events[0]
        assert (event.responsible_person, event.signups) == ("Hana Malá", ("Říha Adam",))

    def test_nobody_may_be_chosen_to_lead(self, admin, draft):
        correct_event(draft.pk, 2, correction(leader=Leader("")), by=admin, at=NOW)
        assert kept(draft).events[1].responsible_person == ""
        assert forecast(draft).events[1].doubts == []

    def test_another_name_makes_it_another_event(self, admin, draft):
        EventFactory(name="Ples", start=forecast(draft).events[1].event.start)
        assert forecast(draft).events[1].exists
        correct_event(draft.pk, 2, correction(name="Ples hasičů"), by=admin, at=NOW)
        assert not forecast(draft).events[1].exists

    @pytest.mark.parametrize("values", [{"name": " "}, {"name": "x" * 256}, {"location": "x" * 501}, {"master": -1}])
    def test_what_cannot_be_is_refused(self, admin, draft, values):
        with pytest.raises(DomainError):
            correct_event(draft.pk, 2, correction(**values), by=admin, at=NOW)

    def test_an_unknown_row_is_refused(self, admin, draft):
        for number in (0, 5, -1):
            with pytest.raises(Gone):
                correct_event(draft.pk, number, correction(), by=admin, at=NOW)


class TestCorrectingAPerson:
    def test_an_address_gives_an_account_and_with_it_places(self, admin, draft):
        wanted = person(name="Říha Adam st.", email=" ADAM@example.org ", phone="777 000 102")
        correct_person(draft.pk, 2, wanted, by=admin, at=NOW)
        carry_out(draft)
        adam = User.objects.get(email="adam@example.org")
        assert (adam.name, adam.phone, adam.is_active) == ("Říha Adam st.", "777 000 102", True)
        assert adam.assignments.get().event.name == "Pouť"

    def test_whoever_has_left_is_archived_at_once(self, admin, draft, mailoutbox):
        correct_person(draft.pk, 2, person(email="adam@example.org", is_archived=True), by=admin, at=NOW)
        carry_out(draft)
        adam = User.objects.get(email="adam@example.org")
        assert (adam.is_archived, adam.is_active) == (True, False)
        assert adam.assignments.get().event.name == "Pouť"
        assert mailoutbox == []

    def test_the_address_of_an_account_says_who_is_meant(self, admin, draft):
        known = UserFactory(name="Říha Adam mladší", email="adam@example.org")
        correct_person(draft.pk, 2, person(email="adam@example.org"), by=admin, at=NOW)
        assert forecast(draft).people[1].account == known

    def test_a_mistaken_address_can_be_taken_back(self, admin, draft):
        UserFactory(email="adam@example.org")
        correct_person(draft.pk, 2, person(email="adam@example.org"), by=admin, at=NOW)
        correct_person(draft.pk, 2, person(email="riha@example.org"), by=admin, at=NOW)
        assert kept(draft).people[1].email == "riha@example.org"

    def test_whoever_is_known_by_name_is_only_shown(self, admin, draft):
        UserFactory(name="Malá Hana", email="jina@example.org")
        with pytest.raises(DomainError):
            correct_person(draft.pk, 1, person(name="Nová Hana"), by=admin, at=NOW)

    def test_an_address_settles_whom_a_shared_name_means(self, admin):
        shared = Doubt("Dozory", 3, DoubtKind.PERSON_AMBIGUOUS, "Chvátal Ivo")
        draft = begin(admin, sheet_person("Chvátal Ivo"), sheet_event(signups=("Ivo Chvátal",)), doubts=(shared,))
        assert forecast(draft).events[0].filled == 0
        correct_person(draft.pk, 1, person(name="Chvátal Ivo", email="ivo@example.org"), by=admin, at=NOW)
        assert forecast(draft).events[0].filled == 1

    def test_remarks_about_addresses_are_settled(self, admin):
        repeated = Doubt("Lidi", 4, DoubtKind.EMAIL_REPEATED, "eva@example.org")
        unread = Doubt("Lidi", 5, DoubtKind.PHONE_UNREADABLE, "kdesi")
        rows = [sheet_person(name, "eva@example.org", row=row) for row, name in ((4, "Nová Eva"), (5, "Nový Jan"))]
        draft = begin(admin, *rows, doubts=(repeated, unread))
        correct_person(draft.pk, 2, person(name="Nový Jan", email="jan@example.org"), by=admin, at=NOW)
        assert kept(draft).doubts == ()

    @pytest.mark.parametrize("values", [{"name": "?"}, {"name": ""}, {"email": "nikde"}, {"phone": "kdesi"}])
    def test_what_cannot_be_is_refused(self, admin, draft, values):
        with pytest.raises(DomainError):
            correct_person(draft.pk, 2, person(**values), by=admin, at=NOW)


class TestCarryingOut:
    def test_everything_is_written_recorded_and_told_to_nobody(self, admin, draft, mailoutbox):
        report = carry_out(draft)
        assert {event.name: event.status for event in Event.objects.all()} == {
            "Pouť": Status.COMPLETED, "Ples": Status.DRAFT, "Běh": Status.DRAFT, "Trhy": Status.CANCELLED,
        }  # fmt: skip
        assert report.count_of("created", Part.EVENTS) == 4
        assert set(Event.objects.values_list("creator", flat=True)) == {admin.pk}
        entries = AuditEntry.objects.filter(kind=AuditEntry.Kind.IMPORT, actor=admin)
        assert entries.filter(summary__contains="sezona.xlsx").count() == 1
        assert entries.filter(summary__contains="Malá Hana").exists()
        assert not OutboxMessage.objects.exists()
        assert mailoutbox == []

    def test_what_was_read_is_forgotten_and_the_report_kept(self, draft):
        report = carry_out(draft)
        draft.refresh_from_db()
        assert (draft.season, draft.imported_at) == ({}, NOW)
        assert SeasonReport.of_data(draft.report) == report

    def test_asked_twice_it_is_done_once(self, draft):
        first = carry_out(draft)
        before = rows_per_table()
        assert carry_out(draft, version=0) == first
        assert rows_per_table() == before

    def test_the_same_season_read_again_creates_nothing_twice(self, admin, draft):
        rows = kept(draft)
        carry_out(draft)
        before = rows_per_table()
        again = drafts.begin(rows, source="znovu.xlsx", by=admin, at=NOW)
        assert not forecast(again).is_possible
        report = carry_out(again)
        assert report.created == report.changed == []
        after = rows_per_table()
        different = {name for name, count in after.items() if count != before[name]}
        assert different == {"events.SeasonImport", "system.AuditEntry"}

    def test_what_changed_meanwhile_is_looked_at_again(self, admin, draft):
        version = SeasonImport.objects.get().version
        correct_event(draft.pk, 2, correction(), by=admin, at=NOW)
        with pytest.raises(StaleRecord):
            carry_out(draft, version=version)
        assert not Event.objects.exists()

    def test_a_refused_row_ends_it_all(self, draft, monkeypatch):
        insert = Position.objects.bulk_create

        def refuse(positions):
            if positions[0].event.name == "Ples":
                raise IntegrityError("new row violates a constraint\nDETAIL: everything in the row")
            insert(positions)

        monkeypatch.setattr(Position.objects, "bulk_create", refuse)
        before = rows_per_table()
        with pytest.raises(DomainError, match="Ples") as refused:
            carry_out(draft)
        assert "DETAIL" not in str(refused.value)
        assert rows_per_table() == before
        assert len(kept(draft).events) == 4

    @pytest.mark.logs_errors
    def test_any_other_error_ends_it_all_too_and_names_nobody_in_the_log(self, draft, monkeypatch, caplog):
        def fail(positions):
            raise RuntimeError("Malá Hana")

        monkeypatch.setattr(Position.objects, "bulk_create", fail)
        before = rows_per_table()
        with pytest.raises(DomainError) as refused:
            carry_out(draft)
        assert rows_per_table() == before
        assert "Malá Hana" not in str(refused.value) + caplog.text
        assert "RuntimeError" in caplog.text

    def test_a_master_event_archived_meanwhile_ends_it_with_the_row(self, admin, draft):
        master = MasterEventFactory()
        correct_event(draft.pk, 2, correction(master=master.pk), by=admin, at=NOW)
        master.is_archived = True
        master.save()
        row = kept(draft).events[1].row
        with pytest.raises(DomainError, match=str(row)):
            carry_out(draft)
        assert not Event.objects.exists()

    def test_qualifications_of_people_known_before_are_aligned(self, admin):
        medic, other = QualificationFactory(name="Zdravotník"), QualificationFactory(name="Lékař")
        novice = QualificationFactory(name="Zelenáč")
        hana = UserFactory(name="Malá Hana")
        hold(hana, novice, other)
        report = carry_out(begin(admin, sheet_person("Malá Hana", is_medic=True, is_driver=None)))
        assert set(hana.holdings.values_list("qualification", flat=True)) == {medic.pk, other.pk}
        assert report.changed[0].message == "+Zdravotník, −Zelenáč"


class TestOwner:
    def test_nobody_else_gets_anywhere(self, draft):
        other = make_admin()
        for call in (
            lambda: drafts.select(draft.pk, Part.EVENTS, among=[1], chosen=[], by=other, at=NOW),
            lambda: correct_event(draft.pk, 1, correction(), by=other, at=NOW),
            lambda: correct_person(draft.pk, 2, person(), by=other, at=NOW),
            lambda: drafts.carry_out(draft.pk, by=other, at=NOW, version=draft.version),
            lambda: drafts.discard(draft.pk, by=other, at=NOW),
        ):
            with pytest.raises(Gone):
                call()

    def test_without_the_right_the_owner_gets_nowhere_either(self, admin, draft):
        admin.groups.clear()
        former = User.objects.get(pk=admin.pk)
        with pytest.raises(NotAllowed):
            drafts.carry_out(draft.pk, by=former, at=NOW, version=draft.version)

    def test_what_is_done_cannot_be_changed(self, admin, draft):
        carry_out(draft)
        with pytest.raises(DomainError):
            drafts.select(draft.pk, Part.EVENTS, among=[1], chosen=[], by=admin, at=NOW)

    def test_nothing_is_known_of_a_key_that_never_was(self, admin):
        for key in (0, 10**30):
            with pytest.raises(Gone):
                drafts.discard(key, by=admin, at=NOW)


class TestForgetting:
    def test_the_owner_may_discard_it(self, admin, draft):
        drafts.discard(draft.pk, by=admin, at=NOW)
        assert not SeasonImport.objects.exists()

    def test_after_some_days_it_is_as_if_it_had_never_been(self, admin, draft):
        later = NOW + drafts.KEPT_FOR
        with pytest.raises(Gone):
            drafts.select(draft.pk, Part.EVENTS, among=[1], chosen=[], by=admin, at=later)
        assert drafts.forget_expired(at=later - timedelta(seconds=1)) == 0
        assert drafts.forget_expired(at=later) == 1
        assert not SeasonImport.objects.exists()

    def test_the_worker_does_it(self, draft):
        SeasonImport.objects.update(expires_at=NOW)
        jobs.forget_imports()
        assert not SeasonImport.objects.exists()

    def test_what_was_imported_stays(self, draft):
        carry_out(draft)
        drafts.forget_expired(at=NOW + drafts.KEPT_FOR)
        assert Event.objects.count() == 4


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_a_double_click_imports_once(self, admin):
        draft = begin(admin, sheet_person("Malá Hana", "hana@example.org"), sheet_event("Pouť"))
        with beside() as start:
            runs = [start(drafts.carry_out, draft.pk, by=admin, at=NOW, version=draft.version) for _twice in range(2)]
        assert runs[0].result() == runs[1].result()
        assert (Event.objects.count(), User.objects.filter(email="hana@example.org").count()) == (1, 1)

    def test_two_imports_of_one_season_create_nothing_twice(self, admin):
        rows = [sheet_person("Malá Hana", "hana@example.org"), sheet_event("Pouť")]
        both = [begin(admin, *rows), begin(make_admin(), *rows)]
        with beside() as start:
            runs = [start(drafts.carry_out, draft.pk, by=draft.owner, at=NOW, version=draft.version) for draft in both]
        assert sorted(len(run.result().created) for run in runs)[0] == 0
        assert Event.objects.count() == 1

    def test_two_windows_lose_nothing(self, admin):
        draft = begin(admin, *(sheet_event(f"Akce {n}") for n in range(8)))
        with beside(4) as start:
            for n in range(8):
                start(correct_event, draft.pk, n + 1, correction(name=f"Nová {n}"), by=admin, at=NOW)
        assert [event.name for event in kept(draft).events] == [f"Nová {n}" for n in range(8)]


def test_an_unknown_leader_key_falls_back_to_the_name(admin):
    hana = UserFactory(name="Malá Hana")
    draft = begin(admin, sheet_event("Ples", PAST, responsible_person="Malá Hana", leader=uuid4()))
    assert forecast(draft).events[0].leader == hana
