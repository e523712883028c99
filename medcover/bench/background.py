"""Background work that is measured: mails, completion of events, the import of a season."""

from __future__ import annotations

import io
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import psutil
from django.core.management import call_command
from django.utils import timezone

from events.models import Event
from events.rules.lifecycle import Status
from events.services import lifecycle
from medcover.bench import resources
from medcover.bench.processes import free_port, running, wait_until
from medcover.bench.sheet import EVENTS, make_sheet
from medcover.system.models import SiteSettings
from notifications import delivery
from notifications.models import OutboxMessage

MAILS, DUE = 1_000, 1_000

#: Messages of a night after a bulk change, and who delivers them.
MESSAGES, WORKERS = 10_000, 4


@dataclass(frozen=True)
class Work:
    """How much was done in how long."""

    count: int
    seconds: float

    @property
    def per_second(self) -> float:
        """The rate."""
        return self.count / self.seconds if self.seconds else 0.0


def _timed(work: Callable[[], object], done: Callable[[], int]) -> Work:
    before, begun = done(), time.perf_counter()
    work()
    seconds = time.perf_counter() - begun
    return Work(abs(done() - before), seconds)


@dataclass(frozen=True)
class Drained(Work):
    """Messages delivered by several workers: in how many mails, and what the largest worker held."""

    mails: int
    megabytes: float


def drain(home: Path) -> Work:
    """Send messages, each as a mail of its own, to a mail server on this machine, by one worker."""
    with _mail_server(home):
        _make_wait(MAILS, batch="")
        return _timed(delivery.drain, _sent)


def drain_by_many(home: Path, database: str) -> Drained:
    """Send messages, those for one person as one mail, by several workers at once."""
    with _mail_server(home):
        _make_wait(MESSAGES, batch="events")
        begun = timezone.now()
        held: list[float] = []
        work = _timed(lambda: held.extend(_deliver(home, database)), _sent)
        mails = OutboxMessage.objects.filter(sent_at__gte=begun).values("mail_id").distinct().count()
        return Drained(work.count, work.seconds, mails, max(held))


def _deliver(home: Path, database: str) -> list[float]:
    """Run the workers until all of them have ended; return what each held at most."""
    env = {"DATABASE_URL": f"postgres://postgres@localhost/{database}"}
    command = (sys.executable, "manage.py", "deliver_mails")
    with ExitStack() as stack:
        logs = [home / f"deliver{number}.log" for number in range(WORKERS)]
        workers = [stack.enter_context(running(*command, log=log, env=env)) for log in logs]
        most = [0.0] * WORKERS
        while any(worker.poll() is None for worker in workers):
            held = [resources.megabytes(psutil.Process(w.pid)) if w.poll() is None else 0.0 for w in workers]
            most = [max(pair) for pair in zip(most, held, strict=True)]
            time.sleep(0.2)
    return most


def _sent() -> int:
    return OutboxMessage.objects.filter(status="sent").count()


@contextmanager
def _mail_server(home: Path) -> Iterator[None]:
    port = free_port()
    with running(sys.executable, "-m", "medcover.bench.sink", str(port), log=home / "sink.log"):
        wait_until(lambda: _listens(port), "The mail server", home / "sink.log")
        SiteSettings.objects.update(smtp_host="127.0.0.1", smtp_port=port, smtp_use_tls=False, smtp_user="")
        OutboxMessage.objects.pending().delete()
        yield


def _make_wait(count: int, *, batch: str) -> None:
    """Let mails that were sent wait once more."""
    sent = OutboxMessage.objects.filter(status="sent", recipient__is_active=True, topic__startswith="event:")
    keys = sent.order_by("pk").values_list("pk", flat=True)[:count]
    OutboxMessage.objects.filter(pk__in=list(keys)).update(
        status="pending", sent_at=None, send_after=None, mail_id=None, batch=batch
    )


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def complete_due() -> Work:
    """Complete events that are over, as the worker does every minute."""
    at = timezone.now()
    over = Event.objects.filter(status=Status.COMPLETED, end__lt=at).order_by("-end", "pk")[:DUE]
    Event.objects.filter(pk__in=[event.pk for event in over]).update(status=Status.OPEN, is_archived=False)
    return _timed(lambda: lifecycle.complete_due(at=at), lambda: Event.objects.due_to_complete(at).count())


def import_season(home: Path, sheet: Path | None) -> Work:
    """Import a whole season from a planning sheet."""
    source = sheet or make_sheet(home / "season.xlsx", date.today() + timedelta(days=120))  # noqa: DTZ011 - any day
    begun = time.perf_counter()
    before = Event.objects.count()
    call_command("import_sheet", str(source), stdout=io.StringIO())
    seconds = time.perf_counter() - begun
    return Work(Event.objects.count() - before or EVENTS, seconds)
