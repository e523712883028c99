"""Printouts: what the sheets hold, opened again as a reader would, and the pages that give them."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from credentials.tests.factories import QualificationFactory
from events.models import Event
from events.rules.lifecycle import Status
from events.tests.factories import EVENING, MasterEventFactory
from events.tests.pages import logged_in
from events.tests.stories import able, fill, make_capacity_event, make_event, place
from reports import printouts
from roster.rights import Role
from roster.tests.factories import UserFactory, make_viewer

pytestmark = pytest.mark.django_db

DAYS = {"first": "2027-05-01", "last": "2027-05-31"}


@pytest.fixture
def medic():
    return QualificationFactory(name="Zdravotník", can_lead=True)


def opened(content: bytes):
    return load_workbook(BytesIO(content))


def rows(sheet):
    return [[cell or "" for cell in row] for row in sheet.iter_rows(min_row=4, values_only=True)]


def book(**extra):
    return opened(printouts.build(list(Event.objects.printable()), subtitle="Zkouška", **extra))


class TestSheets:
    def test_places_and_people_with_room_to_sign(self, medic):
        event, person = make_event(medic, name="Půlmaraton"), able(medic)
        fill(event, person)
        sheet = book()["Podpisy"]
        assert [cell.value for cell in sheet[3]] == [
            "Datum", "Název akce", "Jméno", "Kvalifikace", "Popis pozice", "Podpis",
        ]  # fmt: skip
        first, second = rows(sheet)
        assert first[1:4] == ["Půlmaraton", person.name, "Zdravotník"]
        assert first[0].date() == EVENING.date()
        assert second[2] == ""
        assert sheet.row_dimensions[4].height == 28

    def test_one_row_an_event_with_its_places_side_by_side(self, medic):
        event, person = make_event(medic, places=3), able(medic)
        fill(event, person)
        make_event(medic, places=1)
        sheet = book()["Přehled"]
        assert [cell.value for cell in sheet[3]][3:] == ["Pozice 1", "Pozice 2", "Pozice 3"]
        assert rows(sheet)[0][3:] == [person.name, "", ""]

    def test_conditions_have_a_sheet_only_when_there_are_any(self, medic):
        make_event(medic)
        assert book().sheetnames == ["Podpisy", "Přehled"]
        person = able(medic)
        place(make_capacity_event({medic: 2}), person)
        found = book()
        assert found.sheetnames == ["Podpisy", "Přehled", "Podmínky"]
        assert rows(found["Podmínky"])[0][2:] == ["Zdravotník ×2", "Zdravotník 1/2", person.name]

    def test_drafts_and_archived_events_are_left_out(self, medic):
        make_event(medic, status=Status.DRAFT)
        make_event(medic, is_archived=True)
        assert not Event.objects.printable().exists()

    @pytest.mark.parametrize("name", ["=1+1", "+420", "-1", "@SUM(A1)"])
    def test_text_never_becomes_a_formula(self, medic, name):
        make_event(medic, name=name)
        cell = book()["Přehled"]["B4"]
        assert cell.data_type == "s"
        assert cell.value == f"'{name}"

    def test_queries_do_not_grow(self, medic, django_assert_max_num_queries):
        def fill_up(count):
            for _n in range(count):
                fill(make_event(medic), able(medic))
                place(make_capacity_event({medic: 1}), able(medic))

        fill_up(1)
        with django_assert_max_num_queries(7) as few:
            book()
        fill_up(5)
        with django_assert_max_num_queries(len(few)):
            book()


class TestPages:
    def test_for_days(self, medic):
        make_event(medic, name="Půlmaraton")
        make_event(medic, name="Jindy", start=EVENING + timedelta(days=40))
        answer = logged_in(make_viewer()).get("/reports/print/", DAYS)
        assert "attachment" in answer["Content-Disposition"]
        assert [row[1] for row in rows(opened(answer.content)["Přehled"])] == ["Půlmaraton"]

    def test_the_head_says_what_it_is_of(self, medic):
        master = MasterEventFactory(name="=Běhy")
        make_event(medic, master_event=master)
        answer = logged_in(make_viewer()).get("/reports/print/", {"first": "2027-05-01", "master": master.pk})
        sheet = opened(answer.content)["Podpisy"]
        assert sheet["A1"].value == "Sestava pro tisk — Podpisy"
        assert sheet["A2"].value == "Období: 01.05.2027 – …  |  Nadřazená akce: =Běhy"
        assert [sheet.column_dimensions[column].width for column in "ABCDEF"] == [12, 34, 26, 22, 22, 38]

    def test_of_a_master_event_alone(self, medic):
        master = MasterEventFactory()
        make_event(medic, name="Půlmaraton", master_event=master)
        asked = {"first": "", "last": "", "master": master.pk}
        answer = logged_in(make_viewer()).get("/reports/print/", asked)
        assert [row[1] for row in rows(opened(answer.content)["Přehled"])] == ["Půlmaraton"]

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ({"first": "", "last": ""}, "alespoň"),
            ({"first": "32. 5."}, "Neplatné datum"),
            ({"first": "9999-12-31"}, "Neplatné datum"),
            ({"first": "2027-05-02", "last": "2027-05-01"}, "před"),
            (DAYS, "nevyhovovaly"),
        ],
    )
    def test_why_there_is_nothing_is_said(self, asked, said):
        assert said in logged_in(make_viewer()).get("/reports/print/", asked).content.decode()

    def test_for_one_master_event(self, medic):
        master = MasterEventFactory()
        make_event(medic, name="Půlmaraton", master_event=master)
        make_event(medic, name="Jiná")
        answer = logged_in(make_viewer()).get("/reports/print/", {**DAYS, "master": master.pk})
        assert [row[1] for row in rows(opened(answer.content)["Přehled"])] == ["Půlmaraton"]

    def test_a_link_from_a_master_event_fills_in_its_days(self, medic):
        master = MasterEventFactory()
        for days in (0, 40):
            make_event(medic, master_event=master, start=EVENING + timedelta(days=days))
        make_event(medic, master_event=master, start=EVENING + timedelta(days=80), is_archived=True)
        make_event(medic, start=EVENING - timedelta(days=80))
        form = logged_in(make_viewer()).get("/reports/print/", {"master": master.pk}).context["form"]
        assert form.initial == {"first": date(2027, 5, 15), "last": date(2027, 6, 24), "master": str(master.pk)}

    @pytest.mark.parametrize("master", ["x", "", "9" * 40, "999999"])
    def test_a_link_from_nowhere_asks_for_the_month(self, master):
        form = logged_in(make_viewer()).get("/reports/print/", {"master": master}).context["form"]
        assert form.initial["first"].day == 1

    def test_asks_first(self):
        answer = logged_in(make_viewer()).get("/reports/print/")
        assert answer["Content-Type"].startswith("text/html")

    @pytest.mark.parametrize(
        "days", [{"first": "x", "last": ""}, {"first": "2027-05-02", "last": "2027-05-01"}, DAYS, {"first": ""}]
    )
    def test_nothing_to_print_is_said(self, days):
        answer = logged_in(make_viewer()).get("/reports/print/", days)
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/html")

    def test_of_the_list_as_filtered(self, medic):
        make_event(medic, name="Půlmaraton")
        make_event(medic, name="Hokej")
        answer = logged_in(make_viewer()).get("/events/print/", {"q": "pulm"})
        assert [row[1] for row in rows(opened(answer.content)["Přehled"])] == ["Půlmaraton"]
        empty = logged_in(make_viewer()).get("/events/print/", {"q": "nic takového"})
        assert empty.url == "/events/?q=nic+takov%C3%A9ho"

    def test_needs_the_right(self):
        technician = UserFactory(roles=[Role.TECHNICIAN])
        assert logged_in(technician).get("/reports/print/", DAYS).status_code == 403
        assert logged_in(technician).get("/events/print/").status_code == 403
