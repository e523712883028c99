"""Background work that is measured: mails, completion of events, the import of a season."""

from __future__ import annotations

import io
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.core.management import call_command
from django.utils import timezone

from events.models import Event
from events.rules.lifecycle import Status
from events.services import lifecycle
from medcover.bench.processes import free_port, running, wait_until
from medcover.bench.sheet import EVENTS, make_sheet
from medcover.system.models import SiteSettings
from notifications import delivery
from notifications.models import OutboxMessage

MAILS, DUE = 1_000, 1_000


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


def drain(home: Path) -> Work:
    """Send mails about coming events to a mail server on this machine, over one connection, as the worker does."""
    port = free_port()
    with running(sys.executable, "-m", "medcover.bench.sink", str(port), log=home / "sink.log"):
        wait_until(lambda: _listens(port), "The mail server", home / "sink.log")
        SiteSettings.objects.update(smtp_host="127.0.0.1", smtp_port=port, smtp_use_tls=False, smtp_user="")
        OutboxMessage.objects.pending().delete()
        _make_wait(MAILS)
        return _timed(delivery.drain, lambda: OutboxMessage.objects.filter(status="sent").count())


def _make_wait(count: int) -> None:
    """Let mails that were sent wait once more; only those that still have a point."""
    running_events = Event.objects.filter(status__in=[Status.OPEN, Status.CLOSED]).values_list("pk", flat=True)
    topics = [f"event:{key}" for key in running_events]
    sent = OutboxMessage.objects.filter(status="sent", topic__in=topics, recipient__is_active=True)
    keys = sent.order_by("pk").values_list("pk", flat=True)[:count]
    OutboxMessage.objects.filter(pk__in=list(keys)).update(status="pending", sent_at=None, send_after=None)


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
