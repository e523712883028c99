"""Round trip: what was backed up comes back row by row and file by file, and what fails changes nothing."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as live_settings
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.files.storage import storages
from django.db import connection, transaction
from django.utils import timezone
from django_q.models import OrmQ

from equipment.jobs import push_static_page
from equipment.models import StaticPagePush
from medcover.backups import databases, media, rehearsal, store, swapping, tables
from medcover.backups.archive import Archive
from medcover.backups.databases import ProgramFailed
from medcover.backups.models import BackupRun
from medcover.backups.services import making, runs
from medcover.backups.tests.archives import manifest_of
from medcover.common.errors import DomainError
from medcover.system.models import AuditEntry, SiteSettings
from notifications.models import OutboxMessage
from roster.models import User
from roster.tests.departed import make_departed
from roster.tests.factories import make_admin, make_member

pytestmark = pytest.mark.django_db(transaction=True)

#: What a restore leaves as it is, or adds to.
OTHERWISE = {*making.SETTINGS, making.RUNS, *tables.EPHEMERAL, "system_auditentry", "notifications_outboxmessage"}


def rows() -> dict[str, str]:
    """A digest of the rows of every table."""
    with databases.live().connect() as there:
        names = tables.names(there)
        asked = " UNION ALL ".join(
            f"SELECT '{name}', md5(coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '')) FROM \"{name}\" t"
            for name in names
        )
        return dict(there.execute(asked.encode()).fetchall())


def scratches() -> list[str]:
    with databases.live().connect() as there:
        found = there.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [f"{databases._prefix()}%"])
        schemas = there.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [swapping.STAGED]).fetchall()
        return [name for (name,) in found.fetchall()] + [swapping.STAGED for _row in schemas]


def files() -> dict[str, bytes]:
    top = Path(live_settings.MEDIA_ROOT)
    return {str(path.relative_to(top)): path.read_bytes() for path in top.rglob("*") if path.is_file()}


def put_file(name: str, content: bytes) -> None:
    path = Path(live_settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def back_up() -> tuple[str, dict[str, str], dict[str, bytes]]:
    """An encrypted archive; and what there was."""
    SiteSettings.objects.filter(pk=SiteSettings.load().pk).update(setup_complete=True)
    put_file("photos/a.jpg", b"old")
    put_file("b/c/d.pdf", b"only then")
    made = runs.at_once(BackupRun.Kind.BACKUP)
    return made.archive, rows(), files()


@pytest.fixture(autouse=True)
def _key(settings):
    settings.BACKUP_KEYS = [b"k" * 32]


@pytest.fixture
def archive():
    """A small one."""
    make_member()
    return back_up()


@pytest.fixture
def archive_of_a_story():
    """One with rows in nearly every table."""
    make_departed()
    return back_up()


def change_everything() -> User:
    """What happens after the backup: rows come, change and go, so do files; settings are changed, mails wait."""
    late = make_member(name="Late Comer")
    User.objects.exclude(pk=late.pk).update(name="Changed")
    put_file("photos/a.jpg", b"new")
    put_file("only/now.txt", b"now")
    (Path(live_settings.MEDIA_ROOT) / "b/c/d.pdf").unlink()
    SiteSettings.objects.update(organisation_name="Kept as it is")
    Session.objects.create(session_key="a" * 32, session_data="x", expire_date=timezone.now())
    return late


class TestRestore:
    def test_brings_everything_back_and_keeps_settings(self, archive_of_a_story):
        name, before, before_files = archive_of_a_story
        late = change_everything()
        run = runs.at_once(BackupRun.Kind.RESTORE, archive=name, safely=False)
        after = rows()
        differing = {table for table in before if before[table] != after[table]}
        assert differing <= OTHERWISE
        assert before.keys() == after.keys()
        assert files() == before_files
        assert not User.objects.filter(pk=late.pk).exists()
        assert SiteSettings.load().organisation_name == "Kept as it is"
        assert not Session.objects.exists()
        assert not OutboxMessage.objects.pending().exists()
        entry = AuditEntry.objects.first()
        assert (entry.kind, entry.object_pk, name in entry.summary) == ("import", str(run.pk), True)
        run.refresh_from_db()
        assert (run.status, run.files, scratches()) == (BackupRun.Status.DONE, len(before_files), [])
        assert list(Path(live_settings.BACKUP_WORK_DIR).iterdir()) == []
        self._goes_on()

    def _goes_on(self):
        """New rows get numbers behind the restored ones, and append-only tables are so still."""
        assert make_member(name="Afterwards").pk
        assert BackupRun.objects.create(kind="backup", origin="page").pk
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            AuditEntry.objects.update(summary="")
        ContentType.objects.get_for_model(User)

    def test_into_an_empty_installation_brings_the_settings_too_and_older_data_up_to_date(self, settings):
        settings.MEDIA_ROOT = Path(settings.MEDIA_ROOT) / "not there yet"
        SiteSettings.load()
        SiteSettings.objects.update(organisation_name="Of the backup", setup_complete=True)
        self._forget_the_app()
        made = runs.at_once(BackupRun.Kind.BACKUP)
        SiteSettings.objects.update(organisation_name="", setup_complete=False)
        runs.at_once(BackupRun.Kind.RESTORE, archive=made.archive)
        assert SiteSettings.load().organisation_name == "Of the backup"
        with databases.live().connect() as there:
            assert "axes.0010_accessattemptexpiration" in tables.migrations(there)

    def _forget_the_app(self):
        """As if the backup had been made before the newest migration of a library."""
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'axes' AND name = '0010_accessattemptexpiration'")
            cursor.execute("DROP TABLE axes_accessattemptexpiration")

    def test_asks_for_a_new_static_page(self, archive, settings, tmp_path):
        settings.STATIC_PAGE_PUSH_METHOD, settings.STATIC_PAGE_PUSH_TARGET = "local", str(tmp_path / "page")
        assert not StaticPagePush.objects.exists()
        runs.at_once(BackupRun.Kind.RESTORE, archive=archive[0], safely=False)
        assert (StaticPagePush.objects.pending().count(), OrmQ.objects.count()) == (1, 1)
        assert push_static_page() == StaticPagePush.Status.DELIVERED


class TestFailure:
    """Whatever fails, at whichever step: the data are what they were, nothing is left, and people are told."""

    def fails(self, name: str) -> str:
        late = change_everything()
        before, before_files = rows(), files()
        with pytest.raises(DomainError) as failure:
            runs.at_once(BackupRun.Kind.RESTORE, archive=name, safely=False)
        after = rows()
        assert {table for table in before if before[table] != after[table]} <= OTHERWISE
        assert (files(), scratches(), User.objects.filter(pk=late.pk).exists()) == (before_files, [], True)
        assert BackupRun.objects.newest_first()[0].error == str(failure.value)
        return str(failure.value)

    def test_at_the_very_end(self, archive, monkeypatch):
        def full(*_arguments) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(media, "_move", full)
        assert self.fails(archive[0]) == AuditEntry.objects.first().summary.partition(": ")[2]

    @pytest.mark.parametrize("how", ["changed", "cut off", "foreign"])
    def test_by_an_archive_that_was_spoilt_where_it_lies(self, archive, how):
        path = Path(storages["backups"].path(archive[0]))
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes({"changed": bytes(content), "cut off": content[:-20], "foreign": b"hello"}[how])
        self.fails(archive[0])

    def test_by_a_database_that_has_lost_a_column(self, archive):
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE notifications_optout RENAME TO lost")
        try:
            lacking = runs.at_once(BackupRun.Kind.BACKUP).archive
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ALTER TABLE lost RENAME TO notifications_optout")
        assert "notifications_optout" in self.fails(lacking)

    def test_by_tables_that_stay_locked(self, archive, monkeypatch):
        monkeypatch.setattr(swapping, "_LOCK_SECONDS", 0.2)
        swap = swapping.swap

        def locked(**given) -> None:
            with psycopg.connect(**{**databases._parameters(), "dbname": databases.live().name}) as other:
                other.execute("LOCK TABLE roster_user IN ROW SHARE MODE")
                swap(**given)

        monkeypatch.setattr(swapping, "swap", locked)
        self.fails(archive[0])


class TestRehearsal:
    def test_proves_an_archive_good_and_leaves_nothing(self, archive):
        before = rows()
        run = runs.at_once(BackupRun.Kind.VERIFICATION, archive=archive[0])
        assert (run.status, run.files, run.rows) == ("done", 2, BackupRun.objects.backups().get().rows)
        assert scratches() == []
        assert {table for table in before if before[table] != rows()[table]} <= {making.RUNS}

    @pytest.mark.parametrize(
        "changed", [{"rows": {"roster_user": 10**6}}, {"migrations": []}], ids=["rows", "migrations"]
    )
    def test_finds_what_the_manifest_does_not_say(self, changed):
        with databases.live().connect() as there:
            true = {"rows": tables.counts(there), "migrations": tables.migrations(there)}
        rehearsal._compare(Archive(None, manifest_of({}, **true)), databases.live())
        with pytest.raises(DomainError):
            rehearsal._compare(Archive(None, manifest_of({}, **{**true, **changed})), databases.live())

    def test_of_a_newer_version_asks_for_an_update(self, archive, monkeypatch):
        monkeypatch.setattr(rehearsal, "known_migrations", lambda: {"roster.0001_initial"})
        with pytest.raises(DomainError, match="0\\.1\\.0"):
            runs.at_once(BackupRun.Kind.VERIFICATION, archive=archive[0])

    def test_without_the_key_is_refused(self, archive, settings):
        settings.BACKUP_KEYS = [b"x" * 32]
        with pytest.raises(DomainError):
            runs.at_once(BackupRun.Kind.VERIFICATION, archive=archive[0])


class TestMaking:
    def test_people_go_on_working_meanwhile_and_the_archive_is_of_one_moment(self, monkeypatch):
        run_program = databases.Database.run

        def slow(self, program, *arguments) -> None:
            thread = threading.Thread(target=_add_somebody)
            thread.start()
            thread.join()
            run_program(self, program, *arguments)

        monkeypatch.setattr(databases.Database, "run", slow)
        made = runs.at_once(BackupRun.Kind.BACKUP)
        monkeypatch.undo()
        assert User.objects.count() == 1
        with making.opened(made.archive) as (found, _place):
            assert found.manifest.rows["roster_user"] == 0

    def test_takes_longer_than_the_server_lets_a_transaction_be_idle(self, monkeypatch):
        run_program = databases.Database.run

        def slow(self, program, *arguments) -> None:
            run_program(self, program, *arguments)
            time.sleep(0.5)

        monkeypatch.setattr(databases.Database, "run", slow)
        name = databases.live().name
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER DATABASE "{name}" SET idle_in_transaction_session_timeout = 100')
        try:
            assert runs.at_once(BackupRun.Kind.BACKUP).status == BackupRun.Status.DONE
        finally:
            with connection.cursor() as cursor:
                cursor.execute(f'ALTER DATABASE "{name}" RESET idle_in_transaction_session_timeout')

    @pytest.mark.parametrize("place", ["dump", "storage"])
    def test_what_fails_leaves_no_archive_and_tells_everybody(self, monkeypatch, place):
        admin = make_admin()
        if place == "dump":
            monkeypatch.setattr(databases, "_program", lambda _name: Path("/bin/false"))
        else:
            monkeypatch.setattr("medcover.common.whole_files.write", _full_disk)
        with pytest.raises(DomainError):
            runs.at_once(BackupRun.Kind.BACKUP)
        assert store.entries() == []
        assert BackupRun.objects.get().status == BackupRun.Status.FAILED
        assert AuditEntry.objects.filter(kind="error").count() == 1
        assert OutboxMessage.objects.filter(code="backup_failed", recipient=admin).count() == 1
        assert list(Path(live_settings.BACKUP_WORK_DIR).iterdir()) == []

    def test_a_password_is_in_no_command_line(self, monkeypatch):
        monkeypatch.setattr(databases, "_parameters", lambda: {"password": "s3cret", "user": "u"})
        database = databases.Database("d")
        seen = {}

        def catch(command, **given):
            seen.update(command=command, environment=given["env"])
            raise databases.subprocess.TimeoutExpired(command, 1)

        monkeypatch.setattr(databases.subprocess, "run", catch)
        with pytest.raises(ProgramFailed) as failure:
            database.run("pg_dump", "--format=custom")
        assert "s3cret" not in " ".join(seen["command"]) + str(failure.value)
        assert seen["environment"]["PGPASSWORD"] == "s3cret"


def _full_disk(*_arguments: object, **_named: object) -> None:
    raise OSError(28, "No space left on device")


def _add_somebody() -> None:
    try:
        make_member()
    finally:
        connection.close()
