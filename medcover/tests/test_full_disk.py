"""A full disk and a store that has gone are told, in Czech and in the record, and leave nothing half-written."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from moto.server import ThreadedMotoServer

from equipment.models import Attachment, StaticPagePush
from equipment.static_page import pushing
from equipment.tests.factories import ItemFactory
from medcover.backups import store
from medcover.backups.models import BackupRun
from medcover.backups.services import runs
from medcover.backups.tests.test_store import use_s3
from medcover.common.errors import DomainError
from medcover.system import own_checks
from medcover.system.checks_of_services import State
from medcover.system.models import AuditEntry
from medcover.system.uploads import DiskRefuses
from notifications.models import OutboxMessage
from roster.tests.factories import make_admin

NOW = datetime(2027, 1, 15, 11, 0, tzinfo=UTC)
DOCUMENT = b"%PDF-1.7\n" + bytes(400_000) + b"\n%%EOF\n"


@pytest.fixture
def tiny_disk(tmp_path) -> Iterator[Path]:
    """A disk of 256 kB. Only the administrator of a machine may mount one; elsewhere the rest has to do."""
    place = tmp_path / "tiny"
    place.mkdir()
    if (
        os.geteuid() != 0
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(place)], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("A disk cannot be mounted here.")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def admin():
    return make_admin()


def files(place: Path) -> list[str]:
    return [path.name for path in place.rglob("*") if path.is_file()]


def errors() -> list[str]:
    return list(AuditEntry.objects.filter(kind="error").order_by("pk").values_list("summary", flat=True))


def send(admin) -> str:
    client, item = Client(), ItemFactory()
    client.force_login(admin)
    sent = {"document": SimpleUploadedFile("Návod.pdf", DOCUMENT), "category": "owners_manual"}
    return client.post(f"/equipment/{item.pk}/documents/", sent, follow=True).content.decode()


@pytest.mark.django_db
class TestUpload:
    SAID = "Soubor se nepodařilo uložit: Disk je plný."

    def expect_refused(self, admin, place: Path) -> None:
        assert self.SAID in send(admin)
        assert (files(place), Attachment.objects.count()) == ([], 0)
        assert errors() == ["Nahraný soubor se nepodařilo uložit: Disk je plný."]
        assert AuditEntry.objects.get(kind="error").actor == admin

    def test_onto_a_tiny_disk(self, admin, tiny_disk, settings):
        settings.MEDIA_ROOT = tiny_disk
        self.expect_refused(admin, tiny_disk)
        settings.MEDIA_ROOT = tiny_disk.parent / "roomy"
        assert self.SAID not in send(admin)
        assert Attachment.objects.count() == 1

    def test_at_the_last_moment(self, admin, settings, monkeypatch):
        Path(settings.MEDIA_ROOT).mkdir()
        monkeypatch.setattr(os, "fsync", _no_room)
        self.expect_refused(admin, Path(settings.MEDIA_ROOT))

    def test_the_start_page_tells_it_and_looking_records_nothing(self, admin, tiny_disk, settings):
        settings.MEDIA_ROOT = tiny_disk
        (tiny_disk / "ballast").write_bytes(bytes(256 * 1024))
        finding = own_checks.storage()
        assert (finding.state, "Disk je plný." in str(finding.details)) == (State.ERROR, True)
        client = Client()
        client.force_login(admin)
        assert "Soubory nelze zapisovat" in client.get("/admin/installation/").content.decode()
        assert errors() == []

    def test_what_the_disk_refuses_otherwise_is_told_as_well(self, settings):
        Path(settings.MEDIA_ROOT).write_text("not a directory")
        with pytest.raises(DiskRefuses, match="Server nemohl přečíst nebo zapsat soubor"):
            default_storage.save("a.txt", ContentFile(b"a"))

    def test_one_of_the_same_name_stays_as_it_is(self, settings, monkeypatch):
        default_storage.save("a.txt", ContentFile(b"first"))
        monkeypatch.setattr(default_storage, "get_available_name", lambda name, **_given: name, raising=False)
        with pytest.raises(DiskRefuses):
            default_storage.save("a.txt", ContentFile(b"second"))
        top = Path(settings.MEDIA_ROOT)
        assert ((top / "a.txt").read_bytes(), files(top)) == (b"first", ["a.txt"])
        assert (top / "a.txt").stat().st_mode & 0o777 == 0o644


def _no_room(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.django_db(transaction=True)
class TestBackup:
    @pytest.fixture(autouse=True)
    def _places(self, settings, tmp_path):
        settings.BACKUP_WORK_DIR = str(tmp_path / "work")
        self.keep_in(settings, tmp_path / "backups")

    def keep_in(self, settings, place: Path) -> None:
        location = {"location": str(place)}
        backend = {"BACKEND": "medcover.backups.directory.BackupDirectory", "OPTIONS": location}
        settings.STORAGES = {**settings.STORAGES, "backups": backend}

    def expect_failed(self, admin) -> str:
        """The reason, after it has been told wherever it has to be."""
        with pytest.raises(DomainError):
            runs.at_once(BackupRun.Kind.BACKUP)
        reason = BackupRun.objects.newest_first()[0].error
        assert errors() == [f"Zálohování selhalo: {reason}"]
        assert OutboxMessage.objects.get(code="backup_failed", recipient=admin).payload["error"] == reason
        return reason

    def test_onto_a_tiny_disk(self, admin, tiny_disk, settings):
        self.keep_in(settings, tiny_disk)
        assert self.expect_failed(admin) == "Disk je plný."
        assert files(tiny_disk) == []

    def test_made_on_a_tiny_disk(self, admin, tiny_disk, settings):
        settings.BACKUP_WORK_DIR = str(tiny_disk / "work")
        assert "No space left on device" in self.expect_failed(admin)
        assert (files(tiny_disk), store.names()) == ([], [])

    def test_into_a_store_that_has_gone(self, admin, settings):
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
        server.start()
        host, port = server.get_host_and_port()
        use_s3(settings, f"http://{host}:{port}")
        storages["backups"].connection.Bucket("archives").create()
        runs.at_once(BackupRun.Kind.BACKUP)
        assert len(store.names()) == 1
        server.stop()
        reason = self.expect_failed(admin)
        assert reason.startswith("Úložiště záloh neodpovídá nebo odmítá: EndpointConnectionError")
        client = Client()
        client.force_login(admin)
        page = client.get("/admin/backups/backupsettings/")
        assert (page.status_code, "EndpointConnectionError" in page.content.decode()) == (200, True)
        assert list(Path(settings.BACKUP_WORK_DIR).iterdir()) == []


@pytest.mark.django_db
def test_a_static_page_that_finds_no_room_leaves_the_old_one(tiny_disk, settings):
    settings.STATIC_PAGE_PUSH_METHOD, settings.STATIC_PAGE_PUSH_TARGET = "local", str(tiny_disk)
    StaticPagePush.objects.create(asked_at=NOW)
    assert pushing.push_due(at=NOW).status == StaticPagePush.Status.DELIVERED
    before = (tiny_disk / "index.html").read_bytes()
    room = os.statvfs(tiny_disk)
    (tiny_disk / "ballast").write_bytes(bytes(room.f_bavail * room.f_frsize))
    StaticPagePush.objects.create(asked_at=NOW)
    push = pushing.push_due(at=NOW)
    assert push.last_error.startswith("Disk je plný.")
    assert errors() == [f"Statickou stavovou stránku se nepodařilo zapsat: {push.last_error}"]
    assert (sorted(files(tiny_disk)), (tiny_disk / "index.html").read_bytes()) == (["ballast", "index.html"], before)
