"""Pages of the reports: who sees them, what they say and refuse, and their files."""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import BytesIO, StringIO

import pytest
from django.db import transaction
from django.utils import timezone
from openpyxl import load_workbook

from credentials.tests.factories import QualificationFactory
from debriefing.tests.factories import handed_in
from equipment.tests.factories import ItemFactory, packed
from events.models import Assignment, Event
from events.rules.lifecycle import Status
from events.rules.planning import Kind
from events.services import crew, handover
from events.tests.factories import CapacityEventFactory, EventFactory, MasterEventFactory, PositionFactory, put
from events.tests.pages import logged_in
from medcover.common.intervals import day_bounds
from reports.statistics import drop_outs, year
from reports.statistics.people import Retention
from reports.tests.duties import at, over, served
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

MAY = {"since": "2026-05-01", "until": "2026-05-31"}


def text_of(answer) -> str:
    return answer.content.decode()


def lines_of(answer) -> list[list[str]]:
    assert answer["Content-Type"].startswith("text/csv")
    raw = answer.content
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == raw.count(b"\n")
    return list(csv.reader(StringIO(raw.decode("utf-8-sig"), newline="")))


def book_of(answer):
    return load_workbook(BytesIO(answer.content))


@pytest.fixture
def reader():
    return logged_in(make_viewer())


class TestPerson:
    def test_everybody_sees_their_own_even_without_a_role(self):
        person = UserFactory(roles=[])
        served(person, at(2026, 5, 15), name="Půlmaraton")
        client = logged_in(person)
        assert "Půlmaraton" in text_of(client.get("/reports/own/"))
        page = text_of(client.get(f"/reports/people/{person.pk}/"))
        assert "Půlmaraton" in page
        assert "/events/" not in page.partition("<main")[2]

    def test_others_only_with_the_right(self, reader):
        person = make_member()
        assert logged_in(UserFactory(roles=[Role.TECHNICIAN])).get(f"/reports/people/{person.pk}/").status_code == 403
        assert reader.get(f"/reports/people/{person.pk}/").status_code == 200

    def test_who_is_not_known_is_not_found(self, reader):
        gone = UserFactory(is_active=False, is_archived=True)
        assert reader.get(f"/reports/people/{gone.pk}/").status_code == 404
        assert reader.get("/reports/people/00000000-0000-4000-8000-000000000000/").status_code == 404
        assert logged_in(make_admin()).get(f"/reports/people/{gone.pk}/").status_code == 200

    def test_drafts_cancelled_and_archived_events_stand_nowhere(self):
        person = make_member()
        for name, fields in {
            "Tajná": {"status": Status.DRAFT},
            "Zrušená": {"status": Status.CANCELLED},
            "Odložená": {"is_archived": True},
        }.items():  # fmt: skip
            served(person, at(2026, 5, 15), name=name, **fields)
        page = text_of(logged_in(make_coordinator()).get(f"/reports/people/{person.pk}/"))
        assert not any(name in page for name in ("Tajná", "Zrušená", "Odložená"))
        assert "Uživatel nemá žádné přiřazení k akcím." in page

    def test_the_file(self, reader):
        person = make_member(name="Jana Nová")
        served(person, at(2026, 5, 15), 2.5, name="=Běh")
        served(person, at(2026, 6, 15), 3)
        coming = EventFactory(start=timezone.now() + timedelta(days=3))
        put(person, PositionFactory(event=coming))
        answer = reader.get(f"/reports/people/{person.pk}/", {**MAY, "format": "csv"})
        assert "prehled_Jana_Nov%C3%A1_2026-05-01_2026-05-31.csv" in answer["Content-Disposition"]
        lines = lines_of(answer)
        assert lines[0] == ["Statistiky"]
        assert dict(lines[1:10]) == {
            "Směny odsloužené": "1", "Směny plánované": "0", "Směny celkem": "1",
            "Hodiny odsloužené": "2.5", "Hodiny plánované": "0.0", "Hodiny celkem": "2.5",
            "Hodiny celkem zdarma": "0.0",
            "Poslední směna": "2026-05-15 08:00",
            "Příští směna": f"{timezone.localtime(coming.start):%Y-%m-%d %H:%M}",
        }  # fmt: skip
        assert lines[10:] == [
            [],
            ["Akce", "Začátek", "Konec", "Stav", "Plán (h)", "Skutečnost (h)"],
            ["'=Běh", "2026-05-15 08:00", "2026-05-15 10:30", "Dokončena", "2.5", ""],
        ]

    @pytest.mark.parametrize("days", [{"since": "x"}, {"until": "2026-13-01"}, {"since": "0001-01-01"},
                                      {"until": "9999-12-31"}])  # fmt: skip
    def test_days_that_are_none_are_refused(self, reader, days):
        for form in ("", "csv"):
            page = text_of(reader.get(f"/reports/people/{make_member().pk}/", {**days, "format": form}))
            assert "Neplatný formát data." in page
            assert 'id="duties"' not in page

    def test_from_after_to_is_an_error(self, reader):
        asked = {"since": "2026-05-02", "until": "2026-05-01"}
        page = text_of(reader.get(f"/reports/people/{make_member().pk}/", asked))
        assert "Začátek období musí být před jeho koncem." in page


