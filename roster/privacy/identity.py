"""Identity of a person in texts: names, addresses and numbers, those of former days among them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from medcover.common.czech import fold
from medcover.common.masked_rows import mentioning
from medcover.common.masking import Needle, address_needle, any_of, is_telling, name_needle, orders_of, phone_needle
from medcover.system.models import AuditEntry
from roster.models import User

#: How the record writes "nothing".
_NOTHING = {None, "", "None"}


@dataclass(frozen=True)
class Identity:
    """What the person is or was called by; `shared` is what of it somebody else is called by as well."""

    person_id: Any
    names: frozenset[str]
    addresses: frozenset[str]
    phones: frozenset[str]
    shared: frozenset[str] = frozenset()

    @cached_property
    def own(self) -> Needle:
        """Everything: for texts that are known to be about the person."""
        return self._needle(frozenset())

    @cached_property
    def elsewhere(self) -> Needle:
        """What can mean nobody else."""
        return self._needle(self.ambiguous)

    @property
    def ambiguous(self) -> frozenset[str]:
        """What may mean somebody else: what others are called by as well, and names of one word."""
        return self.shared | {name for name in self.names if not is_telling(name)}

    def _needle(self, but: frozenset[str]) -> Needle:
        return any_of(
            [
                *map(name_needle, self.names - but),
                *map(address_needle, self.addresses - but),
                *map(phone_needle, self.phones - but),
            ]
        )


def identity_of(person: User) -> Identity:
    """Read by what the person is known now, and by the record what they were known by before."""
    names, addresses, phones = (frozenset(_values(person, column)) for column in ("name", "email", "phone"))
    addresses = frozenset(address.lower() for address in addresses)
    return Identity(person.pk, names, addresses, phones, frozenset(_shared(person, names, addresses, phones)))


def _values(person: User, column: str) -> Iterator[str]:
    recorded = AuditEntry.objects.filter(object_pk=str(person.pk), changes__has_key=column)
    for pair in [[getattr(person, column)], *recorded.values_list(f"changes__{column}", flat=True)]:
        yield from (value for value in pair if value not in _NOTHING)


def _shared(person: User, names: frozenset[str], addresses: frozenset[str], phones: frozenset[str]) -> Iterator[str]:
    others = User.objects.exclude(pk=person.pk)
    folded = {name: {fold(order) for order in orders_of(name)} for name in names}
    borne = set(others.filter(name_search__in=set().union(*folded.values())).values_list("name_search", flat=True))
    yield from (name for name, orders in folded.items() if orders & borne)
    yield from others.filter(email__in=addresses).values_list("email", flat=True)
    needles = {phone: phone_needle(phone) for phone in phones}
    found = list(mentioning(others, ["phone"], any_of(needles.values())).values_list("phone", flat=True))
    yield from (phone for phone, needle in needles.items() if any(map(needle.is_in, found)))
