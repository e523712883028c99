"""The real worker beside a test: `manage.py qcluster` in processes of its own, on the test's database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection

#: Seconds that a worker, or what it is waited for, may take on a busy machine before the test gives up.
PATIENCE = 60


class Worker:
    """A running worker and what it wrote."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self.process, self.log = process, log

    def wait_until(self, condition: Callable[[], object], what: str) -> None:
        """Return as soon as the condition holds; fail when the worker ends or the patience does."""
        give_up = time.monotonic() + PATIENCE
        while not condition():
            assert self.process.poll() is None, f"The worker has ended:\n{self.log.read_text()}"
            assert time.monotonic() < give_up, f"In vain waited until {what}:\n{self.log.read_text()}"
            time.sleep(0.05)

    def stop(self) -> None:
        """Ask it to finish the job in hand and to end; all it wrote must be free of errors."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise
        written = self.log.read_text()
        assert self.process.returncode == 0, written
        assert " ERROR " not in written, written


@contextmanager
def running_worker(log: Path, *, ahead: timedelta = timedelta(0)) -> Iterator[Worker]:
    """Run a worker whose clock is `ahead` of ours."""
    environment = {
        **os.environ,
        "DATABASE_URL": _url_of_test_database(),
        "DJANGO_SETTINGS_MODULE": "medcover.settings.test",
        "WORKER_PROCESSES": "1",
    }
    command = [sys.executable, "-m", "tests_browser.clockwork", str(int(ahead.total_seconds()))]
    with log.open("wb") as output:
        # A group of its own, so that nothing of it outlives the test.
        process = subprocess.Popen(
            command, cwd=settings.BASE_DIR, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    worker = Worker(process, log)
    try:
        yield worker
        worker.stop()
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _url_of_test_database() -> str:
    """Name the database of this very test process, wherever its server listens."""
    facts = connection.settings_dict
    login = quote(facts["USER"], safe="") + (f":{quote(facts['PASSWORD'], safe='')}" if facts["PASSWORD"] else "")
    server = {"host": facts["HOST"], "port": facts["PORT"]}
    where = {**{key: value for key, value in server.items() if value}, **facts.get("OPTIONS", {})}
    return f"postgres://{login}@/{quote(facts['NAME'], safe='')}?{urlencode(where)}"
