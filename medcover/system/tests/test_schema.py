"""A version serves only from a database that fits it, and of many that start at once one migrates."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from medcover.common.errors import DomainError
from medcover.system import schema

#: `manage.py migrate_safely` in a process of its own, on the database of the tests.
MIGRATING = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "medcover.settings.test"
from medcover.settings import test
test.DATABASES["default"].update(json.loads(sys.argv[1]))
import django; django.setup()
from django.core.management import call_command
call_command("migrate_safely")
"""


@pytest.mark.django_db
class TestVerifying:
    def test_what_was_migrated_fits(self, django_assert_num_queries):
        call_command("verify_schema", stdout=sys.stderr)
        with django_assert_num_queries(1):
            assert schema.missing_columns() == []

    def test_a_missing_migration_is_named(self):
        MigrationRecorder.Migration.objects.filter(app="sessions", name="0001_initial").delete()
        with pytest.raises(CommandError, match=r"lacks migrations \(sessions.0001_initial\).*migrate_safely"):
            call_command("verify_schema")

    def test_a_newer_database_is_refused_before_anything_is_migrated(self):
        MigrationRecorder.Migration.objects.create(app="events", name="9999_of_tomorrow")
        for command in ("verify_schema", "migrate_safely"):
            with pytest.raises(CommandError, match=r"newer than this version \(events.9999_of_tomorrow\)"):
                call_command(command)

    def test_unless_that_is_allowed(self, settings):
        MigrationRecorder.Migration.objects.create(app="events", name="9999_of_tomorrow")
        settings.ALLOW_NEWER_DATABASE = True
        schema.verify()

    def test_what_an_app_that_is_gone_has_left_behind_matters_not(self):
        MigrationRecorder.Migration.objects.create(app="gone_app", name="0001_initial")
        schema.verify()

    def test_lost_tables_and_columns_are_named(self):
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE system_heartbeat DROP COLUMN beat_at")
            cursor.execute("DROP TABLE django_session")
        with pytest.raises(DomainError, match=r"\(django_session, system_heartbeat.beat_at\).*backup"):
            schema.verify()


@pytest.mark.django_db(transaction=True)
class TestMigrating:
    def test_of_two_processes_one_migrates_and_the_other_waits(self):
        call_command("migrate", "sessions", "zero", verbosity=0)
        try:
            with schema.alone(wait_seconds=5, tell=print):
                both = [self.start(), self.start()]
                first = [process.stdout.readline() for process in both]
            rest = [process.communicate(timeout=60)[0] for process in both]
        finally:
            call_command("migrate", "sessions", verbosity=0)
        assert first == ["Somebody else is migrating; waiting.\n"] * 2
        assert sorted(rest) == ["Migrations run: 0.\n", "Migrations run: 1.\n"]
        assert [process.returncode for process in both] == [0, 0]

    def test_waiting_has_an_end(self):
        told = []
        with (
            schema.alone(wait_seconds=5, tell=told.append),
            pytest.raises(DomainError, match="more than 1 s"),
            schema.alone(wait_seconds=1, tell=told.append),
        ):
            pass
        assert len(told) == 1

    @staticmethod
    def start() -> subprocess.Popen[str]:
        wanted = ("HOST", "PORT", "NAME", "USER", "PASSWORD")
        place = json.dumps({name: connection.settings_dict[name] for name in wanted})
        return subprocess.Popen(
            [sys.executable, "-u", "-c", MIGRATING, place],
            cwd=django_settings.BASE_DIR, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
