"""The embedded database killed under a process that serves pages: it helps itself, without the worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
from django.conf import settings

from medcover.tests.test_embedded_postgres import leave, place, server_pid, wait_ready

#: A process that asks the database through Django once for every line that it gets, and says how that went.
ASKING = """
import sys; from pathlib import Path
from django.conf import settings
from medcover.embedded_postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]))
settings.configure(EMBEDDED_POSTGRES=server, USE_TZ=True,
    DATABASES={"default": {**server.settings(), "CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}})
import django; django.setup()
from django.core.signals import request_started, request_finished
from django.db import connection, OperationalError
with connection.cursor() as cursor: cursor.execute("SELECT 1")
print("ready", flush=True)
for _line in sys.stdin:
    request_started.send(None, environ={})
    try:
        with connection.cursor() as cursor: cursor.execute("SELECT 1")
        print("answered", flush=True)
    except OperationalError as error:
        print(f"failed: {error}", flush=True)
    request_finished.send(None)
"""


def start(home_) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", ASKING, str(home_)],
        cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def ask(process: subprocess.Popen[str]) -> str:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return process.stdout.readline().strip()


def is_another(home_: Path, before: int) -> bool:
    try:
        return server_pid(home_) != before
    except (OSError, ValueError):  # it is being started
        return False


def test_two_processes_that_both_miss_it_start_it_once_and_go_on():
    with place() as home_:
        users = [start(home_), start(home_)]
        for user in users:
            wait_ready(user)
            assert ask(user) == "answered"
        before = server_pid(home_)
        os.kill(before, signal.SIGKILL)
        # The orphans of the dead server end when they notice; until then they may answer, or break off.
        while psutil.pid_exists(before) or not is_another(home_, before):
            for user in users:
                ask(user)
        # Whoever is served by an orphan, or asks while the new server begins, notices; then everything is answered.
        assert all(any(ask(user) == "answered" for _attempt in range(10)) for user in users)
        assert [ask(user) for user in users] == ["answered", "answered"]
        for user in users:
            leave(user)