class TestEvents:
    def test_a_master_event(self, reader):
        master = MasterEventFactory(name="Běhy a závody")
        person = make_member(name="Jana Nová")
        start = at(2026, 5, 15)
        duty = served(person, start, 4, name="Běh", master_event=master, actual_start=start,
                      actual_end=start + timedelta(hours=5), post_event_count=3)  # fmt: skip
        PositionFactory(event=duty.event)
        CapacityEventFactory(name="Závod", master_event=master, start=start + timedelta(days=1))
        page = text_of(reader.get(f"/reports/master-events/{master.pk}/"))
        assert all(shown in page for shown in ("Jana Nová", "1/2", "0/2/4", "5,0"))
        lines = lines_of(reader.get(f"/reports/master-events/{master.pk}/", {"format": "csv"}))
        assert lines[:3] == [
            ["Akce", "Začátek", "Konec", "Stav", "Místa celkem", "Obsazená místa", "Odprac. hodiny", "Ošetřených"],
            ["Běh", "2026-05-15 08:00", "2026-05-15 12:00", "Dokončena", "2", "1", "5.0", "3"],
            ["Závod", "2026-05-16 08:00", "2026-05-16 12:00", "Přihlášky otevřeny", "4", "0", "", ""],
        ]
        assert lines[3] == []
        assert lines[5] == ["Jana Nová", "1", "0", "5.0", "0.0", "5.0", "0.0", "2026-05-15 08:00", ""]

    def test_a_presentation_counts_nobody(self, reader):
        event = over(at(2026, 5, 15), kind=Kind.PRESENTATION, post_event_count=30)
        lines = lines_of(reader.get(f"/reports/master-events/{event.master_event_id}/", {"format": "csv"}))
        assert lines[1][-1] == ""

    def test_a_period_asks_for_its_days_first(self, reader):
        assert "Vyplňte dny" in text_of(reader.get("/reports/period/"))
        assert 'id="events"' not in text_of(reader.get("/reports/period/", {"since": "2026-05-01"}))
        assert "nebyly nalezeny" in text_of(reader.get("/reports/period/", MAY))

    def test_a_period_groups_by_master_event_and_includes_its_last_day(self, reader):
        master = MasterEventFactory(name="Běhy")
        over(at(2026, 5, 31, 23, 30), name="Poslední", master_event=master)
        over(at(2026, 6, 1, 0), name="Pozdní", master_event=master)
        answer = reader.get("/reports/period/", MAY)
        assert f"/reports/master-events/{master.pk}/" in text_of(answer)
        assert "Poslední" in text_of(answer)
        assert "Pozdní" not in text_of(answer)
        lines = lines_of(reader.get("/reports/period/", {**MAY, "format": "csv"}))
        assert lines[0][:2] == ["Nadřazená akce", "Akce"]
        assert lines[1][:2] == ["Běhy", "Poslední"]

    @pytest.mark.parametrize("asked", ["x", "", "-1", "9" * 30, "١"])
    def test_what_is_picked_from_nowhere_is_not_found(self, reader, asked):
        assert reader.get("/reports/master-events/", {"master": asked}).status_code == 404

    def test_people_are_searched_for(self, reader):
        person, gone = make_member(name="Jana Nová"), make_member(name="Jan Novotný", is_active=False)
        assert "Jana Nová" not in text_of(reader.get("/reports/"))
        page = text_of(reader.get("/reports/", {"q": "nov"}))
        assert f"/reports/people/{person.pk}/" in page
        assert f"{gone.pk}" not in page
        assert "Nikdo neodpovídá" in text_of(reader.get("/reports/", {"q": "nikdo takový"}))
        for number in range(16):
            make_member(name=f"Nový {number}")
        found = text_of(reader.get("/reports/", {"q": "nov"}))
        assert found.count("/reports/people/") == 15
        assert "Lidí je víc" in found

    def test_the_index_leads_to_what_is_picked(self, reader):
        master = MasterEventFactory(name="Běhy")
        assert "Běhy" in text_of(reader.get("/reports/"))
        assert (
            reader.get("/reports/master-events/", {"master": master.pk}).url == f"/reports/master-events/{master.pk}/"
        )


