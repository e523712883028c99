"""The embedded server under what happens to it: crowds, crashes, long paths, vanished data."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from medcover.embedded_postgres import DATABASE, EmbeddedPostgres, EmbeddedPostgresError

#: A process that uses the server at argv[1], says so, and stays until its input ends or it is killed.
USER = """
import sys; from pathlib import Path
from medcover.embedded_postgres import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1])); server.acquire()
print("ready", flush=True); sys.stdin.read()
"""

#: A process that leaves the server to a child of its own, as the worker does.
PARENT = """
import sys, multiprocessing; from pathlib import Path
from medcover.embedded_postgres import EmbeddedPostgres
child = multiprocessing.get_context("fork").Process(target=EmbeddedPostgres(Path(sys.argv[1])).acquire)
child.start(); child.join(); sys.exit(child.exitcode)
"""


@contextmanager
def place() -> Iterator[Path]:
    """A place with a short path, as a checkout has; pytest's own directories may be longer than a socket allows."""
    directory = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        yield directory / "postgres"
    finally:
        EmbeddedPostgres(directory / "postgres")._stop()
        shutil.rmtree(directory)


@pytest.fixture
def home() -> Iterator[Path]:
    """Where nothing is yet."""
    with place() as directory:
        yield directory


@pytest.fixture(scope="module")
def home_of_module() -> Iterator[Path]:
    """Where a server ran once and was left."""
    with place() as directory:
        server = EmbeddedPostgres(directory)
        server.acquire()
        server.release()
        yield directory


@pytest.fixture
def used_home(home_of_module: Path) -> Iterator[Path]:
    """Where servers have run before, for tests that neither begin with a first start nor harm the data."""
    yield home_of_module
    EmbeddedPostgres(home_of_module)._stop()


def start_user(home: Path, program: str = USER) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, str(home)],
        cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def wait_ready(user: subprocess.Popen[str]) -> None:
    assert user.stdout is not None
    assert user.stdout.readline() == "ready\n"


def leave(user: subprocess.Popen[str]) -> None:
    user.communicate("")
    assert user.returncode == 0


def server_pid(home: Path) -> int:
    return int((home / "data" / "postmaster.pid").read_text().split("\n", 1)[0])


def query(server: EmbeddedPostgres, question: str) -> object:
    parameters = server.settings()
    with psycopg.connect(host=parameters["HOST"], user=parameters["USER"], dbname=parameters["NAME"]) as connection:
        row = connection.execute(question).fetchone()
    assert row is not None
    return row[0]


def test_it_is_a_utf8_database_in_utc_for_many_connections(home):
    server = EmbeddedPostgres(home)
    server.acquire()
    assert query(server, "SELECT current_database()") == DATABASE
    assert query(server, "SHOW server_encoding") == "UTF8"
    assert query(server, "SHOW timezone") == "UTC"
    assert query(server, "SHOW listen_addresses") == ""
    assert int(str(query(server, "SHOW max_connections"))) >= 350
    assert query(server, "SELECT upper('příliš žluťoučký')") == "PŘÍLIŠ ŽLUŤOUČKÝ"
    assert query(server, "SHOW fsync") == "on"
    server.release()


def test_processes_that_begin_together_share_one_server(home):
    users = [start_user(home) for _ in range(3)]
    for user in users:
        wait_ready(user)
    pid = server_pid(home)
    leave(users.pop())
    assert EmbeddedPostgres(home).is_running()
    assert server_pid(home) == pid
    for user in users:
        leave(user)
    assert not EmbeddedPostgres(home).is_running()
    assert not (home / "data" / "postmaster.pid").exists()


def test_a_killed_user_neither_stops_nor_keeps_the_server(used_home):
    killed, staying = start_user(used_home), start_user(used_home)
    for user in (killed, staying):
        wait_ready(user)
    killed.kill()
    killed.communicate()
    assert EmbeddedPostgres(used_home).is_running()
    leave(staying)
    assert not EmbeddedPostgres(used_home).is_running()


