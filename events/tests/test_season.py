"""Writing a season into the database."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from credentials.tests.factories import QualificationFactory, hold
from events.models import Assignment, Event, Position
from events.rules.lifecycle import Status
from events.season.importing.report import Part
from events.tests.counting import rows_per_table
from events.tests.factories import PRAGUE, EventFactory, MasterEventFactory
from events.tests.seasons import COMING, NOW, PAST, bring_in, doubts, sheet_event, sheet_person
from medcover.common.errors import DomainError, NotAllowed
from medcover.system.models import AuditEntry
from notifications.models import OutboxMessage
from roster.models import User
from roster.tests.factories import UserFactory, make_admin, make_coordinator

pytestmark = pytest.mark.django_db


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník zotavovacích akcí", can_lead=True)


@pytest.fixture
def novice(medic):
    return QualificationFactory(name="Zelenáč", direct_substitutes=[medic])


@pytest.fixture
def driver():
    return QualificationFactory(name="Řidič sanitky")


@pytest.fixture(autouse=True)
def managed(medic, novice, driver):
    """The three qualifications of the sheet are there already."""


def places(event: Event) -> list[tuple[str, bool, str | None]]:
    rows = event.positions.select_related("assignment__person").prefetch_related("qualifications").order_by("pk")
    return [
        (row.qualifications.get().name[:10], row.is_optional, row.occupant.name if row.occupant else None)
        for row in rows
    ]


class TestTimesAndStatus:
    def test_what_is_over_is_completed_as_planned(self):
        bring_in(sheet_event(day=PAST))
        event = Event.objects.get()
        assert event.status == Status.COMPLETED
        assert (event.actual_start, event.actual_end) == (event.start, event.end)

    def test_what_is_to_come_is_a_draft(self):
        bring_in(sheet_event(day=COMING))
        event = Event.objects.get()
        assert (event.status, event.actual_start) == (Status.DRAFT, None)
        assert event.start.astimezone(PRAGUE).time() == time(10)

    def test_what_runs_right_now_is_still_to_come(self):
        bring_in(sheet_event(day=NOW.date(), start_time=time(12), end_time=time(20)))
        assert Event.objects.get().status == Status.DRAFT

    @pytest.mark.parametrize("day", [PAST, COMING])
    def test_what_is_cancelled_is_put_away_without_places(self, day):
        report = bring_in(sheet_event(day=day, cancelled=True, responsible_person="Malá Hana"))
        event = Event.objects.get()
        assert (event.status, event.is_archived) == (Status.CANCELLED, True)
        assert bool(event.actual_start) is (day == PAST)
        assert not event.positions.exists()
        assert "Malá Hana" in doubts(report)[0]

    def test_without_a_start_there_are_no_places_and_the_people_are_named(self):
        report = bring_in(sheet_event(start_time=None, time_missing=True, signups=("Malá Hana", "Říha Adam")))
        assert not Position.objects.exists()
        assert "Malá Hana, Říha Adam" in doubts(report)[0]

    def test_a_time_on_the_night_of_the_change_is_doubted(self):
        report = bring_in(sheet_event(day=date(2026, 10, 24), start_time=time(20), end_time=time(2, 30)))
        assert "2:30" in doubts(report)[0]
        event = Event.objects.get()
        assert event.end - event.start == timedelta(hours=6, minutes=30)

    def test_everything_else_is_taken_over(self):
        admin, master = make_admin(), MasterEventFactory()
        bring_in(
            sheet_event(location="Náplavka", contact_person="p. Kos", description="Typ: dozor", paid=True),
            by=admin,
            master=master,
        )
        event = Event.objects.get()
        assert (event.address, event.contact, event.description) == ("Náplavka", "p. Kos", "Typ: dozor")
        assert (event.is_paid, event.creator, event.master_event) == (True, admin, master)


class TestPlaces:
    @pytest.fixture(autouse=True)
    def people(self, medic, novice):
        for name in ("Malá Hana", "Bartoš Vít", "Šípková Ema", "Říha Adam", "Zelená Iva"):
            hold(UserFactory(name=name), novice)
        hold(User.objects.get(name="Malá Hana"), medic)

    def test_up_to_three_people_get_the_small_plan(self):
        bring_in(sheet_event(day=PAST, responsible_person="Malá Hana", signups=("Bartoš Vít", "Šípková Ema")))
        assert places(Event.objects.get()) == [
            ("Zdravotník", False, "Malá Hana"),
            ("Zelenáč", False, "Bartoš Vít"),
            ("Zelenáč", True, "Šípková Ema"),
        ]

    def test_nobody_gets_the_small_plan_too(self):
        bring_in(sheet_event())
        assert [person for _name, _optional, person in places(Event.objects.get())] == [None, None, None]

    def test_more_people_get_a_mandatory_place_each(self):
        names = ("Bartoš Vít", "Šípková Ema", "Říha Adam", "Zelená Iva")
        bring_in(sheet_event(day=PAST, signups=names))
        assert places(Event.objects.get()) == [
            ("Zdravotník", False, None),
            *(("Zelenáč", False, name) for name in names),
        ]

    def test_who_finds_no_place_is_named(self):
        report = bring_in(sheet_event(day=PAST, signups=("Bartoš Vít", "Šípková Ema", "Říha Adam")))
        assert Assignment.objects.count() == 2
        assert "Říha Adam" in doubts(report)[0]

    def test_the_place_of_an_unknown_name_stays_empty(self):
        report = bring_in(
            sheet_event(day=PAST, responsible_person="Kdosi Cizí", signups=("Nikdo Neznámý", "Říha Adam"))
        )
        assert [person for *_place, person in places(Event.objects.get())] == [None, None, "Říha Adam"]
        assert len(report.doubtful) == 2

    def test_another_spelling_is_taken_with_a_doubt(self):
        report = bring_in(sheet_event(day=PAST, signups=("Vít Bartoš",)))
        assert Assignment.objects.get().person.name == "Bartoš Vít"
        assert "Vít Bartoš" in doubts(report)[0]

    def test_two_names_of_one_person_are_one_place(self):
        report = bring_in(
            sheet_person("Malá Hana", gs_name="Hanka M."),
            sheet_event(day=PAST, responsible_person="Malá Hana", signups=("Hanka M.",)),
        )
        assert Assignment.objects.count() == 1
        assert "Hanka M." in doubts(report)[-1]

    def test_people_who_have_left_stay_in_the_past(self):
        User.objects.filter(name="Bartoš Vít").update(is_active=False, is_archived=True)
        bring_in(sheet_event(day=PAST, signups=("Bartoš Vít",)))
        assert Assignment.objects.get().person.name == "Bartoš Vít"

    def test_who_leads_is_kept_as_it_was(self):
        bring_in(sheet_event(day=PAST, responsible_person="Říha Adam"))
        assert Event.objects.get().responsible_person.name == "Říha Adam"

    def test_who_is_to_lead_must_be_qualified(self):
        report = bring_in(
            sheet_event("Pouť", responsible_person="Říha Adam"),
            sheet_event("Ples", responsible_person="Malá Hana"),
        )
        assert [
            event.responsible_person and event.responsible_person.name for event in Event.objects.order_by("pk")
        ] == [
            None,
            "Malá Hana",
        ]
        assert "Říha Adam" in doubts(report)[0]

    def test_a_coming_event_with_everything_filled_is_closed(self):
        bring_in(sheet_event(responsible_person="Malá Hana", signups=("Bartoš Vít", "Šípková Ema")))
        event = Event.objects.get()
        assert (event.status, event.capacity_closed) == (Status.CLOSED, True)

    def test_nobody_is_told(self, mailoutbox):
        bring_in(sheet_event(responsible_person="Malá Hana"), sheet_person("Nová Eva", "eva@example.org"))
        assert not OutboxMessage.objects.exists()
        assert mailoutbox == []

    def test_every_entry_belongs_to_the_event_and_says_import(self):
        bring_in(sheet_event(responsible_person="Malá Hana"))
        entries = AuditEntry.objects.filter(event_id=Event.objects.get().pk)
        assert entries.filter(summary__contains="Pouť").exists()
        assert set(entries.values_list("kind", flat=True)) == {AuditEntry.Kind.IMPORT.value}


class TestAgain:
    ROWS = (
        sheet_person("Malá Hana", "hana@example.org", is_medic=True),
        sheet_person("Říha Adam"),
        sheet_event("Pouť", PAST, responsible_person="Malá Hana", signups=("Říha Adam",)),
        sheet_event("Ples", COMING, start_time=None, time_missing=True),
        sheet_event("Běh", COMING, cancelled=True),
    )

    def test_a_second_run_changes_nothing(self):
        bring_in(*self.ROWS)
        before = rows_per_table()
        report = bring_in(*self.ROWS)
        assert rows_per_table() == before
        assert (report.created, report.changed, len(report.skipped)) == ([], [], 3)

    def test_a_trial_run_changes_nothing_and_tells_the_same(self):
        before = rows_per_table()
        trial = bring_in(*self.ROWS, dry_run=True)
        assert rows_per_table() == before
        assert trial == bring_in(*self.ROWS)

    @pytest.mark.parametrize("stored", ["Pouť", "POUŤ"])
    def test_an_event_of_the_same_name_and_day_is_left_alone(self, stored):
        EventFactory(name=stored, start=NOW.astimezone(PRAGUE).replace(hour=23), is_archived=True)
        bring_in(sheet_event("Pouť", NOW.astimezone(PRAGUE).date()))
        assert Event.objects.count() == 1

    def test_the_same_name_on_another_day_is_another_event(self):
        bring_in(sheet_event("Pouť", COMING), sheet_event("Pouť", COMING + timedelta(days=1)))
        assert Event.objects.count() == 2

    def test_the_same_name_twice_on_one_day_is_one_event(self):
        report = bring_in(sheet_event("Pouť", COMING), sheet_event("Pouť", COMING))
        assert Event.objects.count() == 1
        assert len(report.skipped) == 1


class TestRefusedRows:
    def test_a_name_too_long_is_reported_and_the_others_go_on(self):
        report = bring_in(sheet_event("x" * 256, signups=("Malá Hana",)), sheet_event("Ples"))
        assert [event.name for event in Event.objects.all()] == ["Ples"]
        assert [remark.subject for remark in report.skipped] == ["x" * 256]
        assert "255" in report.skipped[0].message
        assert report.doubtful == []

    def test_what_only_the_database_refuses_leaves_nothing_behind(self, monkeypatch):
        insert = Position.objects.bulk_create

        def refuse_once(positions):
            if positions[0].event.name == "Pouť":
                raise IntegrityError("new row violates a constraint\nDETAIL: everything in the row")
            insert(positions)

        monkeypatch.setattr(Position.objects, "bulk_create", refuse_once)
        report = bring_in(sheet_event("Pouť"), sheet_event("Ples"))
        assert [event.name for event in Event.objects.all()] == ["Ples"]
        assert "constraint" in report.skipped[0].message
        assert "DETAIL" not in report.skipped[0].message
        assert not AuditEntry.objects.filter(summary__contains="Pouť").exists()


class TestRefusedImports:
    def test_needs_the_right_to_manage_settings(self):
        with pytest.raises(NotAllowed):
            bring_in(sheet_event(), by=make_coordinator())

    def test_nothing_goes_under_an_archived_master_event(self):
        before = rows_per_table()
        master = MasterEventFactory(is_archived=True)
        with pytest.raises(DomainError):
            bring_in(sheet_person("Malá Hana", "hana@example.org"), sheet_event(), master=master)
        assert rows_per_table()["roster.User"] == before["roster.User"]
        assert not Event.objects.exists()


def test_the_report_is_in_the_order_of_the_source_and_progress_is_told():
    steps = []
    report = bring_in(
        sheet_event("B", row=9), sheet_event("A", row=4), sheet_person("Malá Hana", "hana@example.org", row=2),
        progress=lambda done, total: steps.append((done, total)),
    )  # fmt: skip
    assert [(remark.part, remark.row) for remark in report.created] == [
        (Part.EVENTS, 4), (Part.EVENTS, 9), (Part.PEOPLE, 2),
    ]  # fmt: skip
    assert steps == [(1, 2), (2, 2)]


class TestStatements:
    """How many statements an import takes depends on its rows alone, and each row takes few."""

    def statements(self, *rows) -> int:
        with CaptureQueriesContext(connection) as queries:
            bring_in(*rows)
        return len(queries)

    def test_of_an_event_however_many_people_are_on_it(self):
        people = [sheet_person(f"Člen {n}", f"clen{n}@example.org") for n in range(6)]
        bring_in(*people)
        crew = tuple(person.name for person in people)
        few, many = (
            self.statements(
                *people,
                *(sheet_event(f"{size} {n}", PAST, responsible_person=crew[0], signups=crew[1:]) for n in range(size)),
            )
            for size in (2, 12)
        )
        assert many - few <= 10 * 6  # event, positions, demands, people, and the savepoint around them

    def test_of_a_new_person(self):
        few, many = (
            self.statements(*(sheet_person(f"Osoba {n}", f"{size}-{n}@example.org") for n in range(size)))
            for size in (2, 12)
        )
        assert many - few <= 10 * 16