class TestWorkSummary:
    @pytest.fixture
    def rows(self):
        person, now = make_member(name="Jana Nová"), timezone.now()
        served(person, now - timedelta(days=2), 2, name="@Běh", is_paid=False)
        begun = EventFactory(name="Závod", start=now - timedelta(hours=1), is_paid=True)
        coming = EventFactory(name="Zítra", start=now + timedelta(hours=1))
        for event in (begun, coming):
            put(person, PositionFactory(event=event))
        days = timezone.localdate()
        return {"since": days - timedelta(days=3), "until": days + timedelta(days=1)}

    def test_on_screen(self, reader, rows):
        page = text_of(reader.get("/reports/work-summary/", rows))
        assert "nedokončeno" in page
        assert "Celkem — Jana Nová" in page
        assert "Celkem za období" in page

    def test_as_a_workbook(self, reader, rows):
        book = book_of(reader.get("/reports/work-summary/", {**rows, "format": "xlsx"}))
        assert book.sheetnames == ["Výkazy", "Souhrn"]
        sheet = book["Výkazy"]
        assert [cell.value for cell in sheet[3]] == [
            "Jméno", "Název akce", "Datum", "Stav", "Hodiny odsloužené", "Hodiny plánované", "Hodiny celkem",
            "Hodiny placené", "Hodiny zdarma",
        ]  # fmt: skip
        values = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]
        assert [(row[0], row[1], *row[4:]) for row in values] == [
            ("Jana Nová", "'@Běh", 2, 0, 2, 0, 2),
            ("Jana Nová", "Závod", 4, 0, 4, 4, 0),
            ("Jana Nová", "Zítra", 0, 4, 4, 0, 0),
        ]
        assert "nedokončeno" in values[1][3]
        assert isinstance(values[0][2], datetime)
        assert (sheet["C4"].number_format, sheet["E4"].number_format) == ("DD.MM.YYYY", "0.0")
        assert (sheet.auto_filter.ref, sheet.freeze_panes) == ("A3:I6", "A4")
        assert [sheet.row_dimensions[row].height for row in (1, 2, 3)] == [22, 15, 30]
        assert {str(cells) for cells in sheet.merged_cells.ranges} == {"A1:I1", "A2:I2"}
        heading = sheet["A3"]
        assert (heading.font.name, heading.font.size, heading.font.bold) == ("Calibri", 10, True)
        assert (heading.font.color.rgb[-6:], heading.fill.start_color.rgb[-6:]) == ("FFFFFF", "4472C4")
        assert sheet["A1"].fill.start_color.rgb[-6:] == "D9E1F2"

    def test_its_second_sheet_sums_up(self, reader, rows):
        sheet = book_of(reader.get("/reports/work-summary/", {**rows, "format": "xlsx"}))["Souhrn"]
        assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)] == [
            ["Jana Nová", 6, 4, 10, 4, 2],
            ["Celkem", 6, 4, 10, 4, 2],
        ]
        assert sheet.auto_filter.ref == "A3:F4"

    def test_too_much_for_a_workbook_is_said(self, reader, rows, monkeypatch):
        monkeypatch.setattr("reports.sheets.MOST_ROWS", 2)
        answer = reader.get("/reports/work-summary/", {**rows, "format": "xlsx"})
        assert "3 řádky jsou na jeden sešit příliš" in text_of(answer)

    def test_nothing_is_said_so(self, reader):
        assert "nejsou žádné výkazy" in text_of(reader.get("/reports/work-summary/", MAY))


