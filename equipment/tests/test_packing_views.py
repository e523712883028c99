"""Pages of packing for events, as people use them without scripts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from equipment.models import EquipmentItem, PackedItem, Repair
from equipment.packing_board import OFFERED, board_of
from equipment.tests.factories import EventPlanFactory, ItemFactory, TypeFactory, issued, out_of_service, packed
from events.models import Event
from events.rules.lifecycle import Status
from events.tests.factories import EventFactory, PositionFactory, put
from roster.rights import Role
from roster.tests.factories import UserFactory, make_coordinator, make_member, make_viewer

pytestmark = pytest.mark.django_db

NOW = timezone.now()
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def browser(person) -> Client:
    client = Client()
    client.force_login(person, backend="roster.backends.RoleBackend")
    return client


def address(event, path: str = "") -> str:
    return f"/equipment/packing/{event.pk}/{path}"


def page(person, event, query: str = "") -> str:
    """Return the source of the page, written in one line."""
    answer = browser(person).get(address(event) + query)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def sent(person, event, path: str, **data) -> str:
    """Send a form and return what is said on the page it leads to."""
    answer = browser(person).post(address(event, path), data, follow=True)
    assert answer.status_code == 200
    return " ".join(str(message) for message in answer.context["messages"])


@pytest.fixture
def coordinator():
    return make_coordinator(name="Nováková Jana")


@pytest.fixture
def kind():
    return TypeFactory(name="AED")


@pytest.fixture
def event(kind):
    event = EventFactory(name="Koncert", start=NOW + DAY)
    EventPlanFactory(event=event, type=kind, quantity=3)
    return event


class TestPage:
    def test_tells_what_is_planned_and_packed_and_offers_the_rest(self, coordinator, event, kind):
        packed(event, ItemFactory(name="AED 1", type=kind), taken_by=coordinator)
        packed(event, ItemFactory(name="AED 2", type=kind))
        free, held = ItemFactory(name="AED 3", type=kind), ItemFactory(name="AED 4", type=kind)
        issued(make_member(name="Dvořák Petr"), held)
        elsewhere = packed(EventFactory(), ItemFactory(name="AED 5", type=kind)).item
        broken, other = ItemFactory(name="AED 6", type=kind), ItemFactory(name="Batoh")
        out_of_service(broken, NOW)
        shown = page(coordinator, event)
        assert "2 z 3" in shown
        assert "Z plánu jsou sbaleny 2 položky z 3." in shown
        assert "Nováková Jana" in shown
        assert "Dvořák Petr" in shown
        for item in (free, held):
            assert f'name="item" value="{item.pk}"' in shown
        for item in (elsewhere, broken, other):
            assert f'name="item" value="{item.pk}"' not in shown

    def test_what_is_not_planned_makes_up_for_nothing(self, coordinator, event):
        for _number in range(4):
            packed(event)
        shown = page(coordinator, event)
        assert "Z plánu je sbaleno 0 položek z 3." in shown
        assert shown.count("1 nad plán") == 4

    def test_offers_another_type_when_asked(self, coordinator, event):
        item = ItemFactory(name="Batoh")
        assert f'value="{item.pk}"' in page(coordinator, event, f"?type={item.type_id}")

    def test_offers_so_many_of_a_type_and_says_that_there_are_more(self, coordinator, event, kind):
        for _number in range(OFFERED):
            ItemFactory(type=kind)
        assert "Ostatní sbalte podle kódu" not in page(coordinator, event)
        ItemFactory(type=kind)
        shown = page(coordinator, event)
        assert "Ostatní sbalte podle kódu" in shown
        assert shown.count('type="checkbox" name="item"') == OFFERED

    def test_shows_without_offering_to_whoever_only_looks(self, event, kind, coordinator):
        packed(event, ItemFactory(name="AED 1", type=kind), taken_by=coordinator)
        ItemFactory(type=kind)
        shown = page(make_viewer(), event)
        assert "AED 1" in shown
        assert "Nováková Jana" not in shown
        assert f'action="{address(event)}' not in shown
        assert 'name="code"' not in shown

    def test_only_this_page_may_ask_for_the_camera(self, coordinator, event):
        client = browser(coordinator)
        assert client.get(address(event))["Permissions-Policy"] == "camera=(self), microphone=(), geolocation=()"
        assert client.get("/equipment/")["Permissions-Policy"] == "camera=(), microphone=(), geolocation=()"

    @pytest.mark.parametrize("state", [{"status": Status.CANCELLED}, {"is_archived": True}])
    def test_packs_nothing_for_what_does_not_take_place(self, coordinator, event, kind, state):
        item = ItemFactory(type=kind)
        Event.objects.filter(pk=event.pk).update(**state)
        shown = page(coordinator, event, "?mode=pack")
        assert "nic dalšího se na ni nebalí" in shown
        assert f'value="{item.pk}"' not in shown

    def test_does_not_exist_for_those_who_may_not_see_the_event(self):
        draft = EventFactory(status=Status.DRAFT)
        assert browser(make_viewer()).get(address(draft)).status_code == 404
        assert browser(make_viewer()).post(address(draft, "pack/")).status_code == 404
        assert browser(UserFactory(roles=[Role.TECHNICIAN])).get(address(EventFactory())).status_code == 404

    @pytest.mark.parametrize("query", ["?mode=nonsense", "?type=0", "?type=x&mode=", "?type=99999999999999999999"])
    def test_takes_nonsense_for_nothing(self, coordinator, event, query):
        assert "Balení" in page(coordinator, event, query)

    @pytest.mark.parametrize("query", ["?mode=pack", "?mode=back"])
    def test_costs_no_more_for_more(self, coordinator, event, kind, query, django_assert_max_num_queries):
        for number in range(12):
            packed(event, taken_by=make_member(), outcome="in_order" if number % 2 else "")
            issued(make_member(), ItemFactory(type=kind))
        client = browser(coordinator)
        client.get(address(event) + query)
        with django_assert_max_num_queries(12):
            client.get(address(event) + query)


class TestPacking:
    def test_what_is_ticked(self, coordinator, event):
        good, lost = ItemFactory(name="AED 1"), ItemFactory(name="AED 2", lost_since=NOW)
        said = sent(coordinator, event, "pack/", item=[good.pk, lost.pk])
        assert "Sbaleno: AED 1" in said
        assert "AED 2: Položka je označena za ztracenou" in said
        assert PackedItem.objects.get().taken_by == coordinator

    def test_by_code_and_by_the_address_on_a_label(self, coordinator, event):
        first, second = ItemFactory(name="AED 1"), ItemFactory(name="AED 2")
        assert sent(coordinator, event, "pack/", code=first.code.lower()) == "Sbaleno: AED 1"
        assert sent(coordinator, event, "pack/", code=f"https://x.cz/q/{second.code}") == "Sbaleno: AED 2"

    @pytest.mark.parametrize("data", [{"code": ""}, {"code": "x" * 5000}, {"code": "2" * 16}, {}, {"item": "x"},
                                      {"item": ["0", "-1", "1e9", "9" * 40]}])  # fmt: skip
    def test_nonsense_gets_a_sentence_or_nothing_and_changes_nothing(self, coordinator, event, data):
        sent(coordinator, event, "pack/", **data)
        assert not PackedItem.objects.exists()

    def test_leads_back_to_the_page_as_it_was(self, coordinator, event, kind):
        item = ItemFactory(type=kind)
        answer = browser(coordinator).post(
            address(event, "pack/"), {"item": item.pk, "mode": "pack", "type": kind.pk, "next": "https://evil.example/"}
        )
        assert answer.url == f"/equipment/packing/{event.pk}/?mode=pack&type={kind.pk}"

    def test_by_somebody_of_the_crew(self, event):
        member, item = make_member(), ItemFactory()
        assert browser(member).post(address(event, "pack/"), {"item": item.pk}).status_code == 403
        put(member, PositionFactory(event=event))
        assert "Sbaleno" in sent(member, event, "pack/", item=item.pk)

    def test_a_mistake_is_taken_back(self, coordinator, event):
        row = packed(event)
        assert "už není sbalena" in sent(coordinator, event, f"{row.item_id}/unpack/")
        assert "není pro tuto akci sbalena" in sent(coordinator, event, f"{row.item_id}/unpack/")


class TestBringingBack:
    @pytest.fixture
    def over(self, event):
        Event.objects.filter(pk=event.pk).update(start=NOW - DAY, end=NOW - HOUR)
        event.refresh_from_db()
        return event

    def test_after_the_event_the_page_lists_what_is_not_back(self, coordinator, over):
        packed(over, ItemFactory(name="Vysílačka"))
        packed(over, ItemFactory(name="Ztracený batoh", lost_since=NOW), outcome="missing")
        packed(over, ItemFactory(name="Stan"), outcome="in_order")
        packed(over, ItemFactory(name="Nalezená"), outcome="missing")
        board = board_of(over, NOW, offering=False)
        assert [row.item.name for row in board.out] == ["Vysílačka"]
        assert [row.item.name for row in board.missing] == ["Ztracený batoh"]
        assert sorted(row.item.name for row in board.back) == ["Nalezená", "Stan"]
        shown = page(coordinator, over)
        assert "Nevrátila se 1 položka." in shown
        assert "Mezitím nalezeno" in shown
        assert PackedItem.objects.not_back(NOW).get().item.name == "Vysílačka"

    def test_what_is_ticked_by_code_and_everything(self, coordinator, over):
        rows = [packed(over, ItemFactory(name=f"AED {number}")) for number in range(4)]
        assert sent(coordinator, over, "back/", item=rows[0].item_id) == "Vráceno: AED 0"
        assert sent(coordinator, over, "back/", code=rows[1].item.code) == "Vráceno: AED 1"
        assert sent(coordinator, over, "back/all/") == "Vráceno: AED 2, AED 3"
        assert "Vše je zpět." in page(coordinator, over)

    def test_with_a_fault(self, coordinator, over):
        row = packed(over)
        said = sent(coordinator, over, f"{row.item_id}/back/", outcome="service", note="Praskl zip.")
        assert said.startswith("Vráceno")
        assert Repair.objects.get().description == "Praskl zip."
        assert "Praskl zip." in page(coordinator, over)
        assert "Praskl zip." not in page(make_viewer(), over)

    def test_as_missing(self, coordinator, over):
        row = packed(over)
        assert "chybí" in sent(coordinator, over, f"{row.item_id}/back/", outcome="missing")
        assert EquipmentItem.objects.get().is_lost

    @pytest.mark.parametrize("data", [{}, {"outcome": "x"}, {"outcome": "service", "note": "x" * 2001}])
    def test_nonsense_is_refused_with_the_form(self, coordinator, over, data):
        row = packed(over)
        answer = browser(coordinator).post(address(over, f"{row.item_id}/back/"), data)
        assert answer.status_code == 422
        row.refresh_from_db()
        assert row.returned_at is None

    def test_of_what_is_back_already_nothing_is_asked(self, coordinator, over):
        row = packed(over, outcome="in_order")
        assert "už se vrátila" in sent(coordinator, over, f"{row.item_id}/back/", outcome="missing")
        assert not EquipmentItem.objects.get().is_lost


class TestElsewhere:
    def test_the_code_leads_to_the_item(self, coordinator):
        item = ItemFactory()
        for written in (item.code, item.code.lower()):
            answer = browser(coordinator).get(f"/equipment/code/{written}/")
            assert (answer.status_code, answer.url) == (302, f"/equipment/{item.pk}/")

    @pytest.mark.parametrize("code", ["2" * 16, "AED", "%00", "ß"])
    def test_an_unknown_code_gets_a_sentence(self, coordinator, code):
        answer = browser(coordinator).get(f"/equipment/code/{code}/", follow=True)
        assert answer.status_code == 200
        assert len(list(answer.context["messages"])) == 1

    def test_item_and_list_say_where_it_is(self, coordinator, event):
        item = packed(event, ItemFactory(name="AED 1")).item
        ItemFactory(name="Batoh")
        client = browser(coordinator)
        assert "Na akci Koncert" in client.get(f"/equipment/{item.pk}/").content.decode()
        found = client.get("/equipment/?state=packed")
        assert [state.item.name for state in found.context["rows"]] == ["AED 1"]
        assert "Na akci Koncert" in found.content.decode()

    def test_of_a_hidden_event_nothing_is_said_anywhere(self, coordinator):
        item = packed(EventFactory(name="Tajná", status=Status.DRAFT), ItemFactory(name="AED 1")).item
        for person in (make_viewer(), UserFactory(roles=[Role.TECHNICIAN])):
            client = browser(person)
            assert "Tajná" not in client.get(f"/equipment/{item.pk}/").content.decode()
            assert "Tajná" not in client.get(f"/equipment/{item.pk}/history/").content.decode()
            found = client.get("/equipment/?state=packed")
            assert list(found.context["rows"]) == []
        for path in ("", "history/"):
            assert "Tajná" in browser(coordinator).get(f"/equipment/{item.pk}/{path}").content.decode()

    def test_the_history_of_the_item_tells_where_it_was(self, coordinator, event):
        item = packed(event, outcome="in_order", taken_by=coordinator).item
        shown = browser(coordinator).get(f"/equipment/{item.pk}/history/").content.decode()
        assert "Na akcích" in shown
        assert "V pořádku" in shown