def test_a_server_that_survived_its_killed_user_is_taken_over(used_home):
    user = start_user(used_home)
    wait_ready(user)
    pid = server_pid(used_home)
    user.kill()
    user.communicate()
    server = EmbeddedPostgres(used_home)
    server.acquire()
    assert server_pid(used_home) == pid
    server.release()
    assert not server.is_running()


def test_a_crashed_server_is_recovered_with_its_data(used_home):
    server = EmbeddedPostgres(used_home)
    server.acquire()
    with server._connect(DATABASE) as connection:
        connection.execute("CREATE TABLE survived AS SELECT 42 AS answer")
        connection.execute("CHECKPOINT")
    os.kill(server_pid(used_home), signal.SIGKILL)
    successor = EmbeddedPostgres(used_home)
    successor.acquire()
    assert query(successor, "SELECT answer FROM survived") == 42
    server.release()
    successor.release()


def test_a_disposable_one_that_crashed_begins_with_nothing(home):
    server = EmbeddedPostgres(home, disposable=True)
    server.acquire()
    assert query(server, "SHOW fsync") == "off"
    with server._connect(DATABASE) as connection:
        connection.execute("CREATE TABLE lost AS SELECT 42 AS answer")
        connection.execute("CHECKPOINT")
    os.kill(server_pid(home), signal.SIGKILL)
    successor = EmbeddedPostgres(home, disposable=True)
    successor.acquire()
    assert query(successor, "SELECT to_regclass('lost')") is None
    server.release()
    successor.release()


def test_a_disposable_one_that_was_left_keeps_its_data(used_home):
    server = EmbeddedPostgres(used_home, disposable=True)
    server.acquire()
    with server._connect(DATABASE) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    server.release()
    server.acquire()
    assert query(server, "SELECT answer FROM kept") == 42
    server.release()


def test_a_pid_file_that_names_another_program_is_not_believed(used_home):
    server = EmbeddedPostgres(used_home)
    server.acquire()
    pid_file = used_home / "data" / "postmaster.pid"
    content = pid_file.read_text()
    server.release()
    pid_file.write_text(content.replace(content.split("\n", 1)[0], str(os.getpid()), 1))
    server.acquire()
    assert server.is_running()
    server.release()


def test_data_deleted_under_a_running_server_are_made_anew(home):
    server = EmbeddedPostgres(home)
    server.acquire()
    old = server_pid(home)
    shutil.rmtree(home)
    successor = EmbeddedPostgres(home)
    successor.acquire()
    assert server_pid(home) != old
    assert query(successor, "SELECT 1") == 1
    server.release()
    assert successor.is_running()
    successor.release()


def test_an_interrupted_first_start_leaves_nothing_that_counts(home):
    draft = home / "data.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18")
    home.chmod(0o700)
    server = EmbeddedPostgres(home)
    server.acquire()
    assert query(server, "SELECT 1") == 1
    assert not draft.exists()
    server.release()


def test_a_path_too_long_for_a_socket_works(home):
    server = EmbeddedPostgres(home / ("long" * 30) / "postgres")
    assert not server.socket_dir.is_relative_to(home)
    server.acquire()
    assert query(server, "SELECT 1") == 1
    server.release()
    shutil.rmtree(server.socket_dir)


def test_a_forked_child_leaves_without_stopping_its_parent_s_server(used_home):
    server = EmbeddedPostgres(used_home)
    server.acquire()
    child = os.fork()
    if child == 0:
        server.acquire()
        server.release()
        os._exit(0 if server.is_running() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert server.is_running()
    server.release()


def test_the_last_user_may_be_a_worker_s_child(home):
    leave(start_user(home, PARENT))
    assert (home / "data" / "PG_VERSION").exists()
    assert not EmbeddedPostgres(home).is_running()


def test_a_failure_is_told_with_its_reason(home):
    server = EmbeddedPostgres(home)
    server.acquire()
    server.release()
    (home / "data" / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedPostgresError, match=r"version|compatible"):
        server.acquire()


def test_nothing_is_started_by_reading_the_settings(home):
    assert EmbeddedPostgres(home).settings()["ENGINE"] == "medcover.embedded_engine"
    assert not home.exists()
