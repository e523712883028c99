"""Bulk inserts of the seed data, with progress on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import models

BATCH = 1000

#: Told how many steps are done and how many there are.
Progress = Callable[[int, int], None]


class Inserting:
    """Inserts rows without signals, so without records, and counts them; `expected` need only be about right."""

    def __init__(self, expected: int, progress: Progress | None) -> None:
        self._expected, self._done = expected, 0
        self._progress = progress or (lambda _done, _total: None)

    def insert(self, model: type[models.Model], rows: Sequence[models.Model]) -> None:
        """Insert rows of one model; afterwards they know their keys."""
        for first in range(0, len(rows), BATCH):
            batch = rows[first : first + BATCH]
            model._default_manager.bulk_create(batch)
            self._done += len(batch)
            self._progress(min(self._done, self._expected - 1), self._expected)

    def finish(self) -> None:
        """Say that everything is there."""
        self._progress(self._expected, self._expected)
