"""What the public board reads: which items, in which order, how many of them, and by how many statements."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from equipment import status_board
from equipment.models import StorageLocation
from equipment.repairs.rules import Condition
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
    first, second = status_board.sections(NOW, most=8)
    assert names(first) == ["Položka 00", "Položka 01", "Zadní omezená", "Zadní vadná"]
    assert (first.figures.total, first.figures.down, first.figures.degraded, first.figures.operational) == (
        14,
        1,
        1,
        12,
    )
    assert first.left_out == 10
    assert (names(second), second.left_out) == (["Jiná"], 0)


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
