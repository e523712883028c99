"""The shared parts of pages, each alone and without a database."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from events.rules.readiness import Light, Readiness, Reason
from events.rules.staffing import ConditionRow, ConditionStaffing, PositionStaffing


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def component(template: str, /, **context) -> str:
    return render_to_string(f"components/{template}.html", context)


def staffing(mandatory: tuple[int, int], optional: tuple[int, int] = (0, 0)) -> PositionStaffing:
    return PositionStaffing(
        mandatory_filled=mandatory[0],
        mandatory_total=mandatory[1],
        optional_filled=optional[0],
        optional_total=optional[1],
    )


def capacity(count: int, minimum: int, maximum: int, *, led: bool = True) -> ConditionStaffing:
    return ConditionStaffing(count=count, minimum=minimum, maximum=maximum, leader_is_valid=led)


def looks(html: str) -> list[str]:
    """The classes that give the badges their colours."""
    found = [word for word in html.replace('"', " ").split() if word.startswith("badge-")]
    return [word for word in found if word not in ("badge-unit", "badge-words")]


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("draft", "Draft"),
        ("published", "Published"),
        ("open", "Sign-ups open"),
        ("closed", "Sign-ups closed"),
        ("completed", "Completed"),
        ("cancelled", "Cancelled"),
    ],
)
def test_a_status_is_colour_icon_and_word(status, word):
    html = component("status_badge", status=status)
    assert f"badge-{status}" in html
    assert "<svg" in html
    assert word in html


@pytest.mark.parametrize(
    ("crew", "badges"),
    [
        (staffing((1, 3)), ["badge-short"]),
        (staffing((3, 3)), ["badge-full"]),
        (staffing((3, 3), (0, 2)), ["badge-full", "badge-partial"]),
        (staffing((0, 0), (2, 2)), ["badge-full"]),
        (staffing((0, 0)), []),
    ],
)
def test_staffing_has_a_badge_for_each_sort_of_position(crew, badges):
    assert looks(component("staffing_badge", staffing=crew)) == badges


@pytest.mark.parametrize(
    ("crew", "badges", "word"),
    [
        (capacity(2, 2, 4), ["badge-full"], ""),
        (capacity(4, 2, 4), ["badge-full"], ""),
        (capacity(1, 2, 4), ["badge-partial", "badge-short"], "Conditions not met"),
        (capacity(2, 2, 4, led=False), ["badge-partial", "badge-short"], "Conditions not met"),
        (capacity(4, 2, 4, led=False), ["badge-short", "badge-short"], "Capacity filled, conditions not met"),
    ],
)
def test_staffing_by_conditions_has_figures_and_what_is_the_matter(crew, badges, word):
    html = component("staffing_badge", staffing=crew)
    assert looks(html) == badges
    assert word in html
    assert f"{crew.count} / {crew.minimum} / {crew.maximum}" in html
    assert looks(component("staffing_badge", staffing=crew, bare=True)) == badges[:1]


def test_the_figures_say_what_they_are_to_the_mouse_and_to_screen_readers():
    html = component("staffing_badge", staffing=capacity(1, 2, 4))
    assert html.count("Current number of participants / required minimum / maximum capacity") == 2


def test_staffing_in_a_sentence():
    html = component("staffing_badge", staffing=staffing((2, 3)), long=True)
    assert "2/3 mandatory positions filled" in html


def test_the_bar_turns_green_when_the_mandatory_positions_are_filled():
    assert "is-full" in component("staffing_bar", staffing=staffing((3, 3), (0, 1)))
    assert "is-full" not in component("staffing_bar", staffing=staffing((2, 3), (1, 1)))


@pytest.mark.parametrize(
    ("crew", "look"),
    [
        (capacity(2, 2, 4), "is-full"),
        (capacity(1, 2, 4), "is-partial"),
        (ConditionStaffing(4, 2, 4, rows=[ConditionRow(1, "Driver", 1, 0)]), ""),
    ],
)
def test_the_bar_of_a_capacity_has_the_colours_of_its_badge(crew, look):
    html = component("staffing_bar", staffing=crew)
    assert [word for word in ("is-full", "is-partial") if word in html] == ([look] if look else [])


@pytest.mark.parametrize(
    ("light", "word"), [(Light.READY, "Ready"), (Light.ATTENTION, "Attention"), (Light.ALARM, "Urgent")]
)
def test_readiness_is_colour_icon_and_word(light, word):
    html = component("readiness_light", readiness=Readiness(light))
    assert f"light-{light.value}" in html
    assert "<svg" in html
    assert word in html


def test_readiness_in_a_line_gives_the_reasons_and_marks_the_missing_leader():
    found = Readiness(Light.ALARM, [Reason("people", "Two & more"), Reason("leader", "Nobody leads at all", "No RP")])
    html = component("readiness_line", readiness=found)
    assert "Two &amp; more" in html
    assert "No RP" in html
    assert html.count("is-grave") == 1
    assert "No RP" not in component("readiness_line", readiness=found, leader_elsewhere=True)


def test_what_is_not_to_take_place_shows_no_light():
    assert component("readiness_light", readiness=None).strip() == ""
    assert component("readiness_line", readiness=None).strip() == ""


def test_the_bar_needs_positions():
    assert component("staffing_bar", staffing=staffing((0, 0))).strip() == ""


@pytest.mark.parametrize(("paid", "word"), [(True, "Paid"), (False, "Unpaid")])
def test_paid_or_not(paid, word):
    assert word in component("paid_badge", paid=paid)


@pytest.mark.parametrize(("kind", "word"), [("training", "Training"), ("presentation", "Presentation")])
def test_an_unusual_kind_is_named(kind, word):
    assert word in component("kind_badge", kind=kind)


def test_the_ordinary_kind_is_not_named():
    assert component("kind_badge", kind="medical").strip() == ""


def test_the_pager_keeps_the_filters():
    request = RequestFactory().get("/events/", {"status": "open", "page": "3"})
    request.user = AnonymousUser()
    context = {"page_obj": Paginator(range(95), 10).page(3), "of_events": True}
    html = render_to_string("components/pager.html", context, request)
    assert 'href="?status=open&amp;page=4"' in html
    assert "21–30 of 95 events" in " ".join(html.split())


def test_an_empty_list_has_no_pager():
    assert component("pager", page_obj=Paginator([], 10).page(1)).strip() == ""


def test_a_confirmation_names_the_consequence_and_posts():
    html = component("confirm_button", url="/cancel/", label="Cancel the event", consequence="Four people hear of it.")
    assert '<form class="confirm-panel"' in html
    assert 'method="post"' in html
    assert "Four people hear of it." in html
    assert "hx-post" not in html


def test_a_confirmation_can_answer_in_place():
    html = component(
        "confirm_button",
        url="/leave/",
        label="Leave",
        consequence="Your place becomes free.",
        confirm="Leave now",
        name="version",
        value=3,
        hx_target="#crew",
        in_menu=True,
    )
    assert 'hx-post="/leave/" hx-target="#crew"' in html
    assert 'name="version" value="3"' in html
    assert "Leave now" in html


@pytest.mark.parametrize(
    ("level", "look", "role"),
    [(constants.ERROR, "alert-danger", "alert"), (constants.SUCCESS, "alert-success", "status")],
)
def test_a_message_is_announced(level, look, role):
    html = component("messages", messages=[Message(level, "Saved & done")])
    assert look in html
    assert f'role="{role}"' in html
    assert "Saved &amp; done" in html
    assert "hx-swap-oob" not in html


def test_messages_replace_those_of_the_page_that_htmx_leaves_standing():
    assert 'hx-swap-oob="innerHTML"' in component("messages", messages=[], oob=True)


def test_help_opens_without_scripts():
    html = component("help_icon", id="help-rp", text="Why this matters.")
    assert 'popovertarget="help-rp"' in html
    assert 'id="help-rp" popover' in html


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "500"])
def test_error_pages_need_neither_request_nor_context(name):
    html = render_to_string(f"{name}.html")
    assert '<html lang="en"' in html
    assert "<h1>" in html
