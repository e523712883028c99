"""Report of an import: what became of each row, for the person who ran it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from medcover.common.errors import DomainError
from medcover.system import audit

Written = TypeVar("Written")

_KINDS = ("created", "changed", "skipped", "doubtful")


class Part(models.TextChoices):
    """Which part of the season a remark speaks of."""

    EVENTS = "events", _("Events")
    PEOPLE = "people", _("People")
    QUALIFICATIONS = "qualifications", _("Qualifications")


@dataclass(frozen=True)
class Remark:
    """One row with a sentence about it; `row` is the row of the source, None where it has none."""

    part: Part
    row: int | None
    subject: str
    message: str


@dataclass
class SeasonReport:
    """Rows by what became of them, with the reasons.

    A doubtful row may at the same time be a created one. `counts` holds created events by status and the number
    of assignments and of people who were known already.
    """

    created: list[Remark] = field(default_factory=list)
    changed: list[Remark] = field(default_factory=list)
    skipped: list[Remark] = field(default_factory=list)
    doubtful: list[Remark] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def take_over(self, other: SeasonReport) -> None:
        """Add what another report holds."""
        for name in _KINDS:
            getattr(self, name).extend(getattr(other, name))
        self.counts.update(other.counts)

    def as_data(self) -> dict[str, Any]:
        """Return the report as plain data that can be stored."""
        remarks = {name: [asdict(remark) for remark in getattr(self, name)] for name in _KINDS}
        return {**remarks, "counts": dict(self.counts)}

    @classmethod
    def of_data(cls, data: dict[str, Any]) -> SeasonReport:
        """Return the report that `as_data` was asked of."""
        remarks = {name: [Remark(**entry) for entry in data[name]] for name in _KINDS}
        return cls(**remarks, counts=Counter(data["counts"]))

    def count_of(self, kind: str, part: Part) -> int:
        """Return how many remarks of a kind ("created", "changed", "skipped", "doubtful") are about a part."""
        return sum(remark.part == part for remark in getattr(self, kind))

    def sort(self) -> None:
        """Bring the remarks into the order of the source; several about one row stay as they were made."""
        parts = list(Part)
        for remarks in (self.created, self.changed, self.skipped, self.doubtful):
            remarks.sort(key=lambda remark: (parts.index(remark.part), remark.row or 0))


class RowNotes:
    """The notes on one row. They count only when the row was written."""

    def __init__(self, part: Part, row: int | None, subject: str) -> None:
        self._part, self._row, self._subject = part, row, subject
        self.report = SeasonReport()

    def created(self, message: object) -> None:
        """Note that the row is new in the database."""
        self.report.created.append(self._remark(message))

    def changed(self, message: object) -> None:
        """Note what the row changed in the database."""
        self.report.changed.append(self._remark(message))

    def skipped(self, message: object) -> None:
        """Note why the row was left out."""
        self.report.skipped.append(self._remark(message))

    def doubt(self, message: object) -> None:
        """Note what may be otherwise than its author meant."""
        self.report.doubtful.append(self._remark(message))

    def count(self, what: str, by: int = 1) -> None:
        """Add to a total."""
        if by:
            self.report.counts[what] += by

    def naming(self, reason: str) -> str:
        """Return the reason with the row it is about."""
        if self._row is None:
            return f"{self._subject}: {reason}"
        words = {"row": self._row, "name": self._subject, "reason": reason}
        return str(_("Row %(row)d, %(name)s: %(reason)s") % words)

    def _remark(self, message: object) -> Remark:
        return Remark(self._part, self._row, self._subject, str(message))


def write_row(
    report: SeasonReport, notes: RowNotes, write: Callable[[], Written], *, strict: bool = False
) -> Written | None:
    """Write one row in a savepoint of its own and return the result.

    A row that a rule or the database refuses leaves nothing behind but its reason, and the others go on; with
    `strict` it raises DomainError, which names the row.
    """
    try:
        with transaction.atomic(), audit.recorded_together():
            written = write()
    except (DomainError, ValidationError, DataError, IntegrityError) as error:
        if strict:
            raise DomainError(notes.naming(_reason(error))) from error
        notes.report = SeasonReport()
        notes.skipped(_("The row could not be written: %s") % _reason(error))
        written = None
    report.take_over(notes.report)
    return written


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    return str(error).partition("\n")[0]  # the database adds whole rows below
