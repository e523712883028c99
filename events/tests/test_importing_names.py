"""Finding written names among known people."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.season.reading.people import Closeness, Match, NameBook, is_name, match_name, person_key

KNOWN = [(1, "Nováková Lucie"), (2, "Martin Jan"), (3, "Jan Martin"), (4, "Svoboda Petr"), (5, "svoboda petr")]
words = st.text(alphabet="abčdřž", min_size=1, max_size=6)
names = st.builds(lambda surname, first: f"{surname.title()} {first.title()}", words, words)


@pytest.mark.parametrize(
    ("written", "key", "closeness"),
    [
        ("Nováková Lucie", 1, Closeness.EXACT),
        ("  Nováková \u00a0Lucie ", 1, Closeness.EXACT),
        ("Nova\u0301kova\u0301 Lucie", 1, Closeness.EXACT),
        ("nováková LUCIE", 1, Closeness.ANY_CASE),
        ("Lucie Nováková", 1, Closeness.REVERSED),
        ("lucie nováková", 1, Closeness.REVERSED_ANY_CASE),
        ("Jan Martin", 3, Closeness.EXACT),
        ("svoboda petr", 5, Closeness.EXACT),
    ],
)
def test_the_closest_spelling_decides(written: str, key: int, closeness: Closeness) -> None:
    match = match_name(written, KNOWN)
    assert (match.key, match.closeness) == (key, closeness)
    assert match.found
    assert match.approximate == (closeness is not Closeness.EXACT)


@pytest.mark.parametrize("written", ["", "Nováková", "Novakova Lucie", "Nováková Lucie ml.", "???"])
def test_nobody(written: str) -> None:
    assert match_name(written, KNOWN) == Match()


def test_two_people_of_one_name_are_reported_and_none_is_chosen() -> None:
    match = match_name("SVOBODA PETR", KNOWN)
    assert match.ambiguous
    assert match.rivals == (4, 5)
    assert not match.found
    assert not match.approximate


def test_one_person_entered_twice_is_no_rival_of_itself() -> None:
    assert match_name("Malá Hana", [("a", "Malá Hana"), ("a", "Malá Hana")]).key == "a"


@given(st.lists(names, unique_by=str.casefold, min_size=1), st.data())
def test_a_known_name_is_found_exactly(known: list[str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(known))
    assert NameBook((name, name) for name in known).find(name) == Match(name, Closeness.EXACT)


@given(names, st.booleans(), st.booleans())
def test_every_accepted_spelling_has_the_same_key(name: str, swap: bool, shout: bool) -> None:
    written = " ".join(reversed(name.split())) if swap else name
    written = written.upper() if shout else written
    assert match_name(written, [(1, name)]).found
    assert person_key(written) == person_key(name)


@given(st.text())
def test_no_text_breaks_the_search(text: str) -> None:
    match_name(text, [(1, text)])
    person_key(text)


def test_what_can_be_a_name() -> None:
    assert is_name("Ó")
    assert not any(is_name(text) for text in ("", "-", "???", "777", "…"))
