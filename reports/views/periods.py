"""What the pages about a period share: their form, the buttons beside it, pages of rows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from medcover.common import paging
from medcover.common.date_ranges import quick_ranges
from reports.forms import PeriodForm

#: Rows of one page of a table.
PER_PAGE = 50


def asked(request: HttpRequest, form: type[PeriodForm]) -> PeriodForm:
    """Return the form, unbound as long as nobody has asked for days."""
    return form(request.GET if {"since", "until"} & request.GET.keys() else None)


def tools(form: PeriodForm) -> dict[str, Any]:
    """Return what `reports/_period.html` needs."""
    return {"form": form, "ranges": quick_ranges(timezone.localdate())}


def wants_csv(request: HttpRequest) -> bool:
    """Say whether the report is asked for as a file."""
    return request.GET.get("format") == "csv"


def page_of(
    request: HttpRequest, rows: Any, key: str = "page", *, counted: Any = None, per_page: int = PER_PAGE
) -> Any:
    """Return the page of rows that was asked for by the parameter `key`, the last one where it lies behind it."""
    return paging.slice_of(rows, request.GET.get(key), per_page, counted=counted).page
