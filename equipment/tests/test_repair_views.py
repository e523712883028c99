"""Pages of repairs."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from equipment.models import EquipmentItem, Repair, RepairEntry, RepairPhoto
from equipment.repairs.rules import OPEN, Status
from equipment.services.repairs import photos, work
from equipment.tests.factories import ItemFactory, LocationFactory, TypeFactory, make_technician, repair_of
from roster.tests.factories import make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

QUEUE, BOARD, NEW = "/equipment/repairs/", "/equipment/repairs/kanban/", "/equipment/repairs/new/"
NOW = timezone.now()


def browser(person) -> Client:
    client = Client()
    client.force_login(person, backend="roster.backends.RoleBackend")
    return client


def said(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def post(person, path: str, **data):
    return browser(person).post(path, data, follow=True)


def picture() -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (300, 200), "blue").save(out, "PNG")
    return SimpleUploadedFile("kouř.png", out.getvalue())


@pytest.fixture
def technician():
    return make_technician(name="Opravil Jan")


@pytest.fixture
def item():
    return ItemFactory(name="AED 1")


def listed(person, query: str = "") -> list[str]:
    answer = browser(person).get(QUEUE + query)
    assert answer.status_code == 200
    return [row.repair.text for row in answer.context["rows"]]


class TestQueue:
    def test_the_worst_first_then_the_oldest(self, technician, item):
        for description, severity, days in (
            ("nikdo", "", 9), ("nejisté", "unsure", 1), ("stará", "down", 3), ("nová", "down", 1),
            ("méně", "degraded", 5),
        ):  # fmt: skip
            repair_of(item, description=description, severity=severity, created=NOW - timedelta(days=days))
        repair_of(item, description="hotová", severity="down", status="resolved")
        assert listed(technician) == ["stará", "nová", "méně", "nejisté", "nikdo"]
        assert listed(technician, "?sort=-severity")[0] == "nikdo"
        assert listed(technician, "?sort=created")[0] == "nikdo"

    def test_filters(self, technician, item):
        garage = LocationFactory(name="Garáž")
        other = ItemFactory(name="Batoh", location=garage, type=TypeFactory(name="Zdravotnický batoh"))
        repair_of(item, description="a Praskl", severity="down", assignee=technician)
        repair_of(other, description="b Chybí", status="parts_needed")
        repair_of(other, description="c Kouří", status="resolved")
        key = technician.pk
        for query, found in {
            "": "ab", f"area={garage.pk}": "b", "status=parts_needed": "b", "status=resolved": "",
            "status=Nonsense": "ab", "severity=down": "a", "severity=none": "b", "severity=x": "ab",
            "assignee=me": "a", "assignee=UNASSIGNED": "b", "assignee=Me": "a", f"assignee={key}": "a",
            "assignee=nonsense": "ab", f"item={other.pk}": "b", "item=0": "ab", "q=aed": "a",
            "q=ZDRAVOTNICKY+batoh": "b", "q=praskl": "a", "q=kouří": "", "page=x&sort=x&area=x": "ab",
        }.items():  # fmt: skip
            assert "".join(sorted(text[0] for text in listed(technician, f"?{query}"))) == found, query

    @pytest.mark.parametrize(("sort", "order"), [
        ("item", "ab"), ("-item", "ba"), ("location", "ba"), ("status", "ab"), ("-status", "ba"), ("assignee", "ab"),
    ])  # fmt: skip
    def test_order(self, technician, sort, order):
        one = ItemFactory(name="A", location=LocationFactory(name="Z"))
        two = ItemFactory(name="B", location=LocationFactory(name="K"))
        repair_of(one, description="a", status="assigned", assignee=technician)
        repair_of(two, description="b", status="in_progress", severity="degraded")
        assert "".join(listed(technician, f"?sort={sort}")) == order

    def test_offers_what_fits(self, technician, item):
        repair_of(item)
        shown = browser(technician).get(QUEUE).content.decode()
        assert ("Převzít" in shown, "Zase funguje" in shown) == (True, False)
        Repair.objects.update(status="assigned")
        shown = browser(technician).get(QUEUE).content.decode()
        assert ("Převzít" in shown, "Zase funguje" in shown) == (False, True)

    def test_says_which_items_are_archived(self, technician):
        repair_of(ItemFactory(is_archived=True))
        assert "Archivována" in browser(technician).get(QUEUE).content.decode()

    def test_an_empty_one(self, technician):
        assert "Na opravu nic nečeká." in browser(technician).get(QUEUE).content.decode()

    def test_costs_no_more_for_more(self, technician, django_assert_max_num_queries):
        for _number in range(12):
            repair_of(ItemFactory(location=LocationFactory()), assignee=make_technician(), reporter=make_member())
        client = browser(technician)
        client.get(QUEUE)
        with django_assert_max_num_queries(10):
            client.get(QUEUE)

    def test_as_a_file(self, technician, item):
        repair_of(item, description="=HYPERLINK(1)", severity="down", eta=NOW.date(), reporter=make_member(name="@Jan"))
        repair_of(item, description="jiná", status="assigned")
        answer = browser(technician).get(f"{QUEUE}export/csv/?severity=down")
        heads, *rows = csv.reader(StringIO(answer.content.decode("utf-8-sig")))
        (row,) = [dict(zip(heads, row, strict=True)) for row in rows]
        assert (row["Položka"], row["Závažnost"], row["Stav"]) == ("AED 1", "Mimo provoz", "Nová")
        assert (row["Co je s ní"], row["Nahlásil/a"]) == ("'=HYPERLINK(1)", "'@Jan")
        assert row["Předpokládané dokončení"] == NOW.date().isoformat()


class TestSteps:
    def test_claim_and_back_to_the_queue(self, technician, item):
        row = repair_of(item)
        answer = post(technician, f"{QUEUE}{row.pk}/claim/", version=1, next=f"{QUEUE}?severity=down&page=2")
        assert answer.redirect_chain[0] == (f"{QUEUE}?severity=down&page=2", 302)
        assert Repair.objects.get().assignee == technician

    @pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/profile/", "/logout/", "\\x", ""])
    def test_nobody_is_led_elsewhere(self, technician, item, back):
        row = repair_of(item)
        answer = post(technician, f"{QUEUE}{row.pk}/claim/", version=1, next=back)
        assert answer.redirect_chain == [(f"{QUEUE}{row.pk}/", 302)]

    @pytest.mark.parametrize("version", ["", "0", "x", "9" * 30, "2"])
    def test_a_stale_page_changes_nothing(self, technician, item, version):
        row = repair_of(item)
        for step in ("claim", "resolve"):
            assert "mezitím" in said(post(technician, f"{QUEUE}{row.pk}/{step}/", version=version, note="Hotovo"))
        assert Repair.objects.get().status == Status.NEW

    def test_resolve_needs_a_note(self, technician, item):
        row = repair_of(item, status="assigned")
        assert "co bylo uděláno" in said(post(technician, f"{QUEUE}{row.pk}/resolve/", version=1, note="\u200b"))
        assert "vyřešená" in said(post(technician, f"{QUEUE}{row.pk}/resolve/", version=1, note="Vyměněno."))
        assert Repair.objects.get().status == Status.RESOLVED

    def test_note_and_photo(self, technician, item):
        row = repair_of(item)
        post(technician, f"{QUEUE}{row.pk}/note/", note="Zkoumám.")
        post(technician, f"{QUEUE}{row.pk}/photos/", photo=picture())
        shown = browser(technician).get(f"{QUEUE}{row.pk}/").content.decode()
        assert "Zkoumám." in shown
        photo = RepairPhoto.objects.get()
        assert f"{QUEUE}photos/{photo.pk}/" in shown
        answer = browser(technician).get(f"{QUEUE}photos/{photo.pk}/")
        assert (answer["Content-Type"], "sandbox" in answer["Content-Security-Policy"]) == ("image/jpeg", True)
        assert "vyberte soubor" in said(post(technician, f"{QUEUE}{row.pk}/photos/"))

    @pytest.mark.parametrize("key", [0, 10**30])
    def test_what_does_not_exist(self, technician, key):
        client = browser(technician)
        assert client.get(f"{QUEUE}{key}/").status_code == 404
        for step in ("claim", "note", "save"):
            assert client.post(f"{QUEUE}{key}/{step}/").status_code == 404
        assert client.get(f"{QUEUE}photos/{key}/").status_code == 404


class TestPage:
    def form(self, **typed):
        kept = {"version": 1, "status": "new", "severity": "", "assignee_id": "", "eta": "", "specialist_text": ""}
        return {**kept, "duplicate_of_id": "", "note": "", **typed}

    def test_everything_is_saved_at_once(self, technician, item):
        row = repair_of(item)
        typed = self.form(
            status="parts_ordered", severity="down", assignee_id=technician.pk, eta="2027-05-01", note="Ano"
        )
        assert "uložena" in said(post(technician, f"{QUEUE}{row.pk}/save/", **typed))
        stored = Repair.objects.get()
        assert (stored.status, stored.severity, stored.assignee) == ("parts_ordered", "down", technician)
        shown = browser(technician).get(f"{QUEUE}{row.pk}/").content.decode()
        assert "Nová →" in shown
        assert "01.05.2027" in shown
        assert shown.count("Opravil Jan") >= 6

    def test_an_unchanged_form_says_so(self, technician, item):
        row = repair_of(item)
        assert "Nic se nelišilo" in said(post(technician, f"{QUEUE}{row.pk}/save/", **self.form()))
        assert not RepairEntry.objects.exists()

    def test_to_a_duplicate_and_away_again(self, technician, item):
        row, other = repair_of(item), repair_of(item, description="Ta první")
        path = f"{QUEUE}{row.pk}/save/"
        answer = browser(technician).post(path, self.form(status="duplicate"))
        assert (answer.status_code, "kterou tato" in answer.content.decode()) == (409, True)
        post(technician, path, **self.form(status="duplicate", duplicate_of_id=other.pk))
        answer = post(technician, path, **self.form(status="new", duplicate_of_id=other.pk, version=2))
        assert "už není duplicitou" in said(answer)
        assert Repair.objects.get(pk=row.pk).duplicate_of is None

    @pytest.mark.parametrize(("field", "value"), [
        ("status", "x"), ("status", ""), ("severity", "x"), ("assignee_id", "x"), ("assignee_id", "0" * 32),
        ("eta", "x"), ("duplicate_of_id", "x"), ("duplicate_of_id", "9" * 30), ("note", "x" * 5001),
        ("eta", "99999-12-31"),
    ])  # fmt: skip
    def test_bad_input(self, technician, item, field, value):
        row = repair_of(item)
        answer = browser(technician).post(f"{QUEUE}{row.pk}/save/", self.form(**{field: value}))
        assert answer.status_code == 422
        assert Repair.objects.get().version == 1

    def test_a_stale_form(self, technician, item):
        row = repair_of(item)
        answer = browser(technician).post(f"{QUEUE}{row.pk}/save/", self.form(version=7, note="Důležité"))
        assert (answer.status_code, "mezitím" in answer.content.decode()) == (409, True)
        assert "Důležité" in answer.content.decode()

    def test_texts_are_escaped(self, technician, item):
        row = repair_of(item, description="<script>x</script>", reporter_name="<b>Jan", specialist_text="<i>y")
        work.add_note(row.pk, "<img src=x>", by=technician, at=NOW)
        shown = browser(technician).get(f"{QUEUE}{row.pk}/").content.decode()
        assert not [bad for bad in ("<script>x", "<b>Jan", "<i>y", "<img src=x>") if bad in shown]

    def test_costs_no_more_for_more(self, technician, item, django_assert_max_num_queries):
        row = repair_of(item, assignee=technician)
        client = browser(technician)
        client.get(f"{QUEUE}{row.pk}/")
        for number in range(8):
            work.add_note(row.pk, f"{number}", by=make_technician(), at=NOW)
            repair_of(item)
        with django_assert_max_num_queries(11):
            client.get(f"{QUEUE}{row.pk}/")


class TestBoard:
    def columns(self, person):
        return browser(person).get(BOARD).context["columns"]

    def test_seven_columns_with_those_that_stand_longest_first(self, technician, item):
        for days in (1, 4, 7):
            repair_of(item, description=f"{days}", created=NOW - timedelta(days=days))
        repair_of(item, status="resolved")
        columns = self.columns(technician)
        assert [column.status for column in columns] == list(OPEN)
        assert [(card.days, card.ageing) for card in columns[0].cards] == [(7, "hot"), (4, "warm"), (1, "fresh")]
        assert [column.count for column in columns] == [3, 0, 0, 0, 0, 0, 0]

    def test_time_counts_from_the_last_move(self, technician, item):
        row = repair_of(item, created=NOW - timedelta(days=30))
        work.save(row.pk, by=None, at=NOW - timedelta(days=4), status="assigned")
        (card,) = self.columns(technician)[1].cards
        assert (card.days, card.ageing) == (4, "warm")
        assert "Dlouho beze změny" in browser(technician).get(BOARD).content.decode()

    def test_a_full_column_is_cut(self, technician, item, monkeypatch):
        monkeypatch.setattr("equipment.views.repairs.board.CARDS", 2)
        for _number in range(3):
            repair_of(item)
        column = self.columns(technician)[0]
        assert (column.count, len(column.cards)) == (3, 2)
        assert "Všechny ve frontě" in browser(technician).get(BOARD).content.decode()

    @pytest.mark.parametrize("version", [1, 7])
    def test_the_card_just_moved_is_shown_in_a_full_column_as_well(self, technician, item, monkeypatch, version):
        monkeypatch.setattr("equipment.views.repairs.board.CARDS", 1)
        for status in ("new", "new", "assigned"):
            row = repair_of(item, status=status, created=NOW - timedelta(days=2))
        last = repair_of(item, status="new")
        answer = browser(technician).post(
            f"{QUEUE}{last.pk}/move/", {"version": version, "status": "assigned"}, headers={"HX-Request": "true"}
        )
        shown = [[card.repair.pk for card in column.cards] for column in answer.context["columns"][:2]]
        first = Repair.objects.order_by("pk").first().pk
        assert shown == ([[first], [row.pk, last.pk]] if version == 1 else [[first, last.pk], [row.pk]])

    def test_texts_are_escaped(self, technician):
        place = LocationFactory(name="<i>Garáž")
        item = ItemFactory(name="<b>AED %(x)s {{ 1 }}", location=place)
        repair_of(item, description="<script>x</script>", assignee=make_technician(name="<u>Jan"))
        for page in (BOARD, QUEUE):
            shown = browser(technician).get(page).content.decode()
            assert not [bad for bad in ("<b>AED", "<i>Garáž", "<script>x", "<u>Jan") if bad in shown], page
            assert "&lt;b&gt;AED %(x)s {{ 1 }}" in shown

    def test_a_card_leads_to_where_it_is_moved_without_scripts(self, technician, item):
        row = repair_of(item)
        assert f'href="{QUEUE}{row.pk}/#id_status"' in browser(technician).get(BOARD).content.decode()
        assert 'id="id_status"' in browser(technician).get(f"{QUEUE}{row.pk}/").content.decode()

    def test_a_card_is_moved_without_scripts(self, technician, item):
        row = repair_of(item)
        answer = post(technician, f"{QUEUE}{row.pk}/move/", version=1, status="in_progress")
        assert answer.redirect_chain == [(BOARD, 302)]
        assert "ve stavu: V řešení" in said(answer)
        assert Repair.objects.get().status == "in_progress"

    def test_a_card_is_moved_by_a_script(self, technician, item):
        row = repair_of(item)
        answer = browser(technician).post(
            f"{QUEUE}{row.pk}/move/", {"version": 1, "status": "assigned"}, headers={"HX-Request": "true"}
        )
        assert answer.status_code == 200
        assert answer.content.decode().strip().startswith('<div id="repair-board">')
        assert [card.repair.version for card in answer.context["columns"][1].cards] == [2]

    @pytest.mark.parametrize(("version", "status", "why"), [
        (7, "assigned", "mezitím"), (1, "nonsense", "nonsense"), (1, "", "prázdné"), (1, "duplicate", "kterou tato"),
    ])  # fmt: skip
    def test_a_refused_move_says_why_and_shows_where_the_card_is(self, technician, item, version, status, why):
        row = repair_of(item)
        sent = {"version": version, "status": status}
        answer = browser(technician).post(f"{QUEUE}{row.pk}/move/", sent, headers={"HX-Request": "true"})
        assert answer.status_code == 409
        assert why in answer.content.decode()
        assert len(answer.context["columns"][0].cards) == 1
        assert why in said(post(technician, f"{QUEUE}{row.pk}/move/", **sent))

    def test_costs_no_more_for_more(self, technician, django_assert_max_num_queries):
        for number in range(12):
            repair_of(ItemFactory(location=LocationFactory()), assignee=make_technician(), status=OPEN[number % 7])
        client = browser(technician)
        client.get(BOARD)
        with django_assert_max_num_queries(6):
            client.get(BOARD)


class TestOpening:
    def test_a_member_reports(self, item):
        member = make_member(name="Novák Jan")
        path = f"/equipment/{item.pk}/problem/"
        answer = post(member, path, description="Kouří.", severity="down", is_safety_risk="on", photo=picture())
        assert "Děkujeme" in said(answer)
        row = Repair.objects.get()
        assert (row.reporter, row.severity, row.is_safety_risk, row.is_consumable) == (member, "down", True, False)
        assert RepairPhoto.objects.get().name == "kouř.png"
        assert "Mimo provoz" in answer.content.decode()

    def test_a_bad_photo_does_not_keep_the_report_back(self, item):
        path = f"/equipment/{item.pk}/problem/"
        bad = SimpleUploadedFile("a.png", b"nonsense")
        answer = post(make_member(), path, description="Kouří.", severity="unsure", photo=bad)
        assert "nepodařilo uložit" in said(answer)
        assert Repair.objects.exists()

    @pytest.mark.parametrize("typed", [
        {"description": "", "severity": "down"}, {"description": "a", "severity": ""}, {"description": "a"},
        {"description": "\u200b", "severity": "down"}, {"description": "x" * 5001, "severity": "down"},
        {"description": "a", "severity": "x"},
    ])  # fmt: skip
    def test_bad_input(self, item, typed):
        answer = browser(make_member()).post(f"/equipment/{item.pk}/problem/", typed)
        assert answer.status_code == 422
        assert not Repair.objects.exists()

    def test_not_of_what_is_archived(self):
        row = ItemFactory(is_archived=True)
        assert browser(make_member()).get(f"/equipment/{row.pk}/problem/").status_code == 403
        assert browser(make_admin()).get(f"{NEW}?item={row.pk}").status_code == 404

    def test_a_technician_opens_one(self, technician, item):
        ItemFactory(name="Batoh")
        answer = browser(technician).get(f"{NEW}?q=aed")
        assert [found.name for found in answer.context["items"]] == ["AED 1"]
        typed = {"description": "Kouří.", "severity": "", "assignee": str(technician.pk), "is_consumable": "on"}
        answer = browser(technician).post(f"{NEW}?item={item.pk}", typed)
        row = Repair.objects.get()
        assert answer["Location"] == f"{QUEUE}{row.pk}/"
        assert (row.assignee, row.status, row.severity, row.is_consumable) == (technician, "new", "", True)

    @pytest.mark.parametrize("key", ["0", "x", "", "9" * 30, "²"])
    def test_of_no_item(self, technician, key):
        assert browser(technician).get(f"{NEW}?item={key}").status_code == 404

    @pytest.mark.parametrize("assignee", ["x", "0" * 32])
    def test_to_nobody_who_exists(self, technician, item, assignee):
        answer = browser(technician).post(f"{NEW}?item={item.pk}", {"description": "a", "assignee": assignee})
        assert answer.status_code == 422


class TestItem:
    def test_status_and_history_for_everybody_names_for_technicians(self, technician, item):
        row = repair_of(
            item, severity="degraded", assignee=technician, reporter=make_member(name="Hlásil Petr"), eta=NOW.date()
        )
        work.add_note(row.pk, "Tajná poznámka", by=technician, at=NOW)
        for reader in (make_viewer(), make_member()):
            shown = browser(reader).get(f"/equipment/{item.pk}/").content.decode()
            assert ("Omezeno" in shown, "Nedrží baterie." in shown) == (True, True)
            assert not [name for name in ("Opravil Jan", "Hlásil Petr", "Tajná", QUEUE) if name in shown]
        shown = browser(make_coordinator()).get(f"/equipment/{item.pk}/").content.decode()
        assert ("Opravil Jan" in shown, f"{QUEUE}{row.pk}/" in shown) == (True, True)

    def test_a_risk_is_named_and_the_item_cannot_be_taken(self, item):
        repair_of(item, severity="unsure", is_safety_risk=True)
        shown = browser(make_member()).get(f"/equipment/{item.pk}/").content.decode()
        assert "Bezpečnostní riziko, nesmí se používat" in shown
        assert "Vzít s sebou" not in shown

    @pytest.mark.parametrize("is_broken", [False, True])
    def test_status_and_what_else_stands_against_it_are_both_said(self, item, is_broken):
        if is_broken:
            repair_of(item, severity="degraded")
        EquipmentItem.objects.update(expires_on=NOW.date() - timedelta(days=3))
        shown = browser(make_coordinator()).get(f"/equipment/{item.pk}/").content.decode()
        status = "Omezeno" if is_broken else "V provozu"
        assert (status in shown, "Prošlá od" in shown, "a také to, že se položka nevydává" in shown) == (
            True,
            True,
            True,
        )
        listed = browser(make_admin()).get("/admin/equipment/equipmentitem/").content.decode()
        assert ("Prošlá od" in listed, "Omezeno" in listed) == (True, is_broken)

    def test_the_list_says_it_too(self, item):
        repair_of(item, severity="down")
        repair_of(ItemFactory(), severity="unsure")
        shown = browser(make_member()).get("/equipment/").content.decode()
        assert ("Mimo provoz" in shown, "Omezeno" in shown) == (True, True)
        answer = browser(make_member()).get("/equipment/?state=unavailable")
        assert [state.item for state in answer.context["rows"]] == [item]

    def test_photos_are_for_technicians(self, technician, item):
        row = photos.add_photo(repair_of(item).pk, picture().read(), name="a.png", by=technician, at=NOW)
        for reader in (make_member(), make_viewer()):
            assert browser(reader).get(f"{QUEUE}photos/{row.pk}/").status_code == 403


class TestMenu:
    def test_a_technician_finds_equipment_and_repairs(self, technician):
        shown = browser(technician).get("/").content.decode()
        assert shown.count(f'href="{QUEUE}"') == 2
        assert shown.count('href="/equipment/"') == 2

    def test_a_coordinator_keeps_events_in_the_bar(self):
        shown = browser(make_coordinator()).get("/").content.decode()
        assert shown.count(f'href="{QUEUE}"') == 1

    def test_others_do_not_see_repairs(self):
        assert f'href="{QUEUE}"' not in browser(make_member()).get("/").content.decode()
