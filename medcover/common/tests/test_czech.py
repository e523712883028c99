"""The Czech order, search folding, numbers and words."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcover.common.czech import decimal, fold, plural, sort_key, weekday_short

IN_ORDER = [
    "",
    "2. kolo",
    "Adamec",
    "Áron",
    "Bílek",
    "Cibulka",
    "Cyrus",
    "Čermák",
    "Černá",
    "Dvořák",
    "Ďurica",
    "Hájek",
    "Horák",
    "Chalupa",
    "Chmel",
    "Ivanová",
    "Novák Jan",
    "Nováková Žaneta",
    "Rys",
    "Řezníček",
    "Svoboda",
    "Šimek",
    "Tichý",
    "Ťoupal",
    "Ústecký",
    "Zeman",
    "Žáková",
    "Жуков",
]


def test_names_stand_in_czech_order() -> None:
    by_code = sorted(IN_ORDER)
    assert by_code != IN_ORDER
    assert sorted(by_code, key=sort_key) == IN_ORDER


def test_ch_is_one_letter_in_any_case() -> None:
    assert sort_key("Hz") < sort_key("CHALUPA") == sort_key("chalupa") == sort_key("cHalupa") < sort_key("Ia")


def test_a_shorter_surname_comes_before_a_longer_one() -> None:
    assert sort_key("Novák Zdeněk") < sort_key("Nováková Anna")


def test_an_accented_letter_is_a_letter_of_its_own() -> None:
    assert sort_key("Hajzl") < sort_key("Hájek")


def test_composed_and_decomposed_text_are_the_same() -> None:
    assert sort_key("Řezníček") == sort_key("R\u030cezni\u0301c\u030cek")


@given(st.text())
def test_a_key_is_digits_only_so_that_every_collation_agrees(text: str) -> None:
    key = sort_key(text)
    assert not key or (key.isascii() and key.isdigit())


@given(st.text(), st.text(alphabet="abcčřzž Z19–?"))
def test_a_text_stands_before_every_text_that_continues_it(text: str, more: str) -> None:
    # "c" and "h" may meet and become another letter, so the join is made by a space.
    assert sort_key(text) <= sort_key(f"{text} {more}")


@given(st.text(), st.text())
def test_equal_keys_mean_equal_letters(left: str, right: str) -> None:
    if sort_key(left) == sort_key(right):
        assert fold(left) == fold(right)


@given(st.text())
def test_case_does_not_matter_to_the_order_of_czech_text(text: str) -> None:
    czech_only = "".join(
        char for char in text.lower() if char in "aábcčdďeéěfghiíjklmnňoópqrřsštťuúůvwxyýzž 0123456789"
    )
    assert sort_key(czech_only) == sort_key(czech_only.upper())


@pytest.mark.parametrize(
    ("typed", "folded"),
    [("  Řezníčková \u00a0 ŽANETA ", "reznickova zaneta"), ("Straße", "strasse"), ("Łódź", "lodz"), ("a\u200bb", "ab")],
)
def test_folding_for_search(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(alphabet=st.characters(codec="latin-1")) | st.text(alphabet="ěščřžýáíéúůďťňĚŠČŘŽ aB"))
def test_folding_ignores_case(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower())


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "—"),
        (Decimal("5.5"), "5,5"),
        (2, "2"),
        (2.0, "2"),
        (0, "0"),
        (10, "10"),
        (0.25, "0,3"),
        (-0.04, "0"),
        (-1.5, "-1,5"),
        (Decimal("1E+2"), "100"),
    ],
)
def test_numbers_have_a_comma_and_no_idle_zeros(value: Decimal | float | None, written: str) -> None:
    assert decimal(value) == written


def test_number_of_places() -> None:
    assert decimal(2, strip=False) == "2,0"
    assert decimal(Decimal("2.345"), 2) == "2,35"
    assert decimal(20, 0) == "20"


@pytest.mark.parametrize(
    ("n", "word"), [(0, "akcí"), (1, "akce"), (2, "akce 2"), (4, "akce 2"), (5, "akcí"), (22, "akcí")]
)
def test_the_word_follows_the_number(n: int, word: str) -> None:
    assert plural(n, "akce", "akce 2", "akcí") == word


def test_weekdays() -> None:
    monday = date(2026, 11, 23)
    days = [weekday_short(monday + timedelta(days=n)) for n in range(7)]
    assert days == ["po", "út", "st", "čt", "pá", "so", "ne"]
