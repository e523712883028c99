"""Whom a typed name means."""

from __future__ import annotations

import pytest

from events.season.importing.corrections import LIMIT, Candidates, Leader
from events.season.importing.forecast import foresee
from events.season.matching.staffing import PlaceChoices
from events.services.masters import ensure_general
from events.tests.seasons import NOW, season, sheet_person
from medcover.common.errors import DomainError
from roster.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def candidates(*people) -> Candidates:
    found = foresee(season(*people), by=None, at=NOW, master=ensure_general(), places=PlaceChoices())
    return Candidates(found)


def labels(found) -> list[str]:
    return [person.label for person in found]


class TestSuggesting:
    def test_active_and_new_people_by_name_whatever_diacritics(self):
        UserFactory(name="Nováková Jana")
        UserFactory(name="Novák Petr", is_active=False)
        found = candidates(sheet_person("Novotný Jan", "jan@example.org"), sheet_person("Nováček Jan"))
        assert labels(found.matching("NOV ja")) == ["Nováková Jana", "✨ Novotný Jan"]
        assert labels(found.matching("jan@")) == ["✨ Novotný Jan"]

    def test_a_list_has_an_end(self):
        UserFactory.create_batch(LIMIT + 5, name="Nováková Jana")
        assert len(candidates().matching("")) == LIMIT
        assert len(candidates().plausible("Nováková")) == LIMIT

    def test_namesakes_are_told_apart(self):
        for name, email in (("Nováková Jana", "a@example.org"), ("Novakova Jana", "b@example.org")):
            UserFactory(name=name, email=email)
        assert sorted(labels(candidates().matching("jana"))) == [
            "Novakova Jana (b@example.org)", "Nováková Jana (a@example.org)",
        ]  # fmt: skip

    def test_whoever_shares_most_words_is_most_plausible(self):
        for name in ("Malá Eva", "Malá Hana", "Veselá Jana"):
            UserFactory(name=name)
        assert labels(candidates().plausible("Hana Mala, ml.")) == ["Malá Hana", "Malá Eva"]
        assert candidates().plausible("") == []


class TestMeaning:
    def test_a_name_in_any_spelling(self):
        hana = UserFactory(name="Malá Hana")
        for typed in ("Malá Hana", "malá hana", "Hana Malá", " Malá  Hana ", "mala hana"):
            assert candidates().whom(typed) == Leader("Malá Hana", hana.pk)

    def test_a_suggestion_of_somebody_new(self):
        found = candidates(sheet_person("Malá Hana", "hana@example.org", gs_name="Hanka M."))
        assert found.whom("✨ Malá Hana") == Leader("Hanka M.")

    def test_one_of_two_namesakes_by_the_address(self):
        first, second = (UserFactory(name="Malá Hana", email=f"{n}@example.org") for n in "ab")
        assert candidates().whom("Malá Hana (b@example.org)") == Leader("Malá Hana", second.pk)
        with pytest.raises(DomainError):
            candidates().whom("Malá Hana")
        assert first.pk != second.pk

    def test_nobody(self):
        assert candidates().whom("  ") == Leader("")

    def test_neither_whoever_has_left_nor_a_stranger(self):
        UserFactory(name="Malá Hana", is_active=False, is_archived=True)
        for typed in ("Malá Hana", "Kdo Ví"):
            with pytest.raises(DomainError):
                candidates().whom(typed)
