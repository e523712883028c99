"""The database stopped under load and started again: whoever works goes on by itself, and nothing acknowledged is lost.

`script/rehearse-outage` serves the site as production does, with a worker, and lets members sign up and off without a
pause. The database goes twice: once as an administrator stops it, once as a power cut does.
"""

from __future__ import annotations

import http.client
import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from medcover.bench.client import Client
    from medcover.embedded_postgres import EmbeddedPostgres

CLIENTS = 12
#: Seconds of work before, between and after, and for which the database is away.
_BEFORE, _AWAY, _AFTER = 4.0, 4.0, 8.0
#: Seconds in which the worker has to be at work again.
_WORKER = 60.0


@dataclass(frozen=True)
class Answered:
    """When a request began and ended, and with which status; 0 where the connection broke."""

    begun: float
    ended: float
    status: int

    def meets(self, outage: tuple[float, float]) -> bool:
        """Say whether the database was away at any moment of it."""
        gone, back = outage
        return self.begun < back and self.ended > gone


@dataclass
class Member:
    """Somebody who signs up for a place, off, up again; `signed_up` is what was last acknowledged, None if unknown."""

    key: Any
    client: Client
    join: str
    leave: str
    signed_up: bool | None = False
    acknowledged: int = 0
    answers: list[Answered] = field(default_factory=list)

    def go_on(self, stop: threading.Event) -> None:
        """Sign up and off until told to stop."""
        while not stop.is_set():
            self._change() if self.signed_up is not None else self._look()

    def _change(self) -> None:
        wanted = not self.signed_up
        status = self._ask(lambda: self.client.post(self.join if wanted else self.leave).status)
        if status == HTTPStatus.OK:
            self.signed_up, self.acknowledged = wanted, self.acknowledged + 1
        else:
            self.signed_up = None

    def _look(self) -> None:
        """After a change of which nobody has said how it ended: what does the page say?"""
        found: list[bool] = []

        def look() -> int:
            answer = self.client.get(self._page)
            found.append(self.leave.encode() in answer.body)
            return answer.status

        if self._ask(look) == HTTPStatus.OK:
            self.signed_up = found[0]
        else:
            time.sleep(0.1)

    @property
    def _page(self) -> str:
        return self.leave.removesuffix("leave/")

    def _ask(self, ask: Callable[[], int]) -> int:
        begun = time.monotonic()
        try:
            status = ask()
        except (OSError, http.client.HTTPException):
            self.client.close()
            status = 0
        self.answers.append(Answered(begun, time.monotonic(), status))
        return status


# --- the story -------------------------------------------------------------------------------------------


def main() -> None:
    """Play the story; the exit code says whether all went well."""
    from medcover.bench.__main__ import HOME, database_server, set_up_django

    # The embedded server trades the last half second for speed; here it has to keep what it has acknowledged.
    os.environ["DATABASE_SERVER_OPTIONS"] = "-c jit=off -c plan_cache_mode=force_generic_plan -c synchronous_commit=on"
    with database_server() as server:
        set_up_django(server)
        faults = _play(server, HOME)
    for fault in faults:
        _say(f"   NOT AS IT SHOULD BE: {fault}")
    sys.exit(1 if faults else 0)


def _play(server: EmbeddedPostgres, home: Path) -> list[str]:
    from medcover.bench.database import SMALL, Databases
    from medcover.bench.processes import web_server

    database = Databases(server).use(SMALL)
    event, members = _cast()
    with web_server(home, database=database) as web, _worker(home, database) as worker:
        for member in members:
            member.client = _client(web.port, member.key)
        if not _works(worker):
            return ["The worker does not work to begin with."]
        with _at_work(members):
            time.sleep(_BEFORE)
            back = [_outage(server, mode) for mode in ("fast", "immediate")]
        faults = [*errors(members, back), *_lost(event, members)]
        if not _works(worker):
            faults.append("The worker does not work again.")
    return faults


