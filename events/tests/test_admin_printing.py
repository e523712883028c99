"""Printing selected events from the backoffice."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from credentials.tests.factories import QualificationFactory
from events.rules.lifecycle import Status
from events.tests.factories import EVENING, EventFactory
from events.tests.pages import inline_parts, logged_in
from events.tests.stories import able, make_capacity_event, place
from medcover.backoffice.tests.pages import told
from reports import printouts
from roster.tests.factories import make_coordinator

pytestmark = pytest.mark.django_db

LIST, PRINT = "/admin/events/event/", reverse("admin:events_event_print")


@pytest.fixture
def coordinator():
    return logged_in(make_coordinator())


def select(client, events, **more):
    chosen = {"_selected_action": [event.pk for event in events], "action": "print", "index": "0"}
    return client.post(f"{LIST}?time=all&archive=all", {**chosen, **more})


def printed(answer) -> list[str]:
    sheet = load_workbook(BytesIO(answer.content))["Přehled"]
    return [row[1] for row in sheet.iter_rows(min_row=4, values_only=True)]


def test_gives_the_selected_events_in_order(coordinator):
    later, sooner = EventFactory(name="B", start=EVENING + timedelta(days=2)), EventFactory(name="A")
    EventFactory(name="C")
    answer = select(coordinator, [later, sooner])
    assert printed(answer) == ["A", "B"]
    subtitle = load_workbook(BytesIO(answer.content))["Přehled"]["A2"].value
    assert subtitle == "Období: 15.05.2027 – 17.05.2027"


def test_of_an_event_staffed_by_conditions(coordinator):
    medic = QualificationFactory(can_lead=True)
    event = make_capacity_event({medic: 1})
    place(event, able(medic))
    book = load_workbook(BytesIO(select(coordinator, [event]).content))
    assert "Podmínky" in book.sheetnames


def test_says_what_it_leaves_out_before_it_gives_the_rest(coordinator):
    events = [EventFactory(name="A"), EventFactory(name="Návrh", status=Status.DRAFT),
              EventFactory(name="Pryč", is_archived=True)]  # fmt: skip
    answer = select(coordinator, events)
    assert inline_parts(answer) == []
    assert answer.context["count"] == 1
    assert [(name[-5:].strip(), reason) for name, reason in answer.context["left_out"]] == [
        ("Návrh", "Koncept"), ("Pryč", "Archivováno"),
    ]  # fmt: skip
    assert printed(coordinator.post(answer.context["url"], {"ids": answer.context["ids"]})) == ["A"]


def test_with_nothing_left_it_says_so(coordinator):
    answer = select(coordinator, [EventFactory(status=Status.DRAFT)])
    assert answer.status_code == 302
    assert "nelze zahrnout do sestavy" in told(answer)[0]


def test_not_too_many_at_once(coordinator, monkeypatch):
    monkeypatch.setattr(printouts, "MOST_EVENTS", 1)
    monkeypatch.setattr("reports.printouts.workbook.MOST_EVENTS", 1)
    assert told(select(coordinator, [EventFactory(), EventFactory()]))


def test_takes_all_pages_when_asked_to(coordinator):
    first, *_rest = [EventFactory(name=name) for name in "AB"]
    assert sorted(printed(select(coordinator, [first], select_across="1"))) == ["A", "B"]


def test_odd_requests_are_answered(coordinator):
    assert coordinator.get(PRINT).url == LIST
    assert coordinator.post(PRINT, {"ids": "999999"}).url == LIST
    assert coordinator.post(PRINT, {"ids": "x"}).status_code == 400


def test_costs_the_same_for_many(coordinator, django_assert_max_num_queries):
    events = [EventFactory() for _n in range(12)]
    select(coordinator, events[:2])
    with django_assert_max_num_queries(25) as few:
        select(coordinator, events[:2])
    with django_assert_max_num_queries(len(few)):
        select(coordinator, events)