class TestStatistics:
    def test_every_figure_leads_to_its_rows(self, reader):
        stayed, came, left = make_member(name="Zůstal"), make_member(name="Přišel"), make_member(name="Odešel")
        for person, start in (
            (stayed, at(2025, 5, 1)),
            (left, at(2025, 5, 1)),
            (stayed, at(2026, 5, 1)),
            (came, at(2026, 6, 1)),
        ):
            served(person, start, name=f"Akce {person.name} {start.year}")
        over(at(2026, 7, 1), name="Nebyla", status=Status.CANCELLED, is_archived=True)
        PositionFactory(event=over(at(2026, 8, 1), name="Prázdná"))
        page = text_of(reader.get("/reports/statistics/", {"year": "2026"}))
        assert "1 (50 %)" in page
        for query, shown, hidden in (
            ("events/?year=2026", "Akce Přišel 2026", "Nebyla"),
            ("events/?year=2026&amp;what=cancelled", "Nebyla", "Akce Přišel"),
            ("events/?year=2026&amp;what=short", "Prázdná", "Akce Přišel"),
            ("events/?year=2026&amp;month=5", "Akce Zůstal 2026", "Akce Přišel"),
            ("people/?year=2026&amp;standing=kept", "Zůstal", "Přišel"),
            ("people/?year=2026&amp;standing=new", "Přišel", "Odešel"),
            ("people/?year=2026&amp;standing=left", "Odešel", "Přišel"),
        ):
            assert f'/reports/statistics/{query}"' in page, query
            rows = text_of(reader.get(f"/reports/statistics/{query.replace('&amp;', '&')}")).partition("<main")[2]
            assert shown in rows, query
            assert hidden not in rows.replace("<title>", ""), query

    def test_the_workbook_says_the_same(self, reader):
        served(make_member(name="=Jana"), at(2026, 5, 15), 2.5)
        book = book_of(reader.get("/reports/statistics/", {"year": "2026", "format": "xlsx"}))
        assert book.sheetnames == ["Přehled", "Měsíce", "Typy akcí", "Lidé", "Vybavení"]
        figures = dict(row[:2] for row in book["Přehled"].iter_rows(min_row=4, values_only=True))
        assert (figures["Dokončené akce"], figures["Hodiny odsloužené"], figures["Sloužící lidé"]) == (1, 2.5, 1)
        assert [cell.value for cell in book["Lidé"][4]] == ["'=Jana", 1, 2.5, 0]
        assert [cell.value for cell in book["Měsíce"][8]][1:3] == [1, 2.5]

    def test_equipment_only_for_those_who_may_see_it(self, monkeypatch):
        event = over(at(2026, 5, 15), name="Půlmaraton")
        packed(event, ItemFactory())
        query = {"year": "2026", "use": "packed"}
        client = logged_in(make_viewer())
        assert "Půlmaraton" in text_of(client.get("/reports/statistics/equipment/", query))
        assert "/reports/statistics/equipment/" in text_of(client.get("/reports/statistics/", query))
        monkeypatch.setattr("reports.views.statistics.VIEW", "equipment.add_equipmenttype")
        assert client.get("/reports/statistics/equipment/", query).status_code == 403
        assert "/reports/statistics/equipment/" not in text_of(client.get("/reports/statistics/", query))

    @pytest.mark.parametrize(
        "query",
        ["year=x", "year=99999999999", "year=-1", "month=13&kind=x&what=y", "standing=x&use=x&type=x",
         "type=999999999999", "page=x&people=-4", "page=99999999999999999999"],
    )  # fmt: skip
    def test_questions_that_make_no_sense_are_harmless(self, reader, query):
        for page in ("", "events/", "people/", "equipment/"):
            assert reader.get(f"/reports/statistics/{page}?{query}").status_code == 200

    def test_late_drop_outs(self):
        coordinator, now = make_coordinator(), timezone.now()
        early, late = EventFactory(start=now + timedelta(days=20)), EventFactory(start=now + timedelta(hours=5))
        secret = EventFactory(start=now + timedelta(hours=6))
        for event in (early, late, secret):
            duty = put(make_member(), PositionFactory(event=event))
            crew.remove(duty.pk, by=coordinator, at=now)
        Event.objects.filter(pk=secret.pk).update(status=Status.DRAFT)
        number = timezone.localtime(late.start).year
        assert list(drop_outs.events(year.late_of(number))) == [late]
        assert drop_outs.count_by_month(year.year_of(number), 48) == {timezone.localtime(late.start).month: 1}
        assert not drop_outs.late(year.year_of(number), 0).exists()

    def test_a_hand_over_is_no_drop_out_but_who_leaves_right_after_it_is_one(self):
        boss, now = make_coordinator(), timezone.now()
        event = EventFactory(start=now + timedelta(hours=5))
        giver, other, substitute = make_member(), make_member(), UserFactory(roles=[Role.MEMBER, Role.COORDINATOR])
        duties = [put(person, PositionFactory(event=event)) for person in (giver, other)]
        proposal = handover.propose(event.pk, substitute.pk, by=giver, at=now)
        handover.accept(proposal.pk, by=substitute, at=timezone.now())
        number = timezone.localtime(event.start).year
        assert not Assignment.objects.filter(pk=duties[0].pk).exists()
        assert not drop_outs.late(year.year_of(number), 48).exists()
        for leaver in (substitute, boss):
            with transaction.atomic():
                crew.remove(duties[1].pk, by=leaver, at=timezone.now())
                assert drop_outs.late(year.year_of(number), 48).count() == 1
                assert list(drop_outs.events(year.late_of(number))) == [event]
                transaction.set_rollback(True)

    def test_a_year_begins_and_ends_at_local_midnight(self):
        first, last = year.year_of(2026).bounds
        assert first == day_bounds(date(2026, 1, 1), timezone.get_current_timezone())[0]
        over(last - timedelta(seconds=1))
        over(last)
        assert year.read(2026, Retention(), with_equipment=False).total.events == 1


