"""Joining an event staffed by conditions: one more person may, unless the free seats are kept for those still missing.

Pure. A person's qualifications never matter as such; what matters is whether the conditions could still be met
with the seats that would remain.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from django.utils.translation import gettext as _

from events.rules.coverage import Coverage, Demand, Held, Hierarchy, cover


@dataclass(frozen=True)
class Seats:
    """People missing for the conditions, and seats still free."""

    deficit: int
    free: int

    @property
    def is_reachable(self) -> bool:
        """The conditions can still be met with the free seats."""
        return self.deficit <= self.free


@dataclass(frozen=True)
class Crew:
    """The people on an event, as what each of them holds on its day, what is demanded of them, and how many fit."""

    demands: Sequence[Demand]
    people: Sequence[Held]
    maximum: int
    hierarchy: Hierarchy
    names: Mapping[int, str] = field(default_factory=dict)  # of the demanded qualifications
    #: Seats held by open offers: key of the person, as text → what they hold. Nobody knows yet who will accept, so
    #: these people cover nothing, but their seats are not free.
    promised: Mapping[str, Held] = field(default_factory=dict)

    def coverage(self) -> Coverage:
        """Return how far the people cover the demands; worked out once."""
        return self._coverage

    @cached_property
    def _coverage(self) -> Coverage:
        return cover(self.demands, self.people, self.hierarchy)

    @property
    def free(self) -> int:
        """Seats that nobody has and that are held for nobody."""
        return self.maximum - len(self.people) - len(self.promised)

    def seats(self) -> Seats:
        """Return what is missing and what is free."""
        return Seats(self.coverage().deficit, self.free)

    def joined_by(self, held: Held) -> Crew:
        """Return the crew with one more person."""
        return replace(self, people=[*self.people, held])

    def promising(self, person: object, held: Held) -> Crew:
        """Return the crew with one more seat held."""
        return replace(self, promised={**self.promised, str(person): held})

    def without_promises(self) -> Crew:
        """Return the crew as if no seat were held; what a promised person and whoever may assign over offers meet."""
        return replace(self, promised={})

    def met_by(self, person: object) -> Crew:
        """Return the crew that this person meets: their own promise was made by the rules and is not made again."""
        return self.without_promises() if str(person) in self.promised else self

    @property
    def is_full(self) -> bool:
        """No seat is free."""
        return self.free <= 0

    def may_be_joined_by(self, held: Held) -> bool:
        """Say whether somebody who holds `held` may take a seat."""
        if self.is_full:
            return False
        # One more person never covers less, so the rest is only asked where seats are scarce.
        if self.coverage().deficit < self.free:
            return True
        return may_join(self.seats_at_best(), self.joined_by(held).seats())

    def seats_at_best(self) -> Seats:
        """Return the seats as they would be if all promised people came, where that makes the plan reachable.

        Held seats alone must not make it look lost: then anybody would be let in who covers anything.
        """
        expected = self._with_promised_people().seats()
        return expected if expected.is_reachable else self.seats()

    def _with_promised_people(self) -> Crew:
        if not self.promised:
            return self
        return replace(self, people=[*self.people, *self.promised.values()], promised={})

    def is_helped_by(self, held: Held) -> bool:
        """Say whether somebody who holds `held` would cover a condition that nobody there or promised a seat covers."""
        if self.is_full:
            return False
        expected = self._with_promised_people()
        if not expected.coverage().deficit:
            return False
        return expected.joined_by(held).coverage().covered > expected.coverage().covered

    def may_pass(self, leaving: Held, joining: Held) -> bool:
        """Say whether somebody may take over the seat of somebody else: the plan stays reachable, or gets no worse."""
        others = list(self.people)
        others.remove(leaving)
        after = replace(self, people=[*others, joining]).seats()
        return after.is_reachable or after.deficit <= self.seats().deficit


def reservation(crew: Crew, held: Held) -> str:
    """Return, in words, for whom the remaining seats are kept; empty when somebody who holds `held` may have one.

    Names what is missing, how many seats would remain and how many of them are needed.
    """
    after = crew.joined_by(held).seats()
    if may_join(crew.seats_at_best(), after):
        return ""
    missing = [row for row in crew.coverage().rows if row.deficit]
    listed = ", ".join(f"{crew.names.get(row.demand.qualification, '?')} ×{row.deficit}" for row in missing)
    return _(
        "The remaining seats are reserved for missing qualifications (%(missing)s). "
        "Seats that would remain: %(free)d, needed: %(needed)d."
    ) % {"missing": listed, "free": after.free, "needed": after.deficit}


@dataclass(frozen=True)
class Welcome:
    """How much one more person is wanted on an event: qualifications they would cover, the lead, or a refusal."""

    covers: Sequence[str] = ()
    would_lead: bool = False
    refusal: str = ""

    @property
    def rank(self) -> int:
        """Sort key: those who help come first, those who cannot join last."""
        if self.refusal:
            return 2
        return 0 if self.covers or self.would_lead else 1


def welcome(crew: Crew, held: Held, *, would_lead: bool = False) -> Welcome:
    """Return how much somebody who holds `held` is wanted; `would_lead` says that they could lead and nobody does."""
    if crew.is_full:
        return Welcome(refusal=_("The maximum capacity of the event has been reached."))
    refusal = reservation(crew, held)
    return Welcome(refusal=refusal) if refusal else Welcome(_newly_covered(crew, held), would_lead)


def _newly_covered(crew: Crew, held: Held) -> list[str]:
    """Names of the conditions that one more person would bring nearer."""
    before, after = crew.coverage().rows, crew.joined_by(held).coverage().rows
    pairs = zip(before, after, strict=True)
    return [crew.names.get(old.demand.qualification, "?") for old, new in pairs if new.covered > old.covered]


def may_join(before: Seats, after: Seats) -> bool:
    """Say whether a seat may be taken: the plan stays reachable, or was not and gets nearer."""
    return after.is_reachable or (not before.is_reachable and after.deficit < before.deficit)
