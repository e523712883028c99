"""Pages of consumables: the stock, its steps, what was used on an event, files; backoffice, digest, demo."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from equipment.consumables import demo
from equipment.consumables.attention import first, for_reader
from equipment.models import Consumable, Lot, Movement
from equipment.services import lots, usage
from equipment.tests.factories import ConsumableFactory, LocationFactory, stocked
from events.rules.lifecycle import Status
from events.tests.factories import EventFactory, PositionFactory, put
from roster.rights import Role
from roster.tests.factories import UserFactory, make_admin, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

NOW = timezone.now()
TODAY = timezone.localdate(NOW)
LIST = "/equipment/consumables/"
BACKOFFICE = "/admin/equipment/consumable/"


def days(number: int) -> date:
    return TODAY + timedelta(days=number)


def browser(person) -> Client:
    client = Client()
    client.force_login(person, backend="roster.backends.RoleBackend")
    return client


def page(person, path: str) -> str:
    answer = browser(person).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def keeper():
    return UserFactory(roles=[Role.TECHNICIAN], name="Technik Karel")


@pytest.fixture
def member():
    return make_member(name="Novák Jan")


@pytest.fixture
def kind():
    return ConsumableFactory(name="Obinadlo", unit="ks", minimum=10)


@pytest.fixture
def event(member):
    made = EventFactory(name="Koncert", start=NOW - timedelta(hours=2), end=NOW + timedelta(hours=2))
    put(member, PositionFactory(event=made))
    return made


class TestList:
    @pytest.fixture
    def store(self, kind):
        stocked(kind, 12, location=LocationFactory(name="Garáž"), number="AB-7")
        stocked(ConsumableFactory(name="Gáza", minimum=5), 4)
        stocked(ConsumableFactory(name="Elektrody", minimum=1), 2, expires_on=days(-1))
        stocked(ConsumableFactory(name="Roztok"), 3, expires_on=days(20))
        ConsumableFactory(name="Staré", is_archived=True)

    @pytest.mark.parametrize(
        ("query", "found"),
        [
            ("", {"Obinadlo", "Gáza", "Elektrody", "Roztok"}),
            ("q=gaza", {"Gáza"}),
            ("q=ab-7", {"Obinadlo"}),
            ("state=low", {"Gáza", "Elektrody"}),
            ("state=none", {"Elektrody"}),
            ("state=expiring", {"Roztok"}),
            ("state=expired", {"Elektrody"}),
            ("state=attention", {"Gáza", "Elektrody", "Roztok"}),
            ("state=nonsense&location=x&page=x", {"Obinadlo", "Gáza", "Elektrody", "Roztok"}),
        ],
    )
    def test_filters(self, member, store, query, found):
        answer = browser(member).get(f"{LIST}?{query}")
        assert {state.consumable.name for state in answer.context["rows"]} == found

    def test_by_location(self, member, store):
        place = Lot.objects.get(number="AB-7").location
        answer = browser(member).get(f"{LIST}?location={place.pk}")
        assert [state.consumable.name for state in answer.context["rows"]] == ["Obinadlo"]

    def test_says_in_words_how_each_stands(self, keeper, store):
        shown = page(keeper, LIST)
        for words in ("Dostatek", "Pod minimem", "Došlo", f"Projde {days(20):%d.%m.%Y}", "Prošlé: 2 ks"):
            assert words in shown
        assert "2 materiály jsou pod minimem." in shown

    def test_offers_events_to_those_who_may_write_there(self, member, keeper, event):
        assert "Koncert" in page(member, LIST)
        assert "Koncert" in page(make_coordinator(), LIST)
        for other in (make_member(), make_viewer(), keeper):
            assert "Koncert" not in page(other, LIST)
        for gone in ({"status": Status.DRAFT}, {"is_archived": True}, {"start": NOW - timedelta(days=15)}):
            EventFactory(**{"start": NOW - timedelta(hours=1), **gone})
        assert list(browser(make_admin()).get(LIST).context["events"]) == [event]

    def test_costs_no_more_for_more(self, keeper, store, django_assert_max_num_queries):
        for _number in range(20):
            more = ConsumableFactory(location=LocationFactory())
            for _lot in range(10):
                stocked(more, 1, location=LocationFactory(), expires_on=days(3))
        client = browser(keeper)
        client.get(LIST)
        with django_assert_max_num_queries(12):
            client.get(LIST)

    def test_a_page_behind_the_end_leads_to_the_last(self, member, store):
        answer = browser(member).get(f"{LIST}?q=gaza&page=9")
        assert (answer.status_code, answer.url) == (302, f"{LIST}?q=gaza&page=1")


class TestAttention:
    def test_one_query_for_the_panel(self, kind, django_assert_num_queries):
        for number in range(6):
            ConsumableFactory(name=f"A{number}", minimum=1)
        with django_assert_num_queries(1):
            found = first(TODAY, 3)
        assert ([state.consumable.name for state in found.states], found.has_more) == (["A0", "A1", "A2"], True)

    def test_is_nothing_for_others_and_when_there_is_enough(self, keeper, member, kind):
        assert for_reader(member, NOW) is None
        assert for_reader(keeper, NOW)
        stocked(kind, 10)
        assert for_reader(keeper, NOW) is None

    def test_stands_on_the_dashboard(self, keeper, member, kind):
        assert "Obinadlo" in page(keeper, "/")
        assert "Obinadlo" not in page(member, "/")

    def test_stands_above_the_items_for_whoever_keeps_the_stock(self, keeper, member, kind):
        assert "Obinadlo" in page(keeper, "/equipment/")
        assert "Obinadlo" not in page(member, "/equipment/")


class TestKind:
    def test_lots_in_order_of_use_and_the_ledger(self, keeper, kind, event):
        stocked(kind, 3, number="Pozdější", expires_on=days(30))
        stocked(kind, 3, number="Prošlá", expires_on=days(-3))
        lots.dispose(stocked(kind, 1, number="Prázdná").pk, 1, by=keeper, at=NOW)
        usage.use_on_event(event.pk, [(kind.pk, 1)], note="Odřenina", by=make_coordinator(name="Malá Hana"), at=NOW)
        answers = [browser(keeper).get(f"{LIST}{kind.pk}/{query}") for query in ("", "?lots=all")]
        numbers = [[lot.number for lot in answer.context["lots"]] for answer in answers]
        assert numbers == [["Prošlá", "Pozdější"], ["Prošlá", "Pozdější", "Prázdná"]]
        shown = answers[0].content.decode()
        assert "Malá Hana" in shown
        assert "Odřenina" in shown

    def test_an_event_is_named_only_to_those_who_may_see_it(self, keeper, member, kind, event):
        stocked(kind, 3)
        usage.use_on_event(event.pk, [(kind.pk, 1)], by=member, at=NOW)
        assert "Koncert" in page(member, f"{LIST}{kind.pk}/ledger/")
        hidden = page(keeper, f"{LIST}{kind.pk}/ledger/")
        assert "Koncert" not in hidden
        assert "na akci" in hidden

    def test_who_used_what_is_not_for_viewers(self, member, kind, event):
        stocked(kind, 3)
        usage.use_on_event(event.pk, [(kind.pk, 1)], by=member, at=NOW)
        assert "Novák Jan" in page(member, f"{LIST}{kind.pk}/")
        viewer = make_viewer()
        assert "Novák Jan" not in page(viewer, f"{LIST}{kind.pk}/")
        assert "Novák Jan" not in page(viewer, f"{LIST}event/{event.pk}/")

    def test_costs_no_more_for_more(self, keeper, kind, event, django_assert_max_num_queries):
        for _number in range(12):
            stocked(kind, 3, location=LocationFactory())
            usage.use_on_event(event.pk, [(kind.pk, 1)], by=make_coordinator(), at=NOW)
        client = browser(keeper)
        client.get(LIST)
        for path in (f"{LIST}{kind.pk}/", f"{LIST}{kind.pk}/ledger/"):
            with django_assert_max_num_queries(10):
                client.get(path)


class TestSteps:
    def test_a_kind_is_made_and_changed(self, keeper):
        client = browser(keeper)
        client.post(f"{LIST}new/", {"name": "Gáza", "unit": "ks", "minimum": 5})
        made = Consumable.objects.get()
        form = {"name": "Gáza sterilní", "unit": "ks", "minimum": 7, "version": 1}
        assert client.post(f"{LIST}{made.pk}/edit/", form).url == f"{LIST}{made.pk}/"
        made.refresh_from_db()
        assert (made.name, made.minimum) == ("Gáza sterilní", 7)
        stale = client.post(f"{LIST}{made.pk}/edit/", {**form, "name": "Jiná"})
        assert stale.status_code == 422
        assert "mezitím" in stale.content.decode()
        assert 'name="version" value="2"' in stale.content.decode()

    def test_a_delivery(self, keeper, kind):
        place = LocationFactory()
        form = {"quantity": 5, "number": "L1", "expires_on": days(9).isoformat(), "location": place.pk, "version": 1}
        client = browser(keeper)
        client.post(f"{LIST}{kind.pk}/receive/", form)
        lot = Lot.objects.get()
        assert (lot.quantity, lot.number, lot.expires_on, lot.location) == (5, "L1", days(9), place)
        again = client.post(f"{LIST}{kind.pk}/receive/", form)
        assert (again.status_code, Lot.objects.get().quantity) == (422, 5)

    @pytest.mark.parametrize("bad", ["", "0", "-1", "x", "1.5", "999999", "9" * 400])
    def test_what_is_no_quantity(self, keeper, kind, bad):
        answer = browser(keeper).post(f"{LIST}{kind.pk}/receive/", {"quantity": bad, "version": 1})
        assert answer.status_code == 422
        assert not Lot.objects.exists()

    def test_use_without_an_event(self, keeper, kind):
        first, second = stocked(kind, 5, expires_on=days(5)), stocked(kind, 5)
        client = browser(keeper)
        client.post(f"{LIST}{kind.pk}/use/", {"quantity": 2, "lot": second.pk, "note": "Školení", "version": 1})
        client.post(f"{LIST}{kind.pk}/use/", {"quantity": 2, "version": 2})
        assert [Lot.objects.get(pk=lot.pk).quantity for lot in (first, second)] == [3, 3]
        refused = client.post(f"{LIST}{kind.pk}/use/", {"quantity": 7, "version": 3})
        assert "6 ks" in refused.content.decode()

    def test_counting(self, keeper, kind):
        first, second = stocked(kind, 5), stocked(kind, 5)
        client = browser(keeper)
        assert client.get(f"{LIST}{kind.pk}/count/").status_code == 200
        answer = client.post(f"{LIST}{kind.pk}/count/", {f"lot-{first.pk}": "4", f"lot-{second.pk}": "", "version": 1})
        assert answer.status_code == 302
        assert [Lot.objects.get(pk=lot.pk).quantity for lot in (first, second)] == [4, 5]
        bad = client.post(f"{LIST}{kind.pk}/count/", {f"lot-{first.pk}": "-4", "version": 2})
        assert bad.status_code == 422

    def test_a_lot_is_corrected_moved_and_thrown_away(self, keeper, kind):
        lot, place = stocked(kind, 5), LocationFactory()
        client = browser(keeper)
        client.post(f"{LIST}lots/{lot.pk}/edit/", {"number": "X1", "version": 1})
        client.post(f"{LIST}lots/{lot.pk}/move/", {"location": place.pk, "quantity": 2, "version": 2})
        version = Consumable.objects.get().version
        client.post(f"{LIST}lots/{lot.pk}/dispose/", {"quantity": 3, "version": version})
        assert set(Lot.objects.values_list("number", "quantity")) == {("X1", 0), ("X1", 2)}

    def test_archiving_and_back(self, keeper, kind):
        client = browser(keeper)
        client.post(f"{LIST}{kind.pk}/archive/", {"version": 1})
        assert Consumable.objects.get().is_archived
        assert f"{LIST}{kind.pk}/unarchive/" in page(keeper, f"{LIST}{kind.pk}/")
        client.post(f"{LIST}{kind.pk}/unarchive/", {"version": 2})
        assert not Consumable.objects.get().is_archived

    def test_taking_back(self, member, kind, event):
        stocked(kind, 5)
        (row,) = usage.use_on_event(event.pk, [(kind.pk, 2)], by=member, at=NOW)
        client = browser(member)
        answer = client.post(f"{LIST}movements/{row.pk}/undo/", {"next": f"{LIST}event/{event.pk}/"})
        assert answer.url == f"{LIST}event/{event.pk}/"
        assert Lot.objects.get().quantity == 5
        assert client.post(f"{LIST}movements/999999/undo/").status_code == 404

    @pytest.mark.parametrize("path", ["1/edit", "1/receive", "1/use", "1/count", "lots/1/move", "event/1", "1"])
    def test_what_does_not_exist(self, keeper, path):
        assert browser(keeper).get(f"{LIST}{path}/").status_code == 404


class TestEvent:
    def lines(self, *pairs, total=4, **others):
        form = {"used-TOTAL_FORMS": total, "used-INITIAL_FORMS": 0, "seen": 0, **others}
        for number, (kind, quantity) in enumerate(pairs):
            form |= {f"used-{number}-consumable": kind, f"used-{number}-quantity": quantity}
        return form

    def test_is_recorded_in_one_go_and_listed(self, member, kind, event):
        gloves = ConsumableFactory(name="Rukavice", unit="pár")
        stocked(kind, 5)
        stocked(gloves, 5)
        form = self.lines((kind.pk, 2), ("", ""), (gloves.pk, 1), note="Pád z kola")
        answer = browser(member).post(f"{LIST}event/{event.pk}/", form, follow=True)
        shown = answer.content.decode()
        assert "Zapsáno, děkujeme." in shown
        assert shown.count("Pád z kola") == 2
        assert set(Movement.objects.used_on(event).values_list("quantity", "by")) == {(-2, member.pk), (-1, member.pk)}

    def test_nothing_is_recorded_when_something_is_missing(self, member, kind, event):
        scarce = ConsumableFactory(name="Elektrody", unit="sada")
        stocked(kind, 5)
        stocked(scarce, 1)
        path = f"{LIST}event/{event.pk}/"
        answer = browser(member).post(path, self.lines((kind.pk, 2), (scarce.pk, 2)))
        assert answer.status_code == 422
        assert "1 sada" in answer.content.decode()
        assert 'value="2"' in answer.content.decode()
        assert not Movement.objects.used_on(event).exists()

    @pytest.mark.parametrize(
        "pair", [("kind", ""), ("", "3"), ("kind", "0"), ("kind", "-1"), ("kind", "x"), ("0", "1"), ("x", "1")]
    )
    def test_lines_that_say_half_or_nonsense(self, member, kind, event, pair):
        stocked(kind, 5)
        pair = (kind.pk if pair[0] == "kind" else pair[0], pair[1])
        answer = browser(member).post(f"{LIST}event/{event.pk}/", self.lines(pair))
        assert answer.status_code == 422
        assert not Movement.objects.used_on(event).exists()

    @pytest.mark.parametrize("total", ["", "x", "41", "9999999", "-1"])
    def test_a_damaged_form(self, member, kind, event, total):
        stocked(kind, 5)
        for extra in ({}, {"more": "1"}):
            answer = browser(member).post(f"{LIST}event/{event.pk}/", self.lines(total=total, **extra))
            assert answer.status_code in {200, 422}
        assert not Movement.objects.used_on(event).exists()

    def test_an_empty_form_says_what_to_do(self, member, kind, event):
        answer = browser(member).post(f"{LIST}event/{event.pk}/", self.lines())
        assert "aspoň jeden" in answer.content.decode()

    def test_more_lines_keep_what_was_typed(self, member, kind, event):
        stocked(kind, 5)
        answer = browser(member).post(f"{LIST}event/{event.pk}/", self.lines((kind.pk, 2), more="1", note="Kolo"))
        assert answer.status_code == 200
        assert len(answer.context["lines"].forms) == 8
        shown = answer.content.decode()
        assert 'value="2"' in shown
        assert 'value="Kolo"' in shown
        assert "text-danger" not in shown
        assert not Movement.objects.used_on(event).exists()

    def test_sent_twice_it_is_recorded_once(self, member, kind, event):
        stocked(kind, 5)
        client = browser(member)
        client.post(f"{LIST}event/{event.pk}/", self.lines((kind.pk, 2)))
        again = client.post(f"{LIST}event/{event.pk}/", self.lines((kind.pk, 2)))
        assert again.status_code == 422
        assert Lot.objects.get().quantity == 3

    def test_others_only_read(self, kind, event):
        for other in (make_member(), make_viewer()):
            assert "use-form" not in page(other, f"{LIST}event/{event.pk}/")
            assert browser(other).post(f"{LIST}event/{event.pk}/", self.lines()).status_code == 403

    def test_says_why_nothing_can_be_recorded(self):
        coming = EventFactory(start=NOW + timedelta(days=3))
        shown = page(make_coordinator(), f"{LIST}event/{coming.pk}/")
        assert "ještě nezačala" in shown
        assert "use-form" not in shown

    def test_costs_no_more_for_more(self, member, kind, event, django_assert_max_num_queries):
        for _number in range(12):
            stocked(ConsumableFactory(), 3)
            stocked(kind, 3, location=LocationFactory())
            usage.use_on_event(event.pk, [(kind.pk, 1)], by=make_coordinator(), at=NOW)
        client = browser(member)
        client.get(LIST)
        with django_assert_max_num_queries(11):
            client.get(f"{LIST}event/{event.pk}/")


class TestFiles:
    @pytest.fixture
    def store(self, kind):
        Consumable.objects.filter(pk=kind.pk).update(name="=HYPERLINK(1)")
        stocked(kind, 12, number="+AB", expires_on=days(9), location=LocationFactory(name="Garáž"))
        ConsumableFactory(name="Gáza", minimum=5)

    def test_xlsx_has_real_days_and_no_formulas(self, member, store):
        answer = browser(member).get(f"{LIST}export/xlsx/")
        sheet = load_workbook(BytesIO(answer.content)).active
        rows = {row[0]: row for row in sheet.iter_rows(min_row=2, values_only=True)}
        full, empty = rows["'=HYPERLINK(1)"], rows["Gáza"]
        assert (full[2], full[4], full[5], full[6], full[9]) == (12, "dostatek", "'+AB", "Garáž", 12)
        assert full[7].date() == days(9)
        assert (empty[2], empty[3], empty[4], empty[5], empty[9]) == (0, 5, "došlo", None, 0)

    def test_csv_follows_the_filters(self, member, store):
        answer = browser(member).get(f"{LIST}export/csv/?state=low")
        text = answer.content.decode("utf-8-sig")
        assert "Gáza" in text
        assert "HYPERLINK" not in text
        assert "attachment" in answer.headers["Content-Disposition"]

    def test_costs_no_more_for_more(self, member, store, django_assert_max_num_queries):
        for _number in range(12):
            stocked(ConsumableFactory(), 3, location=LocationFactory())
        client = browser(member)
        client.get(LIST)
        with django_assert_max_num_queries(6):
            client.get(f"{LIST}export/csv/")


class TestBackoffice:
    def test_a_kind_is_made_changed_and_shown_with_its_lots(self):
        client = browser(make_coordinator())
        client.post(f"{BACKOFFICE}add/", {"name": " Gáza ", "unit": "ks", "minimum": 3})
        made = Consumable.objects.get()
        stocked(made, 5, number="L-5")
        form = {"name": "Gáza", "unit": "ks", "minimum": 4, "version": 1}
        client.post(f"{BACKOFFICE}{made.pk}/change/", {**form, "lots-TOTAL_FORMS": 0, "lots-INITIAL_FORMS": 0})
        made.refresh_from_db()
        assert (made.name, made.minimum, made.version) == ("Gáza", 4, 2)
        shown = client.get(f"{BACKOFFICE}{made.pk}/change/").content.decode()
        assert "L-5" in shown
        assert f"{LIST}{made.pk}/receive/" in shown

    def test_steps_and_filters(self, kind):
        client = browser(make_admin())
        full = ConsumableFactory(name="Dost")
        stocked(full, 3)
        client.post(f"{BACKOFFICE}{kind.pk}/step/archive/", {"version": 1})
        client.post(f"{BACKOFFICE}{full.pk}/step/archive/", {"version": 1})
        for query, names in {
            "": ["Dost"],
            "archive=yes": ["Obinadlo"],
            "attention=yes": [],
            "q=dost": ["Dost"],
        }.items():
            answer = client.get(f"{BACKOFFICE}?{query}")
            assert [row.name for row in answer.context["cl"].result_list] == names, query
        client.post(f"{BACKOFFICE}{kind.pk}/step/unarchive/", {"version": 2})
        assert not Consumable.objects.get(pk=kind.pk).is_archived


def test_demo_data_show_everything_and_come_once():
    person = make_member()
    over = EventFactory(status=Status.COMPLETED, start=NOW - timedelta(days=5), end=NOW - timedelta(days=5, hours=-4))
    put(person, PositionFactory(event=over))
    assert demo.build(at=NOW) == len(demo.CONSUMABLES)
    assert demo.build(at=NOW) == 0
    states = first(TODAY, 20).states
    assert {state.level for state in states} == {"none", "low", "enough"}
    assert any(state.expired for state in states)
    assert any(state.is_expiring for state in states)
    assert Movement.objects.used_on(over).count() > 4
    assert not Lot.objects.unbalanced().exists()
