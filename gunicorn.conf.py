"""Gunicorn settings: preloaded, with few and short garbage collections."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from medcover.allocator import return_free_memory

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

#: No access log: addresses of people and secret feed links do not belong into logs, and the site has lines of its own
#: (`medcover/access_log.py`).
accesslog = None
errorlog = "-"
_is_production = os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith(".prod")
if (os.environ.get("LOG_FORMAT", "").strip() or ("json" if _is_production else "text")) == "json":
    #: What gunicorn itself has to say is read by the same programs.
    logconfig_dict = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "medcover.common.json_lines.JsonLines"}},
        "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "json"}},
        "root": {"handlers": ["stdout"], "level": os.environ.get("LOG_LEVEL", "INFO")},
        "loggers": {
            "gunicorn.error": {"handlers": [], "propagate": True, "level": "INFO"},
            "gunicorn.access": {"handlers": [], "propagate": False, "level": "CRITICAL"},
        },
    }

#: Where each process counts its requests; whoever reads /metrics gets the sum of all. Before the application is loaded.
_figures = ""
if os.environ.get("METRICS_TOKEN") or os.environ.get("METRICS_NETWORKS"):
    _figures = tempfile.mkdtemp(prefix="medcover-metrics-", dir=worker_tmp_dir)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = _figures

#: Long collections over the loaded application are what makes pages of such systems slow now and then.
_GC_THRESHOLD = (20_000, 10, 5)


#: Before the application is loaded and forked.
return_free_memory()


def when_ready(_server: Any) -> None:
    """Freeze everything loaded so far (`gc.freeze`), just before the workers are forked."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLD)


def child_exit(_server: Any, worker: Any) -> None:
    """Tell the figures that a process has ended; what it has counted stays counted."""
    if _figures:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(_server: Any) -> None:
    """Leave nothing behind."""
    if _figures:
        shutil.rmtree(_figures, ignore_errors=True)
