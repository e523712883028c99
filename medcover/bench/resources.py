"""Memory of the processes of the installation."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
from django_q.models import OrmQ
from django_q.tasks import async_task

from medcover.bench.processes import running, wait_until
from medcover.system.models import Heartbeat, SiteSettings

_MEGABYTE = 1024 * 1024


def megabytes(process: psutil.Process) -> float:
    """Return what the process holds; memory shared with others counts by its share, where the system tells."""
    held = process.memory_full_info()
    return float(getattr(held, "pss", held.rss)) / _MEGABYTE


def of_worker(home: Path, database: str) -> list[float]:
    """Start the queue's worker, let it do its first job, and return what each of its processes holds."""
    env = {
        "DATABASE_URL": f"postgres://postgres@localhost/{database}",
        "DJANGO_SETTINGS_MODULE": "medcover.settings.bench",
    }
    SiteSettings.objects.update(smtp_host="")
    OrmQ.objects.all().delete()
    Heartbeat.objects.all().delete()
    async_task("medcover.system.jobs.beat")
    log = home / "worker.log"
    with running(sys.executable, "manage.py", "qcluster", log=log, env=env) as process:
        wait_until(Heartbeat.objects.filter(name="jobs").exists, "The worker", log)
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        return [megabytes(member) for member in family]
