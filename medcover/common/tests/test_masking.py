"""Recognising people in texts; that PostgreSQL agrees is shown beside the audit record."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medcover.common.masking import Mask, Needle, address_needle, any_of, is_telling, name_needle, phone_needle

NAME = "Nováková Jana"


def finds(needle: Needle, text: str) -> bool:
    """Whether the needle stands in the text; if so, the rough look finds it as well, in JSON too."""
    if needle.is_in(text):
        assert re.search(needle.rough, text)
        assert re.search(needle.rough, json.dumps(text, ensure_ascii=False))
    return needle.is_in(text)


class TestNames:
    @pytest.mark.parametrize(
        "text",
        [
            "Nováková Jana",
            "Jana Nováková",
            "NOVÁKOVÁ JANA",
            "jana novakova",
            "Přihlášena: Nováková Jana.",
            "(Nováková, Jana)",
            "Nováková\u00a0Jana",
            "Nováková\n  Jana",
            "Nováková Jana – Koncert",
            "MUDr. Nováková Jana, tel.",
        ],
    )
    def test_are_found_however_they_are_written(self, text):
        assert finds(name_needle(NAME), text)

    @pytest.mark.parametrize(
        "text",
        [
            "Nováková",
            "Nováková Janatová",
            "Starnováková Jana",
            "Bílá-Nováková Jana",
            "Jana Nováková-Bílá",
            "Nováková a Jana",
            "Novák Jana",
        ],
    )
    def test_parts_of_other_names_are_left_alone(self, text):
        assert not finds(name_needle(NAME), text)

    def test_titles_do_not_matter(self):
        pattern = name_needle("MUDr. Nováková Jana, Ph.D.")
        assert finds(pattern, "Jana Nováková")
        assert Mask(pattern, "×").text("MUDr. Nováková Jana, Ph.D.") == "×"

    def test_a_title_alone_makes_no_word_of_everybody_a_name(self):
        assert not finds(name_needle("Bc. Jana"), "Jana")

    def test_a_name_without_diacritics_does_not_match_one_with_them(self):
        assert not finds(name_needle("Novak Jan"), "Novák Jan")

    def test_signs_of_patterns_are_signs(self):
        pattern = name_needle('O\'Brien (Jan) [x]* "Honza"')
        assert finds(pattern, 'O\'Brien (Jan) [x]* "Honza"')
        assert not finds(pattern, "O'Brien Jan x Honza")

    @pytest.mark.parametrize(
        "name", ["MUDr. Li Bo", "O'Brien Pat", 'Novák "Honza" Jan', "Ž Š", "\\ /", "Novák Jan, Ph.D.", "Ng. Ph."]
    )
    def test_the_rough_look_misses_none(self, name):
        needle = name_needle(name)
        without_titles = " ".join(word for word in name.replace(",", "").split() if "." not in word) or name
        for text in (name, name.upper(), without_titles, " ".join(reversed(name.split()))):
            assert finds(needle, f"x {text} y")

    @pytest.mark.parametrize("address", ["petr@example.org", '"a b"@example.org', "x@y.cz"])
    def test_the_rough_look_misses_no_address(self, address):
        assert finds(address_needle(address), f"<{address}>")

    def test_without_anything_to_look_for_roughly_everything_is_looked_at(self):
        assert any_of([name_needle("Nováková Jana"), name_needle("\\ /")]).rough == ""

    def test_of_four_words_are_moved_round_but_not_shuffled(self):
        pattern = name_needle("Nejedlá Kateřina Alžběta Marie")
        assert finds(pattern, "Kateřina Alžběta Marie Nejedlá")
        assert not finds(pattern, "Marie Kateřina Nejedlá Alžběta")

    @pytest.mark.parametrize(("name", "telling"), [("Jana", False), (NAME, True), ("Bc. Jana", True), ("", False)])
    def test_one_word_is_not_telling(self, name, telling):
        assert is_telling(name) == telling


class TestAddresses:
    @pytest.mark.parametrize("text", ["petr@example.org", "<Petr@Example.ORG>", "Pište na petr@example.org."])
    def test_are_found(self, text):
        assert finds(address_needle("petr@example.org"), text)

    @pytest.mark.parametrize(
        "text", ["jpetr@example.org", "j.petr@example.org", "petr@example.org.uk", "petr@examplexorg"]
    )
    def test_others_are_left_alone(self, text):
        assert not finds(address_needle("petr@example.org"), text)


class TestPhones:
    @pytest.mark.parametrize("stored", ["601234567", "601 234 567", "+420 601 234 567", "00420601234567"])
    @pytest.mark.parametrize(
        "written", ["601234567", "601 234 567", "+420601234567", "00420 601 234 567", "601-234-567"]
    )
    def test_are_found_however_they_are_written(self, stored, written):
        assert Mask(phone_needle(stored), "×").text(f"tel. {written}, večer") == "tel. ×, večer"

    @pytest.mark.parametrize("text", ["1601234567", "6012345678", "601 234 568", "601 234"])
    def test_others_are_left_alone(self, text):
        assert not finds(phone_needle("601234567"), text)

    def test_of_other_countries_need_their_prefix(self):
        pattern = phone_needle("+421 905 123 456")
        assert finds(pattern, "00421 905 123 456")
        assert not finds(pattern, "421905123456")


class TestMask:
    def test_nothing_to_look_for_matches_nothing(self):
        assert (name_needle(""), address_needle(""), phone_needle(""), any_of([Needle()])) == (Needle(),) * 4
        assert not Needle()
        assert Mask(Needle(), "×").text("cokoli") == "cokoli"

    def test_reaches_every_text_of_a_json_value_and_no_key(self):
        mask = Mask(name_needle(NAME), "×")
        value = {"Nováková Jana": ["Nováková Jana", 1, None, True, {"kdo": "s: Jana Nováková"}]}
        assert mask.json(value) == {"Nováková Jana": ["×", 1, None, True, {"kdo": "s: ×"}]}

    def test_the_longest_match_goes_first(self):
        pattern = any_of([name_needle("Nováková Jana"), name_needle("Nováková Jana Marie")])
        assert Mask(pattern, "×").text("Nováková Jana Marie") == "×"

    @given(
        st.text(max_size=20),
        st.text(max_size=20),
        st.from_regex(r"[A-ZÁČĎŽ][a-zěščřžů]{1,8} [A-ZŠ][a-zí]{1,8}", fullmatch=True),
    )
    def test_no_name_survives_between_signs(self, before, after, name):
        text = f"{before} {name}, {after}"
        assert finds(name_needle(name), text)
        assert name.lower() not in Mask(name_needle(name), "").text(text).lower()
