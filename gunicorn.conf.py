"""Gunicorn settings: preloaded, with few and short garbage collections."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from typing import Any

bind = os.environ.get("BIND", "0.0.0.0:8000")
workers = int(os.environ.get("WEB_PROCESSES", "2"))
#: Threads answer, the event loop receives and sends: slow clients hold no thread.
worker_class = "medcover.webserver.BufferingWorker"
#: The event loop sends files, too.
sendfile = False
threads = int(os.environ.get("WEB_THREADS", "4"))
#: Connections of one process; they cost little, but up to two descriptors each, of which a process often has 1024.
worker_connections = int(os.environ.get("WEB_CONNECTIONS", "400"))
timeout = 60
graceful_timeout = 20
keepalive = 5

#: Loaded once and shared by the workers; nothing connects to the database before the fork.
preload_app = True
#: The heartbeat file must not wait for a disk.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108
control_socket_disable = True

#: No access log: addresses of people and secret feed links do not belong into logs. The proxy may keep its own.
accesslog = None
errorlog = "-"

#: Long collections over the loaded application are what makes pages of such systems slow now and then.
_GC_THRESHOLD = (20_000, 10, 5)


def when_ready(_server: Any) -> None:
    """Freeze everything loaded so far (`gc.freeze`), just before the workers are forked."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLD)
