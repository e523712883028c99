"""Who could lead an event after an import that has not happened; the rule itself is `querysets.people_able_to_lead`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import timezone

from credentials.models import Holding, Qualification
from events.models import Event
from events.services.season.recognition import Change
from medcover.common.intervals import local_day
from roster.models import User
from roster.rights import Role, permissions_of


@dataclass
class Abilities:
    """Who holds what, as it would be after the import; read once for everybody."""

    held: dict[Any, dict[int, tuple[bool, date | None]]] = field(default_factory=lambda: defaultdict(dict))
    """Person → qualification → whether it makes able to lead, last valid day."""
    members: set[Any] = field(default_factory=set)
    """Who may sign up for events."""

    def __post_init__(self) -> None:
        held = Holding.objects.living().values_list("person", "qualification", "qualification__can_lead", "valid_until")
        for person, qualification, can_lead, until in held:
            self.held[person][qualification] = (can_lead, until)
        self.members |= set(User.objects.holding_permission("events.assign_own").values_list("pk", flat=True))

    def change(self, person: User, changes: Sequence[Change]) -> None:
        """Note what the person is given and loses; a qualification still to be created is nobody's yet."""
        for qualification, holds in changes:
            if holds:
                self.held[person.pk][_key(qualification)] = (qualification.can_lead, None)
            else:
                self.held[person.pk].pop(_key(qualification), None)

    def welcome(self, person: User) -> None:
        """Note that a new person, unless put away, is a member."""
        if person.is_active and "events.assign_own" in permissions_of(Role.MEMBER):
            self.members.add(person.pk)

    def can_lead(self, event: Event, person: User) -> bool:
        """Say whether the person could be responsible for the event on its day."""
        day = local_day(event.start, timezone.get_current_timezone())
        leading = (until for leads, until in self.held[person.pk].values() if leads)
        return person.pk in self.members and any(until is None or day <= until for until in leading)


def _key(qualification: Qualification) -> int:
    """Return a key also for one that is not stored: no other stored one has it."""
    return qualification.pk or -id(qualification)
