"""The JSON form of a season."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from events.season.reading import payload
from events.season.reading.payload import payload_of, read_payload
from events.season.reading.records import DoubtKind, InvalidRows, SheetEvent, SheetPerson
from events.season.reading.sheet import read_season
from medcover.common.errors import UnreadableSource

SAMPLE = Path(__file__).parents[2] / "fixtures" / "season-sample.xlsx"
EVENT = {"name": "Ples", "date": "2026-10-24", "start_time": "19:00"}


def written(events: list[Any], users: list[Any] | None = None) -> str:
    return json.dumps({"version": 2, "users": users or [], "events": events})


def reasons(text: str) -> list[tuple[int, DoubtKind, str]]:
    with pytest.raises(InvalidRows) as refusal:
        read_payload(text)
    return [(doubt.row, doubt.kind, doubt.value) for doubt in refusal.value.rows]


def test_a_whole_event() -> None:
    entry = {
        "name": "  Ples  hasičů ",
        "date": "2026-10-24",
        "start_time": "19:00",
        "end_time": "03:00",
        "location": " Sokolovna ",
        "contact_person": "p. Vlk",
        "responsible_person": "Malá Hana",
        "description": "Sraz v 18:30\nu vchodu\u0000",
        "paid": True,
        "time_missing": False,
        "cancelled": True,
        "signups": ["Říha Adam", 7, None, "  ", "Hana Malá", "???"],
    }
    season = read_payload(written([entry]))
    assert season.events == (
        SheetEvent(
            row=1,
            name="Ples hasičů",
            day=date(2026, 10, 24),
            start_time=time(19),
            end_time=time(3),
            location="Sokolovna",
            contact_person="p. Vlk",
            responsible_person="Malá Hana",
            description="Sraz v 18:30\nu vchodu",
            paid=True,
            time_missing=False,
            cancelled=True,
            signups=("Říha Adam",),
        ),
    )
    assert [doubt.kind for doubt in season.doubts] == [DoubtKind.PERSON_REPEATED, DoubtKind.PERSON_DROPPED]


def test_what_is_not_given_is_empty_or_false() -> None:
    (event,) = read_payload(json.dumps([{"name": "Ples", "date": "2026-10-24"}])).events
    assert (event.start_time, event.end_time, event.location, event.crew) == (None, None, "", ())
    assert (event.paid, event.cancelled, event.time_missing) == (False, False, True)


def test_version_1_is_a_bare_list() -> None:
    season = read_payload(json.dumps([EVENT]))
    assert [event.name for event in season.events] == ["Ples"]
    assert season.people == ()


def test_bytes_with_a_byte_order_mark() -> None:
    assert len(read_payload(b"\xef\xbb\xbf" + json.dumps([EVENT]).encode()).events) == 1


def test_midnight_is_an_end_like_any_other() -> None:
    (event,) = read_payload(written([EVENT | {"end_time": "00:00"}])).events
    assert event.end_time == time(0)


def test_names_stay_as_they_are() -> None:
    season = read_payload(written([EVENT, EVENT]))
    assert [event.name for event in season.events] == ["Ples", "Ples"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": None}, (DoubtKind.NAME_MISSING, "")),
        ({"name": " "}, (DoubtKind.NAME_MISSING, "")),
        ({"date": None}, (DoubtKind.DATE_MISSING, "")),
        ({"date": "2026-02-30"}, (DoubtKind.DATE_UNREADABLE, "2026-02-30")),
        ({"date": "20261024"}, (DoubtKind.DATE_UNREADABLE, "20261024")),
        ({"date": "24.10.2026"}, (DoubtKind.DATE_UNREADABLE, "24.10.2026")),
        ({"date": "0001-01-01"}, (DoubtKind.DATE_UNREADABLE, "0001-01-01")),
        ({"date": 20261024}, (DoubtKind.TEXT_EXPECTED, "date")),
        ({"start_time": "24:00"}, (DoubtKind.TIME_UNREADABLE, "24:00")),
        ({"end_time": "večer"}, (DoubtKind.TIME_UNREADABLE, "večer")),
        ({"end_time": 3}, (DoubtKind.TEXT_EXPECTED, "end_time")),
        ({"location": ["Praha"]}, (DoubtKind.TEXT_EXPECTED, "location")),
        ({"paid": "ano"}, (DoubtKind.FLAG_EXPECTED, "paid")),
        ({"signups": "Malá Hana"}, (DoubtKind.LIST_EXPECTED, "signups")),
    ],
)
def test_an_invalid_event_refuses_the_whole(change: dict[str, Any], expected: tuple[DoubtKind, str]) -> None:
    found = reasons(written([EVENT, EVENT | change]))
    assert (2, *expected) in found
    assert {row for row, _, _ in found} == {2}


def test_every_invalid_row_is_listed_with_all_its_reasons() -> None:
    assert reasons(written([{}, EVENT, "Ples", EVENT | {"start_time": "x", "paid": 1}])) == [
        (1, DoubtKind.NAME_MISSING, ""),
        (1, DoubtKind.DATE_MISSING, ""),
        (3, DoubtKind.NOT_AN_OBJECT, ""),
        (4, DoubtKind.TIME_UNREADABLE, "x"),
        (4, DoubtKind.FLAG_EXPECTED, "paid"),
    ]


@pytest.mark.parametrize("text", ["", "{", "[1,]", b"\xff\xfe\xfa", "[" * 200_000, "[" + "9" * 5000 + "]"])
def test_no_json(text: str | bytes) -> None:
    with translation.override("en"), pytest.raises(UnreadableSource, match="Invalid JSON"):
        read_payload(text)


@pytest.mark.parametrize(
    "data",
    [
        None,
        "text",
        7,
        {},
        {"version": 1, "events": []},
        {"version": True, "events": []},
        {"version": 2},
        {"version": 2, "events": {}},
        {"version": 2, "events": [], "users": None},
    ],
)
def test_json_of_another_form(data: object) -> None:
    with translation.override("en"), pytest.raises(UnreadableSource, match="Invalid JSON structure"):
        read_payload(json.dumps(data))


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payload, "MAX_ENTRIES", 2)
    with pytest.raises(UnreadableSource):
        read_payload(written([EVENT, EVENT], [{"name": "Malá Hana"}]))
    monkeypatch.setattr(payload, "MAX_CHARACTERS", 10)
    with pytest.raises(UnreadableSource):
        read_payload(written([]))


def test_people() -> None:
    entry = {
        "gs_name": "Malá Hana",
        "name": "Malá Hana ml.",
        "email": " Hana.Mala@Example.org",
        "phone": " +420 777 000 101 ",
        "is_zdravotnik": True,
        "is_ridic": False,
    }
    season = read_payload(written([], [entry, {"name": "Říha Adam", "email": "kdesi", "phone": "doma"}]))
    assert season.people == (
        SheetPerson(
            row=1,
            gs_name="Malá Hana",
            name="Malá Hana ml.",
            email="hana.mala@example.org",
            phone="+420 777 000 101",
            is_medic=True,
            is_driver=False,
        ),
        SheetPerson(row=2, gs_name="Říha Adam", name="Říha Adam", email="", phone="", is_medic=None, is_driver=None),
    )
    assert [doubt.kind for doubt in season.doubts] == [DoubtKind.EMAIL_UNREADABLE, DoubtKind.PHONE_UNREADABLE]


def test_people_that_are_none_are_left_out() -> None:
    season = read_payload(written([EVENT], [{}, "Malá Hana", {"name": "???"}, {"name": "Říha", "is_ridic": "ano"}]))
    assert season.people == ()
    assert [(doubt.row, doubt.kind) for doubt in season.skipped] == [
        (1, DoubtKind.PERSON_NAMELESS),
        (2, DoubtKind.NOT_AN_OBJECT),
        (3, DoubtKind.PERSON_NAMELESS),
        (4, DoubtKind.FLAG_EXPECTED),
    ]
    assert len(season.events) == 1


def test_the_sheet_and_its_json_form_are_one_season() -> None:
    from_sheet = read_season(SAMPLE)
    text = json.dumps(payload_of(from_sheet))
    from_json = read_payload(text)
    assert [replace(event, row=0) for event in from_json.events] == [replace(e, row=0) for e in from_sheet.events]
    assert [replace(person, row=0) for person in from_json.people] == [replace(p, row=0) for p in from_sheet.people]
    assert json.dumps(payload_of(from_json)) == text


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
KEYS = ("name", "date", "start_time", "end_time", "signups", "paid", "description", "email", "phone")
ENTRIES = st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(KEYS, ANYTHING)), max_size=3)


@given(ENTRIES, ENTRIES)
def test_whatever_is_sent_is_read_or_refused(events: list[Any], users: list[Any]) -> None:
    try:
        season = read_payload(written([EVENT | event for event in events], users))
    except UnreadableSource:
        return
    assert len(season.events) == len(events)
    for event in season.events:
        "".join((event.name, event.description, *event.crew)).encode()
