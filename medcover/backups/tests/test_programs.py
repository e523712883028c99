"""Which pg_dump and pg_restore are used: those that a foreign server of another version understands."""

from __future__ import annotations

import os

import pytest
from django.db import connection

from medcover.backups import databases

pytestmark = pytest.mark.django_db


def program_in(place):
    place.mkdir(parents=True)
    program = place / "pg_dump"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    return program


@pytest.fixture
def of_debian(monkeypatch, tmp_path):
    monkeypatch.setattr(databases, "DEBIANS_PROGRAMS", f"{tmp_path}/{{version}}/bin")
    return tmp_path


class TestPrograms:
    def test_of_the_servers_version_come_first(self, of_debian):
        version = connection.connection.info.server_version // 10_000
        program_in(of_debian / str(version + 1) / "bin")
        wanted = program_in(of_debian / str(version) / "bin")
        assert databases._program("pg_dump") == wanted

    def test_of_another_version_are_left_alone(self, of_debian):
        other = program_in(of_debian / "9" / "bin")
        assert databases._program("pg_dump") != other

    def test_that_the_settings_name_are_used_whatever_there_is(self, of_debian, settings, tmp_path):
        program_in(of_debian / str(connection.connection.info.server_version // 10_000) / "bin")
        wanted = program_in(tmp_path / "named")
        settings.BACKUP_PG_BIN = str(wanted.parent)
        assert databases._program("pg_dump") == wanted

    def test_on_the_path_are_the_last_resort(self, of_debian, monkeypatch, tmp_path):
        monkeypatch.setattr(databases, "_brought_along", list)
        wanted = program_in(tmp_path / "on-the-path")
        monkeypatch.setenv("PATH", f"{wanted.parent}{os.pathsep}/bin")
        assert databases._program("pg_dump") == wanted

    def test_that_are_nowhere_are_told(self, of_debian, settings, tmp_path):
        settings.BACKUP_PG_BIN = str(tmp_path / "empty")
        with pytest.raises(databases.ProgramFailed):
            databases._program("pg_dump")
