"""Pages of a list. What a reader typed as the page number never causes an error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Count, Window
from django.http import QueryDict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

Row = TypeVar("Row")

# Larger than any list; longer figures are cut to it before Python has to read them.
_HUGE = 999_999_999


@dataclass(frozen=True)
class Slice(Generic[Row]):
    """One page of rows with what the pager says: „first–last z celkem total“ (0–0 of 0 for an empty list)."""

    page: Page[Row]
    past_end: bool
    """The number asked for lies behind the last page; `page` is the last one, and a view redirects to it."""
    first: int
    last: int
    total: int

    @property
    def number(self) -> int:
        """The page shown, from 1."""
        return self.page.number

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1."""
        return self.page.paginator.num_pages


def page_number(text: str | None) -> int:
    """Read a page number: anything that is not a positive whole number is page 1."""
    digits = (text or "").strip()
    if not (digits.isascii() and digits.isdigit()):
        return 1
    return max(1, _HUGE if len(digits.lstrip("0")) > len(str(_HUGE)) else int(digits))


def slice_of(
    rows: Sequence[Row] | QuerySet[Any, Row],
    asked: str | None,
    per_page: int,
    *,
    counted: QuerySet[Any, Any] | int | None = None,
) -> Slice[Row]:
    """Return the page of `rows` that was asked for, or the last one if the number lies behind it.

    `counted` are the same rows without what makes them slow to count, such as figures computed for each; or how many
    there are, where that is known.
    """
    paginator: Paginator[Row] = Paginator(rows, per_page)
    if counted is not None:
        # Where the cached property would keep it.
        paginator.__dict__["count"] = counted if isinstance(counted, int) else counted.count()
    number = page_number(asked)
    return _slice(paginator.page(min(number, paginator.num_pages)), past_end=number > paginator.num_pages)


def _slice(page: Page[Row], *, past_end: bool) -> Slice[Row]:
    return Slice(page, past_end, first=page.start_index(), last=page.end_index(), total=page.paginator.count)


def slice_of_keys(rows: QuerySet[Any, Any], asked: str | None, per_page: int) -> Slice[int]:
    """Return the page of the keys of `rows` that was asked for, as `slice_of`; one statement both reads and counts."""
    number = page_number(asked)
    begin = (number - 1) * per_page
    counted = rows.annotate(rows_in_all=Window(Count("*"))).values_list("pk", "rows_in_all")
    found = list(counted[begin : begin + per_page])
    if not found:
        # Nothing at all, or a page behind the last one.
        return slice_of(rows.values_list("pk", flat=True), asked, per_page)
    paginator: Paginator[int] = Paginator([], per_page)
    # Where the cached property would keep it.
    paginator.__dict__["count"] = found[0][1]
    return _slice(Page([key for key, _count in found], number, paginator), past_end=False)


def page_query(params: QueryDict, number: int, key: str = "page") -> str:
    """Return the query string "?…" of another page of the same list: filters and order stay, the page changes."""
    changed = params.copy()
    changed[key] = str(number)
    return f"?{changed.urlencode()}"
