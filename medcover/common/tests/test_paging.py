"""Pages that never error."""

from __future__ import annotations

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from medcover.common.paging import page_number, page_query, slice_of


@pytest.mark.parametrize("text", [None, "", "0", "-3", "abc", "1.5", "٣", "²", "1e3", " "])
def test_what_is_no_page_number_is_the_first_page(text: str | None) -> None:
    assert page_number(text) == 1


def test_page_numbers() -> None:
    assert page_number(" 7 ") == 7
    assert page_number("007") == 7


def test_the_pager_says_from_to_and_of_how_many() -> None:
    second = slice_of(range(160), "2", 75)
    assert (second.first, second.last, second.total, second.number, second.pages) == (76, 150, 160, 2, 3)
    assert not second.past_end


def test_behind_the_end_stands_the_last_page() -> None:
    last = slice_of(range(160), "9" * 10_000, 75)
    assert (last.past_end, last.number, last.first, last.last) == (True, 3, 151, 160)


def test_an_empty_list_has_one_empty_page() -> None:
    empty = slice_of([], None, 75)
    assert (empty.past_end, empty.first, empty.last, empty.total, empty.pages) == (False, 0, 0, 0, 1)


def test_filters_survive_the_change_of_page() -> None:
    params = QueryDict("stav=open&stav=closed&q=pou%C5%A5&page=99", encoding="utf-8")
    assert page_query(params, 3) == "?stav=open&stav=closed&q=pou%C5%A5&page=3"


@given(st.integers(0, 300), st.text() | st.integers().map(str), st.integers(1, 80))
def test_every_page_is_a_page_of_the_list(count: int, asked: str, per_page: int) -> None:
    shown = slice_of(range(count), asked, per_page)
    assert list(shown.page) == list(range(shown.first - 1, shown.last)) if count else not list(shown.page)
    assert 1 <= shown.number <= shown.pages
