"""Several people at once: every call in a thread and on a connection of its own, all released together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Barrier, Event, Thread
from typing import Any

from django.db import connection, connections

#: Long enough for a slow machine; a thread that waits longer hangs in a lock.
PATIENCE = 300


@dataclass
class Outcome:
    """What became of one call."""

    value: Any = None
    error: BaseException | None = None

    @property
    def succeeded(self) -> bool:
        return self.error is None


def together(calls: Sequence[Callable[[], Any]]) -> list[Outcome]:
    """Run the calls side by side and return what became of each, in their order."""
    start = Barrier(len(calls))
    outcomes = [Outcome() for _call in calls]
    threads = [Thread(target=_run, args=(*pair, start)) for pair in zip(calls, outcomes, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "somebody waits for ever"
    return outcomes


def _run(call: Callable[[], Any], outcome: Outcome, start: Barrier) -> None:
    try:
        connection.ensure_connection()
        start.wait(PATIENCE)
        outcome.value = call()
    except Exception as error:  # noqa: BLE001 - the test decides which errors were to be expected
        outcome.error = error
    finally:
        connections.close_all()


class Hesitation:
    """A moment at which one call stops, so that another happens exactly then; luck would seldom arrange it."""

    #: How long the stopped call waits for the other one, which may itself be waiting for a lock of the stopped one.
    GRACE = 0.5

    def __init__(self, patch: Any, module: Any, name: str) -> None:
        self._reached, self._over = Event(), Event()
        self._real = getattr(module, name)
        patch.setattr(module, name, self._stop)

    def _stop(self, *args: Any, **kwargs: Any) -> Any:
        if not self._reached.is_set():
            self._reached.set()
            self._over.wait(self.GRACE)
        return self._real(*args, **kwargs)

    def then(self, call: Callable[[], Any]) -> Any:
        """Make the other call once the first one has stopped."""
        assert self._reached.wait(PATIENCE)
        try:
            return call()
        finally:
            self._over.set()


def refusals(outcomes: Sequence[Outcome], *kinds: type[BaseException]) -> int:
    """Count the calls that were refused; any error that is none of `kinds` fails the test."""
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    for error in errors:
        if not isinstance(error, kinds):
            raise error
    return len(errors)
