"""How much a group of needs asks for, and which template fits."""

from __future__ import annotations

import pytest

from debriefing.need_rules import Kind, Traits, asked_for, best_template, left_to_book, words_of


@pytest.mark.parametrize(
    ("kind", "said", "wanted"),
    [
        (Kind.PEOPLE, [(1, 1), (2, 1), (3, 1)], 1),
        (Kind.PEOPLE, [(1, 1), (2, 3)], 3),
        (Kind.EQUIPMENT, [(1, 1), (1, 2), (2, 2)], 3),
        (Kind.MATERIAL, [(1, 2), (2, 3)], 5),
        (Kind.MATERIAL, [], 0),
        (Kind.PEOPLE, [], 0),
    ],
)
def test_the_same_people_are_missed_by_many_but_material_is_used_by_each(kind, said, wanted):
    assert asked_for(kind, said) == wanted


@pytest.mark.parametrize(("written", "booked", "left"), [(5, 0, 5), (5, 3, 2), (5, 5, 0), (2, 5, 0)])
def test_nothing_is_booked_twice(written, booked, left):
    assert left_to_book(written, booked) == left


def traits(name: str, kind: str = "medical", mode: str = "positions") -> Traits:
    return Traits(kind, mode, words_of(name))


def test_the_template_with_most_words_in_common_is_chosen():
    event = traits("beh stromovkou zavody")
    known = [(1, traits("koncert")), (2, traits("bezecke zavody")), (3, traits("beh stromovkou"))]
    assert best_template(event, known) == 3


def test_the_mode_decides_between_equals_and_then_the_order():
    event = traits("fotbal", mode="conditions")
    assert best_template(event, [(1, traits("beh")), (2, traits("les", mode="conditions"))]) == 2
    assert best_template(event, [(1, traits("beh")), (2, traits("les"))]) == 1


def test_no_template_of_another_type_is_chosen():
    assert best_template(traits("beh"), [(1, traits("beh", kind="training"))]) is None
    assert best_template(traits("beh"), []) is None


def test_short_words_tell_nothing():
    assert words_of("beh do vrchu", "u lesa") == {"beh", "vrchu", "lesa"}
