"""Backup, everything gone, restore: the same rows and files as before, of the demo data and of those for measuring.

`script/rehearse-restore` does the same with 10,000 events, in a database that is really dropped.
"""

from __future__ import annotations

import io
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings as live_settings
from django.core.management import call_command

from medcover.backups import databases, store
from medcover.backups.models import BackupRun
from medcover.bench import restoring
from medcover.bench.restoring import Contents, Differs
from roster.models import User

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _places_of_their_own(settings, tmp_path) -> None:
    settings.BACKUP_WORK_DIR = str(tmp_path / "work")
    location = {"location": str(tmp_path / "backups")}
    backend = {"BACKEND": "medcover.backups.directory.BackupDirectory", "OPTIONS": location}
    settings.STORAGES = {**settings.STORAGES, "backups": backend}


def contents(*, until: int | None = None) -> Contents:
    with databases.live().connect() as there:
        return restoring.contents(there, Path(live_settings.MEDIA_ROOT), until=until)


@pytest.mark.parametrize(
    "seeding", [("seed_demo", {}), ("seed_load", {"users": 60, "events": 120})], ids=["demo", "load"]
)
def test_everything_comes_back(seeding, settings, django_db_setup):
    settings.DEVELOPMENT_LOGIN = True
    call_command(seeding[0], stdout=io.StringIO(), **seeding[1])
    restoring.upload(documents=12, photos=1)
    before = contents()
    assert (before.rows > 1500, len(before.files) >= 13) == (True, True)
    call_command("backup", stdout=io.StringIO())
    name = store.names()[0]

    django_db_setup.restore()
    shutil.rmtree(settings.MEDIA_ROOT)
    assert not User.objects.exists()

    call_command("restore", name, confirm="RESTORE", stdout=io.StringIO())
    before.expect_same(contents(until=before.last_entry))
    call_command("verify_schema", stdout=io.StringIO())
    assert [run.kind for run in BackupRun.objects.all()] == ["restore"]


class TestComparing:
    @pytest.fixture
    def found(self):
        return Contents({"a": (1, "5"), "b": (0, "0")}, {"a.pdf": "1f"}, 7)

    @pytest.mark.parametrize(
        "changed",
        [
            {"tables": {"a": (1, "6"), "b": (0, "0")}},
            {"tables": {"a": (1, "5")}},
            {"tables": {"a": (2, "5"), "b": (0, "0")}},
            {"files": {"a.pdf": "2f"}},
            {"files": {}},
            {"files": {"a.pdf": "1f", "b.pdf": "1f"}},
        ],
        ids=["row", "table gone", "row more", "file", "file gone", "file more"],
    )
    def test_finds_every_difference(self, found, changed):
        with pytest.raises(Differs):
            found.expect_same(replace(found, **changed))

    def test_finds_none_where_there_is_none(self, found):
        found.expect_same(replace(found))
