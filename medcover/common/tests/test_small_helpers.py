"""Tidy text, safe cells, return addresses, phone numbers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from hypothesis import given
from hypothesis import strategies as st

from medcover.common.phones import dialable, is_phone, normalise_phone, phone_in, validate_phone
from medcover.common.redirects import safe_next
from medcover.common.spreadsheet import safe_cell
from medcover.common.text import tidy, tidy_lines


def test_tidy_text_is_one_visible_line() -> None:
    assert tidy("  Pou\u200bť \n\u00a0 Letná\x00 ") == "Pouť Letná"
    assert tidy("C\u030cerny\u0301 \ud800") == "Černý"


def test_tidy_lines_keep_their_breaks() -> None:
    assert tidy_lines("\r\n  Sraz   v 17:00 \r\nu stanu\x00\n\n") == "Sraz v 17:00\nu stanu"


@given(st.text())
def test_tidying_twice_changes_nothing(text: str) -> None:
    assert tidy(tidy(text)) == tidy(text)
    assert tidy_lines(tidy_lines(text)) == tidy_lines(text)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_starts_like_a_formula_is_defused(start: str) -> None:
    assert safe_cell(f"{start}1+1") == f"'{start}1+1"


def test_what_cannot_run_passes_untouched() -> None:
    for value in (-5, Decimal("-1.5"), True, None, date(2026, 1, 1), "Motokros", "'=1", ""):
        assert safe_cell(value) is value or safe_cell(value) == value


def test_hidden_characters_neither_break_the_file_nor_hide_a_formula() -> None:
    assert safe_cell("\x00=1+1") == "'=1+1"


def test_a_translated_sentence_is_text() -> None:
    assert safe_cell(_("-draft")) == "'-draft"


@given(st.text())
def test_a_safe_cell_never_starts_like_a_formula_and_stays_as_it_is(text: str) -> None:
    once = safe_cell(text)
    assert not str(once).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert safe_cell(once) == once


@pytest.mark.parametrize("url", ["/", "/events/", "/events/?page=2&q=pou%C5%A5#row", "/events/?next=//elsewhere"])
def test_paths_of_this_site_are_followed(url: str) -> None:
    assert safe_next("medcover.example", url, "/start/") == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "events/",
        "?page=2",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/events/\r\nSet-Cookie: a=b",
        " /events/",
        "https://evil.example/",
        "https://medcover.example/events/",
        "http:///evil.example",
        "javascript:alert(1)",
        "//[",
        "/\ud800",
    ],
)
def test_everything_else_leads_home(url: str | None) -> None:
    assert safe_next("medcover.example", url, "/start/") == "/start/"


@given(st.text(alphabet="/\\:.@?#[]%ahtps \t\nx") | st.text())
def test_no_address_leads_away(url: str) -> None:
    followed = urljoin("https://medcover.example/login/", safe_next("medcover.example", url, "/start/"))
    assert urlsplit(followed).netloc == "medcover.example"


@pytest.mark.parametrize(
    "text",
    ["777123456", " 777 123 456 ", "+420 777 123 456", "00420777123456", "+4917612345678", "777\u00a0123\u00a0456"],
)
def test_phone_numbers(text: str) -> None:
    assert is_phone(text)
    validate_phone(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "77712345",
        "7771234567",
        "+42077712",
        "+1234567890123456",
        "777-123-456",
        "tel. 777123456",
        "٧٧٧١٢٣٤٥٦",
        "7" + " " * 60 + "77123456",
    ],
)
def test_what_is_no_phone_number(text: str) -> None:
    assert not is_phone(text)
    with pytest.raises(ValidationError):
        validate_phone(text)


def test_a_number_is_stored_as_typed_and_dialled_without_spaces() -> None:
    assert normalise_phone("  +420 777 123 456 ") == "+420 777 123 456"
    assert dialable(" +420 777\u00a0123 456") == "+420777123456"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Karel Novák, 777 123 456", "777123456"),
        ("tel.: +420 777 123 456 (večer)", "+420777123456"),
        ("777123456, 608 111 222", "777123456"),
        ("vrátnice 12, budova 3", ""),
        ("IČO 123456", ""),
        ("", ""),
    ],
)
def test_the_phone_number_inside_a_text(text: str, number: str) -> None:
    assert phone_in(text) == number
