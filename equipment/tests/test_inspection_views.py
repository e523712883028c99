"""Pages of inspections: the list, recording for one and for several, correcting, files; and the backoffice."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from equipment import load
from equipment.demo import build
from equipment.models import Attachment, EquipmentItem, EquipmentType, InspectionPlan, InspectionResult, ItemInspection
from equipment.services import standings
from equipment.tests.factories import PDF, ItemFactory, LocationFactory, PlanFactory, TypeFactory, inspected
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

LIST, SEVERAL = "/equipment/inspections/", "/equipment/inspections/several/"
TODAY = timezone.localdate()


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def browser(person) -> Client:
    client = Client()
    client.force_login(person, backend="roster.backends.RoleBackend")
    return client


def said(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


@pytest.fixture
def technician():
    return UserFactory(roles=[Role.TECHNICIAN], name="Technik Karel")


@pytest.fixture
def plan():
    return PlanFactory(name="BTK", type=TypeFactory(name="AED"), checklist="Elektrody\nBaterie")


def make(plan, name, last: int | None = None, outcome="passed", **fields):
    item = ItemFactory(name=name, type=plan.type, **fields)
    standings.rebuild([item.pk])
    if last is not None:
        inspected(item, plan, ago(last), outcome)
    return item


def names(client, query="") -> list[str]:
    groups = client.get(f"{LIST}?{query}").context["groups"]
    return [line.row.item.name for group in groups for line in group.lines]


class TestList:
    def test_overdue_first_then_by_month(self, technician, plan):
        make(plan, "Brzy", 365 - 10)
        make(plan, "Po termínu", 800)
        make(plan, "Neprošla", 3, "failed")
        make(plan, "V pořádku", 10)
        make(plan, "Odložená", 800, is_archived=True)
        client = browser(technician)
        answer = client.get(LIST)
        groups = answer.context["groups"]
        assert [line.code for line in groups[0].lines] == ["overdue", "failed"]
        assert [line.row.item.name for group in groups for line in group.lines] == ["Po termínu", "Neprošla", "Brzy"]
        assert (groups[0].is_overdue, groups[1].month.day) == (True, 1)
        shown = answer.content.decode()
        assert "2 prohlídky jsou po termínu." in shown
        assert "2 položky se kvůli tomu nesmějí používat." in shown

    def test_filters(self, technician, plan):
        garage = LocationFactory(name="Garáž")
        overdue, soon = make(plan, "Po termínu", 800, location=garage), make(plan, "Brzy", 365 - 10)
        make(plan, "Neprošla", 3, "failed")
        make(plan, "Později", 365 - 80)
        make(PlanFactory(months=None, uses=5), "Podle použití")
        other = make(PlanFactory(name="Jiná", months=1), "Jiná", acquired_on=ago(90))
        client = browser(technician)
        for query, expected in {
            "": {"Po termínu", "Neprošla", "Jiná", "Brzy"},
            f"type={overdue.type_id}": {"Po termínu", "Neprošla", "Brzy"},
            f"plan={plan.pk}": {"Po termínu", "Neprošla", "Brzy"},
            f"location={garage.pk}": {"Po termínu"},
            "ahead=90": {"Po termínu", "Neprošla", "Jiná", "Brzy", "Později"},
            "ahead=all": {"Po termínu", "Neprošla", "Jiná", "Brzy", "Později", "Podle použití"},
            "state=overdue": {"Po termínu", "Neprošla", "Jiná"},
            "state=soon": {"Brzy"},
            "state=failed": {"Neprošla"},
            "state=never": {"Jiná"},
            "state=never&ahead=all": {"Jiná", "Podle použití"},
            "state=x&ahead=x&plan=x&type=0&location=-1&page=x": {"Po termínu", "Neprošla", "Jiná", "Brzy"},
        }.items():
            assert set(names(client, query)) == expected, query
        assert soon.pk != other.pk

    def test_a_page_behind_the_end_leads_to_the_last(self, technician, plan):
        make(plan, "Po termínu", 800)
        answer = browser(technician).get(f"{LIST}?state=overdue&page=9")
        assert (answer.status_code, answer.url) == (302, f"{LIST}?state=overdue&page=1")

    def test_nothing_to_do_is_said(self, technician):
        assert "Žádná prohlídka není po termínu." in browser(technician).get(LIST).content.decode()

    def test_costs_no_more_for_more(self, technician, django_assert_max_num_queries):
        for number in range(8):
            make(PlanFactory(), f"Položka {number}", 800, location=LocationFactory())
        client = browser(technician)
        client.get(LIST)
        with django_assert_max_num_queries(12):
            client.get(LIST)

    def test_as_files(self, technician, plan):
        make(plan, "=Po termínu", 800, serial_number="SN-1")
        answer = browser(technician).get(f"{LIST}export/xlsx/?state=overdue")
        sheet = load_workbook(BytesIO(answer.content)).active
        heading, row = list(sheet.iter_rows(values_only=True))
        told = dict(zip(heading, row, strict=True))
        assert (told["Název"], told["Prohlídka"], told["Stav"]) == ("'=Po termínu", "BTK", "Po termínu")
        assert told["Poslední prohlídka"].date() == ago(800)
        answer = browser(technician).get(f"{LIST}export/csv/?state=soon")
        assert answer.content.decode("utf-8-sig").count("\n") == 1


class TestRecording:
    def path(self, item, plan) -> str:
        return f"/equipment/{item.pk}/inspections/{plan.pk}/"

    def data(self, who, **more):
        return {"outcome": "passed", "ticked": ["0", "1"], "done_on": str(TODAY), "done_by": str(who.pk), **more}

    def test_begins_with_today_and_oneself(self, technician, plan):
        item = make(plan, "AED 1", 800)
        shown = browser(technician).get(self.path(item, plan)).content.decode()
        assert f'value="{TODAY}"' in shown
        assert shown.count("Technik Karel</option>") == 1
        assert "Elektrody" in shown

    def test_keeps_the_result_and_shows_it(self, technician, plan):
        item = make(plan, "AED 1", 800)
        report = SimpleUploadedFile("Protokol.pdf", PDF)
        client = browser(technician)
        answer = client.post(
            self.path(item, plan), self.data(technician, note="Bez závad.", protocol=report), follow=True
        )
        assert answer.redirect_chain == [(f"/equipment/{item.pk}/", 302)]
        for shown in (answer, history := client.get(f"/equipment/{item.pk}/history/")):
            assert "Protokol.pdf" in shown.content.decode()
        assert "Bez závad." in history.content.decode()
        assert Attachment.objects.get().category == "inspection_report"
        assert EquipmentItem.objects.get().safe_until > TODAY

    @pytest.mark.parametrize(
        "more",
        [
            {"ticked": ["0"]},
            {"outcome": "failed"},
            {"outcome": "void", "note": "x"},
            {"outcome": ""},
            {"done_on": str(TODAY + timedelta(days=1))},
            {"done_on": "0000-00-00"},
            {"next_due": "99999-12-31"},
            {"done_by": ""},
            {"done_by": "x"},
            {"firm": "Servis"},
            {"ticked": ["0", "1", "2"]},
        ],
    )
    def test_a_refusal_comes_back_with_the_form(self, technician, plan, more):
        item = make(plan, "AED 1")
        answer = browser(technician).post(self.path(item, plan), self.data(technician, **more))
        assert answer.status_code == 422
        assert answer.context["form"].errors
        assert not InspectionResult.objects.exists()

    def test_a_report_that_is_none_is_refused(self, technician, plan):
        data = self.data(technician, protocol=SimpleUploadedFile("a.pdf", b"x"))
        answer = browser(technician).post(self.path(make(plan, "AED 1"), plan), data)
        assert (answer.status_code, InspectionResult.objects.count()) == (422, 0)

    def test_colleagues_are_offered_to_whoever_may_see_people(self, technician, plan):
        item, make_one = make(plan, "AED 1"), make_member(name="Člen Petr")
        shown = browser(make_coordinator(name="Koordinátor Jan")).get(self.path(item, plan)).content.decode()
        assert "Technik Karel" in shown
        assert make_one.name not in shown
        hidden = browser(technician).get(self.path(item, plan)).content.decode()
        assert "Koordinátor Jan" not in hidden
        answer = browser(technician).post(self.path(item, plan), self.data(make_one))
        assert answer.status_code == 422

    def test_not_of_another_type_nor_of_what_is_put_away(self, technician, plan):
        client = browser(technician)
        assert client.get(self.path(ItemFactory(), plan)).status_code == 404
        assert client.get(self.path(ItemFactory(type=plan.type, is_archived=True), plan)).status_code == 403
        put_away = PlanFactory(type=plan.type, is_archived=True)
        assert client.get(self.path(ItemFactory(type=plan.type), put_away)).status_code == 404

    def test_correcting(self, technician, plan):
        item = make(plan, "AED 1", 3, "failed")
        row, client = InspectionResult.objects.get(), browser(technician)
        path = f"/equipment/inspections/results/{row.pk}/correct/"
        assert "Zapsáno omylem" in client.get(path).content.decode()
        client.post(path, self.data(technician, outcome="void", note="Jiný kus."), follow=True)
        assert "Zapsáno omylem" in client.get(f"/equipment/{item.pk}/history/").content.decode()
        assert item.inspections.get().last_result is None
        again = client.post(path, self.data(technician))
        assert (again.status_code, "oprav" in str(again.context["form"].errors)) == (422, True)


class TestSeveral:
    def test_choose_tick_record(self, technician, plan):
        first, second, third = (make(plan, f"AED {number}", 800) for number in (1, 2, 3))
        client = browser(technician)
        assert "Vyberte prohlídku" in client.get(SEVERAL).content.decode()
        path = f"{SEVERAL}?plan={plan.pk}"
        assert client.get(path).context["ticked"] == set()
        assert client.get(f"{path}&all=1").context["ticked"] == {first.pk, second.pk, third.pk}
        data = {"outcome": "passed", "ticked": ["0", "1"], "done_on": str(TODAY), "done_by": str(technician.pk)}
        nobody = client.post(path, data)
        assert (nobody.status_code, InspectionResult.objects.count()) == (422, 3)
        answer = client.post(path, {**data, "item": [first.pk, second.pk, "x", "9" * 30]}, follow=True)
        assert "Zapsána prohlídka 2 položek." in said(answer)
        assert ItemInspection.objects.overdue_on(TODAY).get().item == third
        again = client.post(path, {**data, "item": [first.pk]}, follow=True)
        assert "AED 1: Tento výsledek je pro daný den již zapsán." in said(again)

    def test_a_refusal_keeps_what_was_ticked(self, technician, plan):
        item = make(plan, "AED 1")
        answer = browser(technician).post(f"{SEVERAL}?plan={plan.pk}", {"item": [item.pk], "outcome": "passed"})
        assert (answer.status_code, answer.context["ticked"]) == (422, {item.pk})

    def test_what_holds_for_all_is_said_once(self, technician, plan):
        items = [make(plan, f"AED {number}") for number in (1, 2)]
        data = {"outcome": "failed", "done_on": str(TODAY), "done_by": str(technician.pk)}
        path = f"{SEVERAL}?plan={plan.pk}"
        answer = browser(technician).post(path, {**data, "item": [item.pk for item in items]})
        assert answer.status_code == 422
        assert str(answer.context["form"].errors).count("poznámky") == 1

    def test_by_location(self, technician, plan):
        garage = LocationFactory()
        make(plan, "AED 1", location=garage)
        make(plan, "AED 2")
        answer = browser(technician).get(f"{SEVERAL}?plan={plan.pk}&location={garage.pk}")
        assert [line.row.item.name for line in answer.context["lines"]] == ["AED 1"]


class TestOtherPages:
    def test_the_item_shows_how_it_stands_and_to_some_who_made_it(self, technician, plan):
        item = make(plan, "AED 1")
        inspected(item, plan, ago(800), firm="", done_by=technician)
        for who, sees_names in ((make_viewer(), False), (make_coordinator(), True)):
            client = browser(who)
            assert "Bezpečnostní prohlídka po termínu" in client.get(f"/equipment/{item.pk}/").content.decode()
            history = client.get(f"/equipment/{item.pk}/history/")
            assert (history.status_code == 200, "Technik Karel" in history.content.decode()) == (sees_names, sees_names)

    def test_the_list_of_items_shows_and_filters(self, plan):
        make(plan, "AED 1", 800)
        make(plan, "AED 2", 8)
        make(PlanFactory(is_safety=False), "Vysílačka", 800)
        answer = browser(make_member()).get("/equipment/?state=inspection")
        assert [state.item.name for state in answer.context["rows"]] == ["AED 1", "Vysílačka"]
        shown = answer.content.decode()
        assert ("Bezpečnostní prohlídka po termínu" in shown, "Prohlídka po termínu" in shown) == (True, True)
        assert [state.can_be_issued for state in answer.context["rows"]] == [False, True]

    def test_the_list_leads_to_inspections_only_those_who_may_record_them(self):
        assert LIST in browser(make_coordinator()).get("/equipment/").content.decode()
        assert LIST not in browser(make_member()).get("/equipment/").content.decode()


TYPES = "/admin/equipment/equipmenttype/"


def form_of(kind: EquipmentType, *plans: dict[str, object]) -> dict[str, object]:
    prefix = "inspection_plans"
    initial = sum("id" in plan for plan in plans)
    data: dict[str, object] = {
        "name": kind.name, "icon": kind.icon, "description": "", "version": kind.version,
        f"{prefix}-TOTAL_FORMS": len(plans), f"{prefix}-INITIAL_FORMS": initial,
    }  # fmt: skip
    for number, plan in enumerate(plans):
        data |= {f"{prefix}-{number}-{name}": value for name, value in {"remind_days": 30, **plan}.items()}
    return data


class TestBackoffice:
    def test_plans_on_the_page_of_a_type(self):
        kind, client = TypeFactory(name="AED"), browser(make_admin())
        item = ItemFactory(type=kind, acquired_on=ago(900))
        path = f"{TYPES}{kind.pk}/change/"
        data = form_of(kind, {"name": "BTK", "months": 24, "is_safety": "on"})
        answer = client.post(path, data, follow=True)
        assert "1 položka tohoto typu" in said(answer)
        plan = InspectionPlan.objects.get()
        assert ItemInspection.objects.get().item == item
        kind.refresh_from_db()
        data = form_of(kind, {"id": plan.pk, "name": "Revize", "months": 36, "is_archived": "on"})
        client.post(path, data, follow=True)
        plan.refresh_from_db()
        assert (plan.name, plan.months, plan.is_safety, plan.is_archived) == ("Revize", 36, False, True)
        kind.refresh_from_db()
        client.post(path, form_of(kind, {"id": plan.pk, "name": "Revize", "months": 36}), follow=True)
        assert ItemInspection.objects.exists()

    def test_a_new_type_with_its_plan(self):
        client = browser(make_admin())
        client.post(f"{TYPES}add/", form_of(EquipmentType(name="AED", icon="x"), {"name": "BTK", "months": 24}))
        assert InspectionPlan.objects.get().type.name == "AED"

    @pytest.mark.parametrize("plan", [{"name": "BTK"}, {"name": "", "months": 1}, {"name": "BTK", "months": "x"}])
    def test_what_cannot_be_changes_nothing(self, plan):
        kind = TypeFactory(name="AED")
        answer = browser(make_admin()).post(f"{TYPES}{kind.pk}/change/", form_of(kind, plan))
        assert answer.status_code == 200
        kind.refresh_from_db()
        assert (InspectionPlan.objects.count(), kind.version) == (0, 1)

    def test_coordinators_read_them(self, plan):
        shown = browser(make_coordinator()).get(f"{TYPES}{plan.type_id}/change/").content.decode()
        assert "BTK" in shown
        data = form_of(plan.type, {"name": "Jiná", "months": 1})
        assert browser(make_coordinator()).post(f"{TYPES}{plan.type_id}/change/", data).status_code == 403

    def test_filters(self, plan):
        client = browser(make_admin())
        item, other = make(plan, "AED 1", 800), make(plan, "AED 2", 8)
        answer = client.get("/admin/equipment/equipmentitem/?inspection=yes")
        assert [row.pk for row in answer.context["cl"].result_list] == [item.pk]
        assert other.type_id == item.type_id
        without = TypeFactory()
        for choice, expected in (("planned", [plan.type_id]), ("none", [without.pk])):
            answer = client.get(f"{TYPES}?inspection={choice}")
            assert [row.pk for row in answer.context["cl"].result_list] == expected


class TestStories:
    def test_the_demo_has_one_overdue_one_soon_and_stays_as_it_is(self):
        now = timezone.now()
        build(at=now)
        states = {row.item.name: row.state_on(TODAY).name for row in ItemInspection.objects.with_names()}
        assert (states["AED 5"], states["AED 2"], states["AED 1"]) == ("OVERDUE", "SOON", "FINE")
        assert (states["Vysílačka 02"], states["Vysílačka 01"]) == ("OVERDUE", "SOON")
        before = InspectionPlan.objects.count(), InspectionResult.objects.count()
        build(at=now)
        assert (InspectionPlan.objects.count(), InspectionResult.objects.count()) == before
        assert standings.differences() == []

    def test_the_load_is_honest(self):
        UserFactory.create_batch(30)
        load.build(at=timezone.now())
        assert ItemInspection.objects.count() == 3 * EquipmentItem.objects.count()
        assert standings.differences() == []
