"""Bringing a rehearsal's database up to this version."""

from __future__ import annotations

import os
import subprocess
import sys

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from medcover.backups.errors import BackupFailed
from medcover.system import audit

_PROCESS = "medcover.backups.migrating_process"


def migrate(name: str) -> None:
    """Apply the migrations of this version to the database of this name on the server of the installation."""
    command = [sys.executable, "-W", "ignore", "-m", _PROCESS, name]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        command,
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        timeout=settings.BACKUP_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        words = _("The archive could not be brought up to this version; its migrations have failed: %s")
        raise BackupFailed(audit.sentence(words, _kind_of_failure(done.stderr)))


def _kind_of_failure(said: bytes) -> str:
    """Return the kind of the exception alone: its text may quote rows."""
    lines = said.decode(errors="replace").strip().splitlines() or [""]
    return lines[-1].partition(":")[0][:100]
