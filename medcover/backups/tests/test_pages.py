"""Backups in the backoffice: what the page shows and does, for whom, and how the worker goes on."""

from __future__ import annotations

import io
import logging
import zipfile
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from django.conf import settings as live_settings
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from events.tests.counting import rows_per_table
from medcover.backups import digest, jobs, locking, store
from medcover.backups.errors import StoreFailed
from medcover.backups.models import BackupRun, BackupSettings
from medcover.backups.names import name_at
from medcover.backups.sealing import MARK
from medcover.backups.services import making, runs, schedule, stored
from medcover.backups.tests.archives import FILES, manifest_of, write_archive, write_zip
from medcover.common.errors import DomainError, NotAllowed, StaleRecord
from medcover.system.models import AuditEntry
from notifications.digest import sources
from notifications.models import OutboxMessage
from roster.tests.factories import make_admin, make_coordinator

pytestmark = pytest.mark.django_db

PAGE = "/admin/backups/backupsettings/"
NOW = datetime(2027, 1, 10, 12, tzinfo=UTC)
NAME = name_at(NOW, sealed=False)

Kind, Status = BackupRun.Kind, BackupRun.Status


@pytest.fixture
def admin():
    return make_admin()


@pytest.fixture
def desk(admin):
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def archive(tmp_path):
    """A stored archive, as far as its form goes."""
    store.put(NAME, write_archive(tmp_path / "made.zip"))
    return NAME


@pytest.fixture
def tasks(monkeypatch):
    """What is handed to the worker."""
    handed: list[tuple] = []
    monkeypatch.setattr("django_q.tasks.async_task", lambda *given, **_options: handed.append(given))
    return handed


def said(answer) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def url(name: str, what: str) -> str:
    return f"{PAGE}archive/{name}/{what}/"


