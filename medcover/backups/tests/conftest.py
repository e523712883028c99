"""Fixtures of all tests of backups."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _places_of_their_own(settings, tmp_path) -> None:
    """Archives and what is worked on lie in the test's own directory."""
    settings.BACKUP_WORK_DIR = str(tmp_path / "work")
    settings.STORAGES = {
        **settings.STORAGES,
        "backups": {
            "BACKEND": "medcover.backups.directory.BackupDirectory",
            "OPTIONS": {"location": str(tmp_path / "backups")},
        },
    }
