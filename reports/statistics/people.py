"""People in a year: hours of each, and who has stayed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Func, Q, Window
from django.db.models.enums import TextChoices
from django.utils.translation import pgettext_lazy

from medcover.common.prepared import UUID, prepared
from reports import hours, selection
from reports.selection import Period, written, year_of
from roster.models import User

#: People on a page; the rows of the first one, which everybody opens, and of all pages.
PER_PAGE = 25
FIRST, EVERYBODY = slice(0, PER_PAGE), slice(None)


class Standing(TextChoices):
    """What somebody served in a year and in the year before says of them."""

    KEPT = "kept", pgettext_lazy("people", "Served last year, too")
    NEW = "new", pgettext_lazy("people", "Did not serve last year")
    LEFT = "left", pgettext_lazy("people", "Served last year only")


#: What stands for it in the grouped rows.
CONDITIONS = {
    Standing.KEPT: Q(before__gt=0, shifts__gt=0),
    Standing.NEW: Q(before=0, shifts__gt=0),
    Standing.LEFT: Q(before__gt=0, shifts=0),
}


@dataclass(frozen=True)
class Retention:
    """How many people stayed, came, and did not serve any more."""

    kept: int = 0
    new: int = 0
    left: int = 0

    @property
    def active(self) -> int:
        """People who served in the year."""
        return self.kept + self.new

    @property
    def rate(self) -> Decimal | None:
        """Of a hundred who served last year, how many serve still; None when nobody did."""
        before = self.kept + self.left
        return Decimal(100 * self.kept) / before if before else None


def served_in(year: int, rows: slice = EVERYBODY) -> tuple[list[dict[str, Any]], Retention]:
    """Return people who served in the year, those with the most hours first, and how many stayed, came, and left.

    Of the people those in the given rows, each with `person`, `shifts`, `hours` and `free`. One read of the duties
    says both, a second one where the rows lie behind the last person.
    """
    found = _rows(year, rows)
    counts = next(iter(found or _rows(year, FIRST)), {})
    retention = Retention(**{kind.value: counts.get(kind.value, 0) for kind in Standing})
    return [row for row in found if row["shifts"]], retention


def _rows(year: int, rows: slice) -> list[dict[str, Any]]:
    return _first_page(year) if rows == FIRST else list(_by_hours(year)[rows])


@prepared()
def _first_page(_parameters: Any, year: int) -> Any:
    return _by_hours(year)[FIRST]


def _by_hours(year: int) -> Any:
    """Group duties by person; those who served in the year before only come last. Each row has all three counts."""
    # Grouped by their keys alone, which takes half the time; the names are read for a page.
    within = written(year_of(year)).starts("event__")
    found = standing(year).annotate(
        hours=hours.total(hours.served_length(), within),
        free=hours.total(hours.served_length(), within & Q(event__is_paid=False)),
        **{kind.value: Window(_Over(hours.one_where(how))) for kind, how in CONDITIONS.items()},
    )
    return found.order_by(hours.one_where(CONDITIONS[Standing.LEFT]), "-hours", "person")


class _Over(Func):
    """The sum of a figure of all groups, beside each of them; Django's own Sum takes no figure of a group."""

    function = "SUM"
    window_compatible = True


def named(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return such rows with the `name` of each person, and whether they `is_archived`; one query."""
    rows = list(rows)
    known = {person["pk"]: person for person in _names(people=[row["person"] for row in rows])}
    return [{**row, **known[row["person"]]} for row in rows]


@prepared(lists={"people": UUID})
def _names(p: Any) -> Any:
    return User.objects.filter(pk__in=p.people).values("pk", "name", "is_archived")


def standing(year: int) -> Any:
    """Everybody who served in the year or the year before: `shifts` of the year, and `before`, of the one before it."""
    this, last = written(year_of(year)), written(year_of(year - 1))
    duties = selection.served_duties(written(Period(last.first, this.last)))
    return duties.values("person").annotate(
        shifts=Count("pk", filter=this.starts("event__")), before=Count("pk", filter=last.starts("event__"))
    )


def standing_as(year: int, kind: Standing) -> Any:
    """Those of them who stand so, in Czech order of names."""
    found = (
        standing(year).filter(CONDITIONS[kind]).annotate(name=F("person__name"), is_archived=F("person__is_archived"))
    )
    return found.order_by("person__name_sort", "person")


def duties_of(person: Any, year: int) -> Any:
    """Duties that the person has served in the year."""
    return selection.served_duties(year_of(year)).filter(person=person)
