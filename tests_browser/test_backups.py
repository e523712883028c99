"""The page of backups with all that may stand on it, on a phone and on a desk."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from medcover.backups import store
from medcover.backups.models import BackupRun
from medcover.backups.names import name_at
from medcover.backups.tests.archives import write_archive
from roster.tests.factories import make_admin
from tests_browser.screens import DESKTOP, PHONE, Device, Screens

pytestmark = pytest.mark.browser

NOW = datetime(2027, 1, 15, 2, 0, tzinfo=UTC)
PAGE = "/admin/backups/backupsettings/"
Kind, Origin, Status = BackupRun.Kind, BackupRun.Origin, BackupRun.Status


@pytest.fixture
def archives(settings, tmp_path) -> list[str]:
    """A good one, one that was never tried out, one that was found wanting, and an encrypted one."""
    location = {"location": str(tmp_path / "backups")}
    backend = {"BACKEND": "medcover.backups.directory.BackupDirectory", "OPTIONS": location}
    settings.STORAGES = {**settings.STORAGES, "backups": backend}
    made = write_archive(tmp_path / "made")
    names = [name_at(NOW - timedelta(days=day), sealed=day == 3) for day in range(4)]
    for day, name in enumerate(names):
        store.put(name, made)
        run(Kind.BACKUP, NOW - timedelta(days=day), archive=name, size=29_000_000, rows=305_180, files=510)
    run(Kind.VERIFICATION, NOW - timedelta(days=3), archive=names[3], rows=305_180, files=510)
    why = "Záloha je poškozená: nesouhlasí kontrolní součet souboru media/equipment/7/0f3a.jpg."
    run(Kind.VERIFICATION, NOW - timedelta(days=2), archive=names[2], status=Status.FAILED, error=why)
    run(Kind.VERIFICATION, NOW - timedelta(days=1), archive=names[1], rows=305_180, files=510)
    run(Kind.BACKUP, NOW + timedelta(hours=1), status=Status.FAILED, error="Disk je plný.")
    run(Kind.RESTORE, NOW + timedelta(hours=2), origin=Origin.COMMAND, archive=names[1], rows=305_180, files=510)
    run(Kind.BACKUP, NOW + timedelta(hours=3), origin=Origin.PAGE, status=Status.WAITING)
    return names


def run(kind: str, at: datetime, **facts: object) -> None:
    given = {"origin": Origin.SCHEDULE, "status": Status.DONE, "asked_at": at, "started_at": at, **facts}
    BackupRun.objects.create(kind=kind, finished_at=at + timedelta(seconds=34), **given)


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_everything_fits_and_can_be_read(open_screen: Screens, archives: list[str], device: Device) -> None:
    screen = open_screen(device, make_admin())
    screen.open(PAGE)
    screen.inspect_as_device()
    for what in ("restore", "delete"):
        screen.open(f"{PAGE}archive/{archives[0]}/{what}/")
        screen.inspect_as_device()
