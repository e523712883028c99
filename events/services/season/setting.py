"""What all rows of one import share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.utils.translation import gettext_lazy as _

from events.importing.records import SheetEvent
from events.models import Event, MasterEvent
from events.services.season.directory import Directory
from events.services.season.qualifications import Demands, Managed
from events.services.season.report import SeasonReport
from roster.models import User


@dataclass(frozen=True)
class Masters:
    """The master events of an import: the one for all events, and those chosen for single ones, by key."""

    default: MasterEvent
    chosen: dict[int, MasterEvent]

    def of(self, row: SheetEvent) -> MasterEvent:
        """Return where an event goes."""
        return self.default if row.master is None else self.chosen.get(row.master, self.default)

    def objections(self, rows: Iterable[SheetEvent]) -> Iterator[str]:
        """Yield why the import as a whole is not possible: an event would go where none may go."""
        if self.default.is_archived:
            yield str(_("The master event is archived."))
        words = _("Row %(row)d, %(name)s: the chosen master event is archived or does not exist any more.")
        for row in rows:
            found = self.default if row.master is None else self.chosen.get(row.master)
            if found is None or (row.master is not None and found.is_archived):
                yield words % {"row": row.row, "name": row.name}


@dataclass(frozen=True)
class Setting:
    """Where rows go, whom names mean, who may lead, where notes are kept, and who imports when.

    `strict`: a row that cannot be written ends the import instead of being reported.
    """

    masters: Masters
    managed: Managed
    demands: Demands
    directory: Directory
    can_lead: Callable[[Event, User], bool]
    report: SeasonReport
    zone: tzinfo
    by: Any
    at: datetime
    strict: bool = False
