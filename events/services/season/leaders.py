"""Whom a name typed as the responsible person means, and who may be meant while it is being typed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from events.importing.names import NameBook
from events.services.season.forecast import Fate, Forecast
from medcover.common.czech import fold, sort_key
from medcover.common.errors import DomainError
from medcover.common.text import tidy
from roster.models import User

#: So many people are suggested at once.
LIMIT = 20
#: Shorter words say nothing about who is meant.
_TELLING = 3
_WORD = re.compile(r"\w+")
#: Stands before people who get their account by this import.
NEW_MARK = "✨"


@dataclass(frozen=True)
class Leader:
    """A responsible person as an import knows them: an account, or the name by which the season calls somebody."""

    name: str
    account: UUID | None = None


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be chosen; `label` is what is typed to choose them."""

    label: str
    email: str
    leader: Leader
    is_new: bool
    search: str
    """The folded name."""


class Candidates:
    """Active people, and those whom the import creates. One query."""

    def __init__(self, forecast: Forecast) -> None:
        people = sorted((*_newcomers(forecast), *_active()), key=lambda person: sort_key(person.leader.name))
        times = Counter(person.search for person in people)
        self._people = [_told_apart(person) if times[person.search] > 1 else person for person in people]

    def matching(self, text: str) -> list[Candidate]:
        """Return the first people whose name or address has every word of the text."""
        words = fold(_bare(text)).split()
        found = (person for person in self._people if all(word in f"{person.search} {person.email}" for word in words))
        return [person for person, _place in zip(found, range(LIMIT), strict=False)]

    def plausible(self, name: str) -> list[Candidate]:
        """Return people who share a word with a written name, those who share most of them first."""
        words = {word for word in _WORD.findall(fold(name)) if len(word) >= _TELLING}
        shared = [(len(words & set(_WORD.findall(person.search))), person) for person in self._people]
        best = sorted((pair for pair in shared if pair[0]), key=lambda pair: -pair[0])
        return [person for _count, person in best[:LIMIT]]

    def whom(self, text: str) -> Leader:
        """Return whom a typed text means: a label, or a name that one person bears; nobody for an empty text.

        Raises DomainError when it means nobody known, or more than one.
        """
        written = _bare(text)
        if not written:
            return Leader("")
        labelled = [person for person in self._people if fold(_bare(person.label)) == fold(written)]
        if len(labelled) == 1:
            return labelled[0].leader
        match = NameBook((place, person.leader.name) for place, person in enumerate(self._people)).find(written)
        if match.key is not None:
            return self._people[match.key].leader
        if match.ambiguous:
            raise DomainError(_("More than one person is called so; choose one of those that are offered."))
        raise DomainError(_("Neither an active person nor a new one of this import is called so."))


def _bare(text: str) -> str:
    return tidy(text.replace(NEW_MARK, " "))


def _active() -> Iterator[Candidate]:
    for key, name, email in User.objects.active().values_list("pk", "name", "email"):
        yield Candidate(name, email, Leader(name, key), is_new=False, search=fold(name))


def _newcomers(forecast: Forecast) -> Iterable[Candidate]:
    for line in forecast.selected_people:
        if line.fate == Fate.NEW:
            row = line.row
            label = f"{NEW_MARK} {row.name}"
            yield Candidate(label, row.email, Leader(row.gs_name), is_new=True, search=fold(row.name))


def _told_apart(person: Candidate) -> Candidate:
    label = f"{person.label} ({person.email})"
    return Candidate(label, person.email, person.leader, person.is_new, person.search)
