"""People in a year: hours of each, and who has stayed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.enums import TextChoices
from django.utils.translation import pgettext_lazy

from reports import hours, selection
from reports.selection import Period, year_of
from roster.models import User


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

    kept: int
    new: int
    left: int

    @property
    def active(self) -> int:
        """People who served in the year."""
        return self.kept + self.new

    @property
    def rate(self) -> Decimal | None:
        """Of a hundred who served last year, how many serve still; None when nobody did."""
        before = self.kept + self.left
        return Decimal(100 * self.kept) / before if before else None


def by_hours(period: Period) -> Any:
    """Keys of people who served in the period with `shifts`, `hours` and `free`, those with the most hours first."""
    # Grouped by their keys alone, which takes half the time; the names are read for a page.
    found = (
        selection.duties(period)
        .filter(hours.IS_SERVED)
        .values("person")
        .annotate(
            shifts=Count("pk"),
            hours=hours.total(hours.served_length()),
            free=hours.total(hours.served_length(), Q(event__is_paid=False)),
        )
    )
    return found.order_by("-hours", "person")


def named(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return such rows with the `name` of each person, and whether they `is_archived`; one query."""
    rows = list(rows)
    found = User.objects.filter(pk__in=[row["person"] for row in rows]).values_list("pk", "name", "is_archived")
    known = {pk: {"name": name, "is_archived": is_archived} for pk, name, is_archived in found}
    return [{**row, **known[row["person"]]} for row in rows]


def standing(year: int) -> Any:
    """Everybody who served in the year or the year before: shifts of the year, and `before`, of the one before it."""
    this, last = year_of(year), year_of(year - 1)
    duties = selection.duties(Period(last.first, this.last)).filter(hours.IS_SERVED)
    return duties.values("person").annotate(
        shifts=Count("pk", filter=this.starts("event__")), before=Count("pk", filter=last.starts("event__"))
    )


def standing_as(year: int, kind: Standing) -> Any:
    """Those of them who stand so, in Czech order of names."""
    found = (
        standing(year).filter(CONDITIONS[kind]).annotate(name=F("person__name"), is_archived=F("person__is_archived"))
    )
    return found.order_by("person__name_sort", "person")


def retention(year: int) -> Retention:
    """Count them."""
    return Retention(
        **standing(year).aggregate(**{kind.value: Count("person", filter=how) for kind, how in CONDITIONS.items()})
    )
