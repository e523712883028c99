"""Checks of what every installation stands on: database, worker, mail server, place for files."""

from __future__ import annotations

import secrets
import shutil
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medcover.common import formats
from medcover.system import checks_of_services
from medcover.system.checks_of_services import Check, Finding, State
from medcover.system.health import Pulse, jobs_are_done, pulse
from medcover.system.models import Heartbeat, SiteSettings
from medcover.system.uploads import DiskRefuses

#: A trivial query is slow above so many milliseconds, a connection to the mail server above so many.
SLOW_QUERY_MS, SLOW_CONNECTION_MS = 200, 1000
#: So many seconds the mail server may take, looking up its name included.
CONNECTION_SECONDS = 3.0
#: Less room than this on the disk for files is a reason to look.
LITTLE_ROOM = 1024**3


_NO_SERVER = Finding(
    State.UNKNOWN,
    gettext_lazy("SMTP is not configured"),
    gettext_lazy("Messages reach nobody; they are kept as files on the server."),
)


def register() -> None:
    """Declare them."""
    for check in (
        Check("database", gettext_lazy("Database"), "table", database),
        Check("worker", gettext_lazy("Worker"), "gear", worker),
        Check("smtp", gettext_lazy("Mail server"), "envelope", smtp, "admin:system_sitesettings_changelist"),
        Check("storage", gettext_lazy("Place for files"), "archive", storage),
    ):
        checks_of_services.register(check)


def _milliseconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def _took(milliseconds: float) -> str:
    return _("Answered in %d ms.") % round(milliseconds)


def database() -> Finding:
    """Ask the database a trivial query."""
    return judged_query(_milliseconds(_ask_database))


def judged_query(milliseconds: float) -> Finding:
    """Judge how long a trivial query took."""
    if milliseconds <= SLOW_QUERY_MS:
        return Finding(State.OK, _("OK"), _took(milliseconds))
    return Finding(State.WARNING, _("Slow"), _took(milliseconds))


def _ask_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def worker() -> Finding:
    """Say when the worker was last heard of, and whether it does its jobs."""
    beats = dict(Heartbeat.objects.filter(name__in=["worker", "jobs"]).values_list("name", "beat_at"))
    return judged_worker(beats.get("worker"), beats.get("jobs"), at=timezone.now())


def judged_worker(beat: datetime | None, done_at: datetime | None, *, at: datetime) -> Finding:
    """Judge the worker by its last beat and by when it did a job that is due every minute."""
    state, words = {
        Pulse.ALIVE: (State.OK, _("The worker is running")),
        Pulse.LATE: (State.WARNING, _("The worker is late")),
        Pulse.SILENT: (State.ERROR, _("The worker does not run")),
        Pulse.NEVER: (State.UNKNOWN, _("The worker has never run")),
    }[pulse(beat, at=at)]
    if state is State.OK and not jobs_are_done(done_at, at=at):
        state, words = State.WARNING, _("The worker does no jobs")
    shown = formats.date_time(beat, timezone.get_current_timezone())
    told = [_("Last sign of life: %s.") % shown] if beat else []
    if state is not State.OK:
        told.append(_("Until it runs, mails wait and sign-ups neither open nor close by themselves."))
    return Finding(state, words, " ".join(told))


def smtp() -> Finding:
    """Open a connection to the mail server and close it again, without logging in."""
    site = SiteSettings.current()
    found = connection_to(site.smtp_host, site.smtp_port) if site.smtp_host else _NO_SERVER
    if not site.mail_block or found.state is State.ERROR:
        return found
    told = gettext_lazy("Only the addresses allowed in the settings get what waits in the outbox.")
    return Finding(State.WARNING, _("Sending of mails is blocked"), told)


def connection_to(host: str, port: int, seconds: float = CONNECTION_SECONDS) -> Finding:
    """Try to reach a server within so many seconds; looking up a name has no limit of its own, so a thread does it."""
    answers: list[Finding] = []
    thread = threading.Thread(target=lambda: answers.append(_connected(host, port, seconds)), daemon=True)
    thread.start()
    thread.join(seconds)
    return answers[0] if answers else _unreachable(_("No answer within %d s.") % seconds)


def _connected(host: str, port: int, seconds: float) -> Finding:
    try:
        took = _milliseconds(lambda: socket.create_connection((host, port), timeout=seconds).close())
    except OSError as failure:
        return _unreachable(_("The connection failed: %s.") % (failure.strerror or type(failure).__name__))
    return judged_connection(took)


def _unreachable(details: str) -> Finding:
    return Finding(State.ERROR, _("Unreachable"), details)


def judged_connection(milliseconds: float) -> Finding:
    """Judge how long a connection took."""
    if milliseconds <= SLOW_CONNECTION_MS:
        return Finding(State.OK, _("OK"), _took(milliseconds))
    return Finding(State.WARNING, _("Slow"), _took(milliseconds))


def storage() -> Finding:
    """Write a small file where uploads lie, and delete it; of a disk, say how much room is left."""
    try:
        name = default_storage.save(f".check-{secrets.token_hex(8)}", ContentFile(b"ok"))
    except DiskRefuses as refusal:
        return Finding(State.ERROR, _("Files cannot be written"), str(refusal))
    default_storage.delete(name)
    if isinstance(default_storage, FileSystemStorage):
        return judged_room(shutil.disk_usage(default_storage.location).free)
    return Finding(State.OK, _("OK"), _("Files can be written."))


def judged_room(free: int) -> Finding:
    """Judge how many bytes are free."""
    told = _("Files can be written, %s are free.") % filesizeformat(free)
    return Finding(State.OK, _("OK"), told) if free >= LITTLE_ROOM else Finding(State.WARNING, _("Little room"), told)