class TestPage:
    def test_shows_archives_runs_and_settings(self, desk, archive):
        BackupRun.objects.create(kind="backup", origin="page", status="done", archive=NAME, rows=7, files=1)
        BackupRun.objects.create(kind="verification", origin="page", status="failed", archive=NAME, error="Because.")
        text = desk.get(PAGE).content.decode()
        assert all(words in text for words in (NAME, "Because.", "Vytvořit zálohu nyní", "Obnovit"))

    def test_asks_the_same_number_of_questions_however_many_there_are(
        self, desk, archive, django_assert_max_num_queries
    ):
        desk.get(PAGE)  # makes the rows of settings
        with django_assert_max_num_queries(14):
            desk.get(PAGE)
        for day in range(1, 6):
            store.put(name_at(NOW - timedelta(days=day), sealed=False), Path(storages["backups"].path(NAME)))
            BackupRun.objects.create(kind="backup", origin="page", status="done", archive=NAME, rows=7, files=1)
        with django_assert_max_num_queries(14):
            desk.get(PAGE)

    def test_tells_that_the_storage_is_away(self, desk, monkeypatch):
        def away():
            raise StoreFailed("Storage is away.")

        monkeypatch.setattr(store, "entries", away)
        answer = desk.get(PAGE)
        assert (answer.status_code, "Storage is away." in answer.content.decode()) == (200, True)

    def test_saves_the_settings(self, desk):
        row = BackupSettings.load()
        given = {"scheduled": "on", "begins": "03:15", "keep_count": "5", "keep_days": "6", "version": row.version}
        desk.post(PAGE, given)
        row.refresh_from_db()
        assert (row.scheduled, row.verified, row.begins, row.keep_count) == (True, False, time(3, 15), 5)
        assert AuditEntry.objects.filter(content_type__model="backupsettings", kind="edit").count() == 1
        desk.post(PAGE, {**given, "keep_count": "9"})  # opened before
        desk.post(PAGE, {**given, "version": row.version, "keep_count": "0"})
        row.refresh_from_db()
        assert row.keep_count == 5

    def test_hands_a_backup_to_the_worker_once(self, desk, admin, tasks, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            desk.post(f"{PAGE}run/")
            assert "běží" in said(desk.post(f"{PAGE}run/", follow=True))
        run = BackupRun.objects.get()
        assert (tasks, run.status) == ([(runs.TASK, run.pk, str(admin.pk))], Status.WAITING)


class TestArchives:
    def test_a_download_is_the_archive_and_is_recorded(self, desk, archive):
        answer = desk.get(url(archive, "download"))
        assert b"".join(answer.streaming_content) == Path(storages["backups"].path(archive)).read_bytes()
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{archive}"'
        assert AuditEntry.objects.filter(kind="export", summary__contains=archive).count() == 1

    @pytest.mark.parametrize("what", ["download", "verify", "restore", "delete"])
    def test_what_is_no_archive_is_not_there(self, desk, what, archive):
        storages["backups"].save("other.zip", SimpleUploadedFile("other.zip", b"x"))
        for name in ("other.zip", "..zip", "medcover_backup_20270230_000000_000000_UTC.zip"):
            assert desk.get(url(name, what)).status_code == 404
            assert desk.post(url(name, what), {"typed": "SMAZAT"}).status_code == 404

    def test_deleting_needs_the_word(self, desk, archive):
        assert "SMAZAT" in desk.get(url(archive, "delete")).content.decode()
        for typed in ("", "smazat", "SMAZAT ", "RESTORE"):
            desk.post(url(archive, "delete"), {"typed": typed})
        assert store.names() == [archive]
        desk.post(url(archive, "delete"), {"typed": "SMAZAT"})
        assert store.names() == []
        assert AuditEntry.objects.filter(kind="delete", summary__contains=archive).count() == 1
        assert "už v úložišti není" in desk.post(url(archive, "delete"), {"typed": "SMAZAT"}).content.decode()

    def test_restoring_needs_the_word(self, desk, archive, tasks, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            for typed in ("", "restore", "SMAZAT"):
                assert desk.post(url(archive, "restore"), {"typed": typed}).status_code == 200
            assert not BackupRun.objects.exists()
            desk.post(url(archive, "restore"), {"typed": "RESTORE"})
        assert BackupRun.objects.get().archive == archive
        assert len(tasks) == 1


class TestUpload:
    def send(self, desk, content: bytes, *, typed="RESTORE", name="mine.zip"):
        file = SimpleUploadedFile(name, content)
        return desk.post(f"{PAGE}upload/", {"archive": file, "typed": typed}, follow=True)

    @pytest.fixture
    def content(self, tmp_path):
        return write_archive(tmp_path / "sent.zip").read_bytes()

    def test_takes_an_archive_in_under_its_own_name_and_restores_it(self, desk, content, tasks):
        self.send(desk, content)
        run = BackupRun.objects.get()
        assert (run.kind, [run.archive]) == (Kind.RESTORE, store.names())
        assert list(Path(live_settings.BACKUP_WORK_DIR).iterdir()) == []

    def test_refuses_what_is_none_and_changes_nothing(self, desk, content):
        for bad in (b"hello", content[:-30], content.replace(b"picture", b"pucture")):
            self.send(desk, bad)
        self.send(desk, content, typed="restore")
        self.send(desk, content, name="mine.tar")
        desk.post(f"{PAGE}upload/", {"typed": "RESTORE"})
        desk.post(f"{PAGE}upload/", {"typed": "RESTORE", "archive": "text"})
        assert (store.names(), BackupRun.objects.count()) == ([], 0)
        assert list(Path(live_settings.BACKUP_WORK_DIR).iterdir()) == []

    @pytest.mark.parametrize(
        ("spoil", "words"),
        [
            (
                lambda content: content.replace(b"picture", b"pucture"),
                "Záloha je poškozená: nesouhlasí kontrolní součet souboru media/photos/a.jpg.",
            ),
            (lambda content: content[:-30], "Soubor není zálohou MedCoveru, nebo není celý."),
            (lambda content: content[: len(content) // 2], "Soubor není zálohou MedCoveru, nebo není celý."),
            (lambda _content: b"", "Soubor není zálohou MedCoveru, nebo není celý."),
            (lambda _content: b"hello", "Soubor není zálohou MedCoveru, nebo není celý."),
            (lambda _content: zip_of_somebody_else(), "Soubor není zálohou MedCoveru, nebo není celý."),
            (lambda _content: of_another_product(), "Záloha patří jinému programu."),
            (lambda content: MARK + content, "Záloha je zašifrována klíčem, který tato instalace nemá"),
        ],
        ids=["changed", "cut off", "half", "empty", "text", "zip", "product", "key"],
    )
    def test_says_what_is_wrong_with_a_file(self, desk, content, spoil, words):
        desk.get(PAGE)  # makes the rows of settings
        before = rows_per_table()
        assert words in said(self.send(desk, spoil(content)))
        assert (rows_per_table(), store.names()) == (before, [])

    def test_of_a_newer_version_is_refused(self, desk, tmp_path):
        newer = write_archive(tmp_path / "newer.zip", migrations=["roster.9999_newer"], version="9.9.9")
        assert "9.9.9" in said(self.send(desk, newer.read_bytes()))
        assert store.names() == []


def zip_of_somebody_else() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("holiday.jpg", b"picture")
    return target.getvalue()


def of_another_product() -> bytes:
    target = io.BytesIO()
    write_zip(target, FILES, manifest_of(FILES, product="MedUncover").to_json())
    return target.getvalue()


class TestRights:
    def test_services_ask_them_too(self, archive, tmp_path):
        coordinator = make_coordinator()
        asked = [
            lambda: runs.ask(Kind.BACKUP, by=coordinator, at=NOW),
            lambda: runs.ask(Kind.RESTORE, archive=archive, typed="RESTORE", by=coordinator, at=NOW),
            lambda: stored.note_download(archive, by=coordinator),
            lambda: stored.delete(archive, typed="SMAZAT", by=coordinator),
            lambda: stored.take_in(tmp_path / "made.zip", by=coordinator),
            lambda: schedule.save(by=coordinator, scheduled=True),
        ]
        for ask in asked:
            with pytest.raises(NotAllowed):
                ask()
        assert (store.names(), BackupRun.objects.count()) == ([archive], 0)

    def test_a_stale_form_of_the_settings_is_refused(self, admin):
        schedule.save(by=admin, version=BackupSettings.load().version, keep_count=3)
        with pytest.raises(StaleRecord):
            schedule.save(by=admin, version=1, keep_count=4)


class TestAsking:
    def test_a_run_that_died_or_was_never_taken_does_not_stand_in_the_way(self, admin, monkeypatch):
        monkeypatch.setattr(runs, "is_free", lambda: True)
        dead = BackupRun.objects.create(kind="backup", origin="page", status="running")
        old = BackupRun.objects.create(kind="backup", origin="page", asked_at=NOW - timedelta(hours=1))
        runs.ask(Kind.BACKUP, by=admin, at=NOW)
        for run in (dead, old):
            run.refresh_from_db()
            assert (run.status, bool(run.error)) == (Status.FAILED, True)

    def test_one_that_runs_does(self, admin, monkeypatch):
        monkeypatch.setattr(runs, "is_free", lambda: False)
        BackupRun.objects.create(kind="backup", origin="page", status="running")
        with pytest.raises(DomainError):
            runs.ask(Kind.BACKUP, by=admin, at=NOW)

    def test_an_archive_that_is_not_there_is_refused(self, admin):
        with pytest.raises(DomainError):
            runs.ask(Kind.VERIFICATION, archive=NAME, by=admin, at=NOW)


class TestSchedule:
    @pytest.fixture(autouse=True)
    def _on(self):
        BackupSettings.load()
        BackupSettings.objects.update(scheduled=True, begins=time(2, 0))

    def test_is_asked_for_once_a_local_day_whatever_becomes_of_it(self, tasks):
        evening = datetime(2027, 1, 10, 22, 59, tzinfo=UTC)
        first = runs.ask_if_due(at=NOW)
        BackupRun.objects.update(status="failed")
        assert first is not None
        assert runs.ask_if_due(at=evening) is None
        assert runs.ask_if_due(at=evening + timedelta(hours=2)) is None  # 01:59 of the next day
        assert runs.ask_if_due(at=evening + timedelta(hours=3)) is not None

    def test_backups_by_hand_do_not_count(self, admin, tasks):
        runs.ask(Kind.BACKUP, by=admin, at=NOW)
        assert runs.ask_if_due(at=NOW) is not None

    def test_switched_off_it_never_is(self):
        BackupSettings.objects.update(scheduled=False)
        assert runs.ask_if_due(at=NOW) is None


class TestCarryingOut:
    """What surrounds the work; the work itself is in test_restoring."""

    @pytest.fixture
    def work(self, monkeypatch):
        done: list[str] = []

        def make(run, *, by, **_options) -> None:
            done.append("make")
            run.archive = NAME

        monkeypatch.setattr(making, "make", make)
        monkeypatch.setattr(making, "verify", lambda run, *, by: done.append("verify"))
        monkeypatch.setattr(making, "clear_leftovers", lambda: None)
        return done

    def test_a_task_that_is_delivered_twice_is_done_once(self, work):
        run = BackupRun.objects.create(kind="backup", origin="page")
        assert [jobs.perform(run.pk), jobs.perform(run.pk), jobs.perform(0)] == ["done", "begun elsewhere", "gone"]
        assert work == ["make"]

    def test_an_automatic_backup_is_rehearsed(self, work):
        run = BackupRun.objects.create(kind="backup", origin="schedule", local_day=NOW.date())
        assert jobs.perform(run.pk) == "done"
        assert work == ["make", "verify"]
        assert [run.status for run in BackupRun.objects.all()] == [Status.DONE, Status.DONE]

    def test_two_at_once_are_one(self, work, admin):
        run = BackupRun.objects.create(kind="backup", origin="page")
        with runs.alone():
            assert jobs.perform(run.pk) == "failed"
        run.refresh_from_db()
        assert (work, run.status) == ([], Status.FAILED)
        assert OutboxMessage.objects.filter(recipient=admin, code="backup_failed").count() == 1

    def test_an_automatic_one_waits_for_its_turn_but_not_for_ever(self, work, monkeypatch):
        monkeypatch.setattr(locking, "_PATIENCE_SECONDS", 0.01)
        with locking.alone(), pytest.raises(DomainError), locking.alone(patiently=True):
            work.append("both")
        with locking.alone(patiently=True):
            work.append("alone")
        assert work == ["alone"]

    def test_what_nobody_expected_is_noted_without_its_words(self, monkeypatch, work, caplog, admin):
        def broken(run, *, by) -> None:
            raise RuntimeError("secret words")

        monkeypatch.setattr(making, "make", broken)
        run = BackupRun.objects.create(kind="backup", origin="page")
        with pytest.raises(RuntimeError), caplog.at_level(logging.WARNING):
            runs.carry_out(run)
        run.refresh_from_db()
        assert "secret" not in run.error + caplog.text + str(OutboxMessage.objects.get().payload)
        assert "RuntimeError" in run.error


class TestPruning:
    def test_deletes_what_the_settings_do_not_keep_but_never_the_last_good_one(self, tmp_path):
        BackupSettings.load()
        BackupSettings.objects.update(keep_count=1)
        path = write_archive(tmp_path / "made.zip")
        names = [name_at(NOW - timedelta(days=age), sealed=False) for age in range(4)]
        for name in names:
            store.put(name, path)
        for name in names[1:3]:
            BackupRun.objects.create(kind="backup", origin="page", status="done", archive=name)
        BackupRun.objects.create(kind="verification", origin="page", status="failed", archive=names[1])
        run = BackupRun(kind="backup", origin="page", archive="")
        assert making.prune_old(run, at=NOW) == [names[3], names[1]]
        assert set(store.names()) == {names[0], names[2]}


class TestTelling:
    def run(self, **given) -> BackupRun:
        row = {"kind": "backup", "origin": "schedule", "status": "done", "finished_at": timezone.now(), "size": 10}
        return BackupRun.objects.create(**{**row, **given})

    def test_the_start_page_says_how_backups_stand(self, desk):
        text = desk.get("/admin/installation/").content.decode()
        assert "Žádná záloha nebyla vytvořena" in text
        schedule.save(by=make_admin(), scheduled=True)
        self.run(finished_at=timezone.now() - timedelta(hours=26))
        self.run(kind="verification", status="failed", error="Proto.")
        text = desk.get("/admin/installation/").content.decode()
        assert "Chybí denní záloha" in text
        assert "Proto." in text

    def test_all_is_well(self, desk):
        schedule.save(by=make_admin(), scheduled=True)
        self.run()
        self.run(kind="verification")
        state = digest.state()
        assert (state.is_well, state.is_overdue(timezone.now())) == (True, False)
        assert "Obnovení funguje" in desk.get("/admin/installation/").content.decode()

    def test_the_digest_knows_it(self):
        self.run()
        self.run(size=5)
        found = sources.backups()(timezone.now())
        assert (found.count, found.most, found.total_bytes, found.schedule) == (2, 60, 15, "")

    def test_the_mail_names_the_reason_and_the_page(self, admin):
        from medcover.system.models import SiteSettings
        from notifications.composing import compose

        run = self.run(status="failed", error="The disk is full.", archive=NAME)
        runs.notices.tell_of_failure(run)
        mail = compose([OutboxMessage.objects.get()], SiteSettings.load()).message
        assert "The disk is full." in mail.body
        assert f"{PAGE}" in mail.body


class TestCommands:
    def test_list_and_take_in_archives(self, tmp_path, capsys):
        path = write_archive(tmp_path / "from elsewhere")
        call_command("backup", add=path)
        call_command("backup", list=True)
        name, listed = capsys.readouterr().out.splitlines()
        assert listed == f"{name}\t{path.stat().st_size}"
        path.write_bytes(b"broken")
        for refused in ({"add": path}, {"add": tmp_path / "nowhere"}):
            with pytest.raises(CommandError):
                call_command("backup", **refused)

    def test_restoring_needs_the_word_and_a_whole_archive(self, tmp_path):
        foreign, cut, changed = (tmp_path / name for name in ("foreign", "cut", "changed"))
        whole = write_archive(tmp_path / "whole").read_bytes()
        foreign.write_bytes(b"hello")
        cut.write_bytes(whole[:-30])
        changed.write_bytes(whole.replace(b"picture", b"pucture"))
        for path, words in ((foreign, "není zálohou"), (cut, "není celý"), (changed, "je poškozená")):
            with pytest.raises(CommandError, match=words):
                call_command("restore", str(path), "--confirm=RESTORE")
        for given in ([NAME, "--confirm=no"], [NAME, "--confirm=RESTORE"], [str(tmp_path / "no"), "--confirm=RESTORE"]):
            with pytest.raises(CommandError):
                call_command("restore", *given)

    def test_says_what_was_made_and_that_it_proved_good(self, monkeypatch, capsys):
        def at_once(kind, **_given):
            return BackupRun(kind=kind, archive=NAME, size=1, rows=2, files=3)

        monkeypatch.setattr(runs, "at_once", at_once)
        call_command("backup", "--verify")
        assert capsys.readouterr().out.count(NAME) == 2


def test_files_of_the_manifest_are_those_of_the_archive():
    assert manifest_of(FILES).files == ["photos/a.jpg"]