def _cast() -> tuple[Any, list[Member]]:
    """An event with a place for each of them."""
    from django.urls import reverse

    from medcover.bench import claims
    from medcover.bench.pages import World

    event = claims.open_event(World(), CLIENTS)
    leave = reverse("events:leave", args=[event.pk])
    pairs = zip(claims.members(CLIENTS), claims.free_places(event), strict=True)
    nobody: Any = None
    return event, [
        Member(person.pk, nobody, reverse("events:claim", args=[place.pk]), leave) for person, place in pairs
    ]


def _client(port: int, key: Any) -> Client:
    from medcover.bench.client import Client, cookies_of
    from roster.models import User

    # Refusals have a status of their own only for parts of pages.
    return Client(port, cookies_of(User.objects.get(pk=key)), **{"HX-Request": "true"})


@contextmanager
def _worker(home: Path, database: str) -> Iterator[Any]:
    from medcover.bench.processes import running

    env = {"DATABASE_URL": f"postgres://postgres@localhost/{database}", "LOG_LEVEL": "INFO"}
    with running(sys.executable, "manage.py", "qcluster", log=home / "worker.log", env=env) as process:
        yield process


@contextmanager
def _at_work(members: list[Member]) -> Iterator[None]:
    stop = threading.Event()
    threads = [threading.Thread(target=member.go_on, args=[stop], daemon=True) for member in members]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=90)


def _outage(server: EmbeddedPostgres, mode: str) -> tuple[float, float]:
    """Take the database away and bring it back; return from when on it was away, and from when on it answered."""
    gone = time.monotonic()
    server.halt(mode)
    time.sleep(_AWAY)
    server.revive()
    back = time.monotonic()
    _say(f"   {mode}: away for {back - gone:.1f} s")
    time.sleep(_AFTER)
    return gone, back


def errors(members: list[Member], outages: list[tuple[float, float]]) -> Iterator[str]:
    """Yield what was answered wrongly while the database was there; tell the rest."""
    answers = [answer for member in members for answer in member.answers]
    met = [answer for answer in answers if any(answer.meets(outage) for outage in outages)]
    others = [answer for answer in answers if answer not in met]
    _say(f"   statuses while the database was there: {_counted(others)}; while it was away: {_counted(met)}")
    for answer in others:
        if answer.status != HTTPStatus.OK:
            seconds = [f"{answer.begun - back:+.1f}" for _gone, back in outages]
            yield f"{answer.status} for a request {' and '.join(seconds)} s from when the database was back"


def _counted(answers: list[Answered]) -> dict[int, int]:
    return dict(Counter(answer.status for answer in answers))


def _lost(event: Any, members: list[Member]) -> Iterator[str]:
    """Yield acknowledged changes that are not there, or are not in the record."""
    from django.db import connection

    from events.models import Assignment
    from medcover.system.models import AuditEntry

    connection.close()
    there = set(Assignment.objects.filter(event=event).values_list("person", flat=True))
    wrong = [str(member.key) for member in members if member.signed_up is not None and
             member.signed_up != (member.key in there)]  # fmt: skip
    told = sum(member.acknowledged for member in members)
    recorded = AuditEntry.objects.filter(event_id=event.pk, actor__in=[member.key for member in members]).count()
    _say(f"   changes acknowledged: {told}, recorded: {recorded}")
    if wrong:
        yield f"people who are not where they were told to be: {wrong}"
    if recorded < told:
        yield f"{told - recorded} acknowledged changes are not in the record"


def _works(worker: Any) -> bool:
    """Hand the worker something to do and wait for it."""
    from django.utils import timezone
    from django_q.tasks import async_task

    asked, begun = timezone.now(), time.monotonic()
    async_task("medcover.system.jobs.beat")
    while time.monotonic() < begun + _WORKER and worker.poll() is None:
        if _has_worked_since(asked):
            _say(f"   the worker did a job and gave a sign of life {time.monotonic() - begun:.1f} s after it was asked")
            return True
        time.sleep(0.5)
    return False


def _has_worked_since(at: datetime) -> bool:
    from medcover.system.models import Heartbeat

    beats = dict(Heartbeat.objects.values_list("name", "beat_at"))
    return all(beats.get(name, at) > at for name in ("jobs", "worker"))


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