def test_pages_ask_as_much_for_many_rows_as_for_few(django_assert_max_num_queries):
    master, client = MasterEventFactory(), logged_in(make_admin())
    medic = QualificationFactory()
    person = make_member()

    def fill_up(count):
        for number in range(count):
            event = over(at(2026, 5, 1) + timedelta(days=number), master_event=master)
            for somebody in (person, make_member()):
                put(somebody, PositionFactory(event=event, qualifications=[medic]))

    pages = ["/reports/", f"/reports/people/{person.pk}/", f"/reports/master-events/{master.pk}/",
             "/reports/period/?since=2026-05-01&until=2026-05-31",
             "/reports/work-summary/?since=2026-05-01&until=2026-05-31",
             "/reports/statistics/?year=2026", "/reports/statistics/events/?year=2026"]  # fmt: skip
    fill_up(2)
    few = {}
    for page in pages:
        client.get(page)
        with django_assert_max_num_queries(20) as asked:
            client.get(page)
        few[page] = len(asked)
    fill_up(8)
    for page in pages:
        with django_assert_max_num_queries(few[page]):
            client.get(page)


def test_served_hours_are_what_the_person_said(reader):
    duty = served(make_member(), at(2026, 5, 15), 8)
    told = handed_in(duty)
    type(told).objects.filter(pk=told.pk).update(own_hours=Decimal("1.5"))
    lines = lines_of(reader.get(f"/reports/people/{duty.person_id}/", {"format": "csv"}))
    assert ["Hodiny odsloužené", "1.5"] in lines
    assert lines[-1][-2:] == ["8.0", "1.5"]
