"""Preview of an import on its page: one page of rows, the filters with their counts, the figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.http import QueryDict
from django.utils.translation import pgettext_lazy

from events.models import SeasonImport
from events.season import EventLine, Forecast, Part, PersonLine, forecast_of, season_in
from medcover.common.paging import Slice, page_query, slice_of

PER_PAGE = 50

Line = EventLine | PersonLine


class Show(TextChoices):
    """Choice of rows on the page of an import."""

    ALL = "all", pgettext_lazy("rows", "All")
    DOUBTFUL = "doubtful", pgettext_lazy("rows", "Doubtful")
    EXISTING = "existing", pgettext_lazy("rows", "Existing already")
    DESELECTED = "deselected", pgettext_lazy("rows", "Not selected")


_BELONGS: dict[Show, Callable[[Any], bool]] = {
    Show.ALL: lambda _line: True,
    Show.DOUBTFUL: lambda line: line.selected and bool(line.doubts),
    Show.EXISTING: lambda line: line.exists if isinstance(line, EventLine) else line.known,
    Show.DESELECTED: lambda line: not line.selected,
}


@dataclass(frozen=True)
class Filter:
    """One choice of rows, and how many there are."""

    show: Show
    count: int
    url: str
    is_current: bool


@dataclass(frozen=True)
class Preview:
    """An import as its page shows it."""

    draft: SeasonImport
    forecast: Forecast
    part: Part
    show: Show
    params: QueryDict

    @property
    def lines(self) -> Sequence[Line]:
        """All rows of the part that is shown."""
        return self.forecast.people if self.part == Part.PEOPLE else self.forecast.events

    @property
    def shown(self) -> list[Line]:
        """Those that the filter lets through."""
        return [line for line in self.lines if _BELONGS[self.show](line)]

    @property
    def page(self) -> Slice[Line]:
        """One page of them."""
        return slice_of(self.shown, self.params.get("page"), PER_PAGE)

    @property
    def filters(self) -> list[Filter]:
        """All filters of the part."""
        return [
            Filter(show, sum(map(_BELONGS[show], self.lines)), self.url(show=show.value), show == self.show)
            for show in Show
        ]

    @property
    def parts(self) -> list[tuple[Part, int, str, bool]]:
        """Both lists: name, number of rows, address, whether it is the one shown."""
        counts = {Part.EVENTS: len(self.forecast.events), Part.PEOPLE: len(self.forecast.people)}
        return [(part, count, f"?part={part.value}", part == self.part) for part, count in counts.items()]

    @property
    def left_out(self) -> list[Any]:
        """What was remarked about the source beside these rows: rows that were left out first."""
        return [*season_in(self.draft).skipped, *self.forecast.loose]

    @property
    def here(self) -> str:
        """Return the query string of the page as it is shown."""
        kept = {"part": self.part.value, "show": self.show.value, "page": self.params.get("page", "")}
        return "?" + urlencode({name: value for name, value in kept.items() if value})

    def url(self, **changes: str) -> str:
        """Return the query string of the page with other choices, from its first page on."""
        params = self.params.copy()
        for name, value in changes.items():
            params[name] = value
        return page_query(params, 1)

    def line(self, number: int) -> Line | None:
        """Return the row of the part that is shown with a number, if there is one."""
        return self.lines[number - 1] if 1 <= number <= len(self.lines) else None


def preview_of(draft: SeasonImport, params: QueryDict, *, at: datetime, part: Part | None = None) -> Preview:
    """Return what the page shows for these parameters; what they say wrongly counts as not said."""
    asked = part or (Part.PEOPLE if params.get("part") == Part.PEOPLE.value else Part.EVENTS)
    show = next((choice for choice in Show if choice.value == params.get("show")), Show.ALL)
    return Preview(draft, forecast_of(draft, at=at), asked, show, params)
