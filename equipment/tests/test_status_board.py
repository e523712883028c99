"""What the public board reads: which items, in which order, how many of them, and by how many statements."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from equipment import status_board
from equipment.models import EquipmentItem, ServiceWindow, StorageLocation
from equipment.repairs.rules import Condition
from equipment.rules import Reason
from equipment.tests.factories import ItemFactory, LocationFactory, make_technician, repair_of

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def names(section) -> list[str]:
    return [line.item.name for line in section.lines]


def test_locations_in_their_order_with_items_by_name():
    LocationFactory(name="Zadní sklad", sort_order=1)
    garage, empty = LocationFactory(name="Garáž", sort_order=2), LocationFactory(name="Auto", sort_order=2)
    ItemFactory(name="Čidlo", location=garage)
    ItemFactory(name="Dlaha", location=garage)
    ItemFactory(name="Cívka", location=garage)
    shown = status_board.sections(NOW)
    assert [section.location.name for section in shown] == ["Zadní sklad", "Auto", "Garáž"]
    assert names(shown[-1]) == ["Cívka", "Čidlo", "Dlaha"]
    assert shown[1].location == empty
    assert (shown[1].figures.total, shown[1].lines) == (0, [])


def test_what_is_not_there():
    garage, gone = LocationFactory(), LocationFactory()
    ItemFactory(location=garage, is_archived=True)
    ItemFactory(location=garage, lost_since=NOW)
    ItemFactory(location=gone)
    StorageLocation.objects.filter(pk=gone.pk).update(is_archived=True)
    assert [section.figures.total for section in status_board.sections(NOW)] == [0]


def test_what_belongs_nowhere_comes_last_and_only_if_there_is_any():
    LocationFactory()
    assert len(status_board.sections(NOW)) == 1
    ItemFactory(name="Ztracenec")
    assert (status_board.sections(NOW)[-1].location, names(status_board.sections(NOW)[-1])) == (None, ["Ztracenec"])


def test_status_comes_from_the_worst_and_oldest_open_repair():
    item = ItemFactory(location=LocationFactory())
    repair_of(item, severity="unsure", description="nejisté", created=NOW - timedelta(days=9))
    repair_of(item, severity="degraded", description="novější", created=NOW, eta=NOW.date())
    repair_of(item, severity="degraded", description="starší", created=NOW - timedelta(days=1))
    repair_of(item, severity="down", description="hotové", status="resolved")
    (line,) = status_board.sections(NOW)[0].lines
    assert (line.condition, line.repair.words, line.repair.eta, line.is_risk) == (
        Condition.DEGRADED, "starší", None, False,
    )  # fmt: skip


def test_a_risk_is_told_whatever_the_colour_but_not_twice():
    place = LocationFactory()
    risky, down = ItemFactory(name="a", location=place), ItemFactory(name="b", location=place)
    repair_of(risky, severity="unsure", is_safety_risk=True)
    repair_of(down, severity="down", is_safety_risk=True)
    first, second = status_board.sections(NOW)[0].lines
    assert (first.is_risk, first.condition) == (True, Condition.DEGRADED)
    assert (second.is_risk, second.condition) == (False, Condition.DOWN)


def test_of_a_long_list_what_is_in_trouble_stays():
    place, other = LocationFactory(name="A"), LocationFactory(name="B")
    for number in range(12):
        ItemFactory(name=f"Položka {number:02d}", location=place)
    ItemFactory(name="Zadní omezená", location=place)
    repair_of(ItemFactory(name="Zadní vadná", location=place), severity="down")
    repair_of(status_board.items_on_board().get(name="Zadní omezená"))
    ItemFactory(name="Jiná", location=other)
    first, second = status_board.sections(NOW, most=5)
    assert names(first) == ["Položka 00", "Položka 01", "Zadní omezená", "Zadní vadná"]
    assert (first.figures.total, first.figures.down, first.figures.degraded, first.figures.operational) == (
        14,
        1,
        1,
        12,
    )
    assert first.left_out == 10
    assert (names(second), second.left_out) == (["Jiná"], 0)


def test_room_that_some_do_not_need_others_get():
    small, large = LocationFactory(name="A"), LocationFactory(name="B")
    ItemFactory(location=small)
    ItemFactory.create_batch(30, location=large)
    assert [len(section.lines) for section in status_board.sections(NOW, most=20)] == [1, 19]


def test_of_a_large_store_a_screen_gets_what_is_in_trouble_and_the_rest_as_figures():
    place = LocationFactory(name="A")
    for number in range(4):
        ItemFactory(name=f"Položka {number}", location=place)
    repair_of(ItemFactory(name="Vadná", location=place), severity="down")
    ItemFactory(name="Prošlá", location=place, expires_on=NOW.date() - timedelta(days=2))
    (all_of_them,) = status_board.sections(NOW, most=6, in_trouble=5)
    assert all_of_them.left_out == 0
    (section,) = status_board.sections(NOW, most=5, in_trouble=5)
    assert (names(section), section.left_out, section.figures.operational) == (["Prošlá", "Vadná"], 4, 4)


class TestHeldBack:
    """What the store hands out to nobody although no repair is open."""

    def line(self):
        (line,) = status_board.sections(NOW)[0].lines
        return line

    @pytest.mark.parametrize(("columns", "reason"), [
        ({"expires_on": NOW.date() - timedelta(days=2)}, Reason.EXPIRED),
        ({"safe_until": NOW.date() - timedelta(days=2)}, Reason.INSPECTION_OVERDUE),
        ({"expires_on": NOW.date() + timedelta(days=1), "safe_until": NOW.date() + timedelta(days=1)}, None),
        ({"inspection_due_on": NOW.date() - timedelta(days=2)}, None),
        ({"service_due": NOW.date() - timedelta(days=2)}, None),
    ])  # fmt: skip
    def test_by_its_days(self, columns, reason):
        item = ItemFactory(location=LocationFactory(), **columns)
        line = self.line()
        assert (line.held_back, line.condition) == (reason, Condition.OPERATIONAL)
        assert EquipmentItem.objects.available_at(NOW).exists() is (reason is None)
        assert status_board.line_by_code(item.code, NOW).held_back is reason

    @pytest.mark.parametrize(("since", "until", "reason"), [
        (-1, None, Reason.IN_SERVICE), (-1, 1, Reason.IN_SERVICE), (0, 1, Reason.IN_SERVICE), (-2, 0, None),
        (1, 2, None),
    ])  # fmt: skip
    def test_by_a_time_out_of_service(self, since, until, reason):
        item = ItemFactory(location=LocationFactory())
        end = None if until is None else NOW + timedelta(hours=until)
        ServiceWindow.objects.create(item=item, since=NOW + timedelta(hours=since), until=end, reason="Osobní údaj")
        assert self.line().held_back is reason
        assert EquipmentItem.objects.available_at(NOW).exists() is (reason is None)

    def test_is_not_said_of_what_must_not_be_used_anyway(self):
        expired = NOW.date() - timedelta(days=2)
        item = ItemFactory(location=LocationFactory(), expires_on=expired)
        row = repair_of(item, severity="degraded")
        assert self.line().held_back_words == "Nevydává se: prošlé"
        type(row).objects.update(is_safety_risk=True)
        assert self.line().held_back_words == ""

    def test_everything_is_counted_once(self):
        expired = NOW.date() - timedelta(days=2)
        place = LocationFactory()
        ItemFactory(location=place)
        ItemFactory(location=place, expires_on=expired)
        repair_of(ItemFactory(location=place, expires_on=expired), severity="degraded")
        repair_of(ItemFactory(location=place, expires_on=expired), severity="down")
        figures = status_board.sections(NOW)[0].figures
        assert figures == status_board.Figures(total=4, down=1, degraded=1, held_back=1)
        assert figures.operational == 1


def test_one_location_alone():
    place = LocationFactory()
    ItemFactory(name="Moje", location=place)
    ItemFactory(name="Cizí", location=LocationFactory())
    (section,) = status_board.sections(NOW, location=place)
    assert names(section) == ["Moje"]


@pytest.mark.parametrize("most", [1000, 6])
def test_costs_the_same_for_more(most, django_assert_num_queries):
    for count in (1, 12):
        for _number in range(count):
            place = LocationFactory()
            repair_of(ItemFactory(location=place), severity="down", assignee=make_technician())
            ItemFactory(location=place)
        with django_assert_num_queries(4):
            status_board.sections(NOW, most=most)


def test_known_issues_are_open_ones_the_newest_first(monkeypatch):
    monkeypatch.setattr(status_board, "MOST_ISSUES", 2)
    item = ItemFactory()
    for days, text in ((3, "c"), (1, "a"), (2, "b"), (4, "d")):
        repair_of(item, description=text, created=NOW - timedelta(days=days))
    repair_of(item, description="hotová", status="resolved")
    repair_of(description="cizí")
    assert [row.description for row in status_board.known_issues(item)] == ["a", "b", "c"]
