"""Icons, moments and numbers on pages."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.utils import timezone, translation
from django.utils.safestring import mark_safe

START = datetime(2026, 11, 26, 19, 0, tzinfo=UTC)
END = datetime(2026, 11, 27, 0, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _prague():
    with timezone.override(ZoneInfo("Europe/Prague")), translation.override("cs"):
        yield


def render(source: str, **context) -> str:
    return Template("{% load medcover %}" + source).render(Context(context))


def test_an_icon_without_a_label_is_hidden_from_screen_readers():
    html = render('{% icon "house" %}')
    assert 'aria-hidden="true"' in html
    assert "build/icons.svg#house" in html


def test_an_icon_with_a_label_says_it():
    html = render('{% icon "house" label %}', label="<Přehled>")
    assert 'role="img" aria-label="&lt;Přehled&gt;"' in html
    assert "aria-hidden" not in html


def test_a_label_is_escaped_even_where_the_same_text_was_safe_before():
    safe = render('{% icon "house" label %}', label=mark_safe("<b>Doma</b>"))
    unsafe = render('{% icon "house" label %}', label="<b>Doma</b>")
    assert "<b>" in safe
    assert "<b>" not in unsafe


@pytest.mark.parametrize(("moment", "shown"), [(START, "26.11.2026 20:00"), (None, "—")])
def test_a_moment_is_written_in_the_zone_of_the_site(moment, shown):
    assert render("{{ moment|local_datetime }}", moment=moment) == shown


@pytest.mark.parametrize(("style", "shown"), [(1, "čt 20:00 (5,5 h)"), (2, "čt 20:00–01:30")])
def test_the_time_of_an_event_follows_the_readers_choice(style, shown):
    request = SimpleNamespace(user=SimpleNamespace(event_time_format=style))
    assert render("{% event_time start end %}", start=START, end=END, request=request) == shown


def test_the_time_of_an_event_needs_no_reader():
    assert render("{% event_time start end %}", start=START, end=END) == "čt 20:00 (5,5 h)"


@pytest.mark.parametrize(
    ("language", "number", "shown"),
    [("cs", Decimal("5.50"), "5,5"), ("en", 5.5, "5.5"), ("cs", 2, "2"), ("cs", None, "—")],
)
def test_a_number_is_written_in_the_readers_language(language, number, shown):
    with translation.override(language):
        assert render("{{ number|decimal }}", number=number) == shown


def test_a_long_list_shows_its_ends_and_the_neighbours_of_the_page():
    page = Paginator(range(100), 10).page(5)
    assert render("{% for n in page|page_numbers %}{{ n }} {% endfor %}", page=page) == "1 … 4 5 6 … 10 "
