"""The processes that are measured and those that measure with us; each ends with the block that has begun it."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import psutil

from medcover.bench.database import ROOT

_PATIENCE = 30.0


class DidNotStart(Exception):
    """A process has not come up; the message says which and what it wrote."""


def free_port() -> int:
    """Return a port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(*command: str, log: Path, env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in a session of its own, so that Ctrl-C reaches only us, and end it with all its children."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **(env or {})}, stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    family: list[psutil.Process] = []
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)
    if process.poll() is None:
        process.kill()
        process.wait()
    for child in family:
        with contextlib.suppress(psutil.Error):
            child.kill()
    psutil.wait_procs(family, timeout=5)


def wait_until(ready: Callable[[], bool], what: str, log: Path) -> float:
    """Wait until it is so, and return how many seconds that took."""
    begun = time.perf_counter()
    while not ready():
        if time.perf_counter() - begun > _PATIENCE:
            raise DidNotStart(f"{what} did not start:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)
    return time.perf_counter() - begun


@contextlib.contextmanager
def web_server(home: Path, *, database: str, processes: int = 2) -> Iterator[WebServer]:
    """Serve the site as production does, on a port of this machine alone."""
    port, log = free_port(), home / "web.log"
    env = {
        "BIND": f"127.0.0.1:{port}",
        "WEB_PROCESSES": str(processes),
        "DATABASE_URL": f"postgres://postgres@localhost/{database}",
        "DJANGO_SETTINGS_MODULE": "medcover.settings.bench",
    }
    command = (str(Path(sys.executable).with_name("gunicorn")), "--config", "gunicorn.conf.py", "medcover.wsgi")
    with running(*command, log=log, env=env) as process:
        seconds = wait_until(lambda: _answers(port), "The web server", log)
        yield WebServer(port, process.pid, seconds)


class WebServer:
    """Where the site is served, by which process, and how long it took to come up."""

    def __init__(self, port: int, pid: int, startup: float) -> None:
        self.port, self.pid, self.startup = port, pid, startup

    def workers(self) -> list[psutil.Process]:
        """Return the processes that answer."""
        return list(psutil.Process(self.pid).children())


def _answers(port: int) -> bool:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        link.request("GET", "/healthz", headers={"Host": "localhost"})
        return link.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False
    finally:
        link.close()
