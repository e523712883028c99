"""Workers as processes of their own, on the database of the running test.

`python -m notifications.tests.processes <database> drain` empties the outbox once, `… cluster` runs the real
worker of the product until it is told to end.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from notifications.tests.smtp import PATIENCE


@contextmanager
def worker(what: str) -> Iterator[subprocess.Popen]:
    """Start a worker and see to it that nothing of it is left at the end."""
    from django.conf import settings
    from django.db import connection

    process = subprocess.Popen(
        [sys.executable, "-m", __name__, connection.settings_dict["NAME"], what],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "medcover.settings.test"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen) -> None:
    """End the worker and all its helpers at once, as a power cut would."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=PATIENCE)


def _drain() -> None:
    from notifications import delivery

    sys.stdout.write(f"{delivery.drain().name}\n")


def _cluster() -> None:
    from django.core.management import call_command
    from django_q.conf import Conf

    # The scheduler looks at its table when this much time has been counted: at once, and rarely enough after.
    Conf.GUARD_CYCLE = 30
    call_command("qcluster")


def _main(database: str, what: str) -> None:
    import django
    from django.db import connection

    django.setup()
    connection.settings_dict["NAME"] = database

    from notifications import registry
    from notifications.tests.types import BATCH, TYPES

    registry.register_batch(BATCH)
    registry.register(*TYPES)
    {"drain": _drain, "cluster": _cluster}[what]()


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    _main(*sys.argv[1:])
