"""Names of events that tell repeated ones apart, the same at every reading."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import count

from events.importing.records import NAME_LENGTH


class Titles:
    """The names given out so far in one season.

    The first of a name keeps it, so rows added below change nothing above; a later one gets its day ("Pouť 28.9."),
    and if that is taken too, a counter ("Pouť 28.9. (2)").
    """

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._counters: Counter[tuple[str, str]] = Counter()

    def take(self, name: str, day: date) -> str:
        """Return the name under which the event is imported, at most 255 characters long."""
        titles = (_ended(name, ending) for ending in self._endings(name, f" {day.day}.{day.month}."))
        title = next(title for title in titles if not self._is_taken(title))
        self._taken.add(title.casefold())
        return title

    def _endings(self, name: str, dated: str) -> Iterator[str]:
        yield from ("", dated)
        # What was counted before is taken; thousands of one name and day must not each count from the beginning.
        for number in count(self._counters[name, dated] + 2):
            self._counters[name, dated] = number - 2
            yield f"{dated} ({number})"

    def _is_taken(self, title: str) -> bool:
        return title.casefold() in self._taken


def _ended(name: str, ending: str) -> str:
    return name[: NAME_LENGTH - len(ending)].rstrip() + ending
