"""python -m medcover.bench; see `script/bench --help`."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from medcover.embedded_postgres import SUPERUSER, EmbeddedPostgres

ROOT = Path(__file__).resolve().parents[2]
HOME = ROOT / "var" / "bench"
DOCUMENT = ROOT / "docs" / "performance.md"


def main() -> None:
    """Measure, tell, and leave nothing running."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    wanted = _arguments()
    begun = time.perf_counter()
    with database_server() as server:
        set_up_django(server)
        _do(wanted, server, begun)


def _stop(_number: int, _frame: Any) -> None:
    raise KeyboardInterrupt


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="script/bench", description="Measures the system as it runs in production, on two sizes of data."
    )
    parser.add_argument("--size", choices=("small", "large"), help="only this size")
    parser.add_argument("--only", metavar="PAGE", help="only this page, and the floors")
    parser.add_argument("--profile", metavar="PAGE", help="where the time of one request for this page goes")
    parser.add_argument("--json", type=Path, default=HOME / "result.json", metavar="PATH", help="where the result goes")
    parser.add_argument(
        "--sheet", type=Path, metavar="PATH", help="a planning sheet to import instead of an invented one"
    )
    parser.add_argument("--write-docs", action="store_true", help="put the table into docs/performance.md as well")
    return parser.parse_args()


@contextmanager
def database_server() -> Iterator[EmbeddedPostgres]:
    """Run the server of the measured databases as long as the block lasts."""
    HOME.mkdir(parents=True, exist_ok=True)
    server = EmbeddedPostgres(HOME / "postgres")
    server.acquire()
    try:
        yield server
    finally:
        server.release()


def set_up_django(server: EmbeddedPostgres) -> None:
    """Give ourselves, and so the processes that we start, the environment of an installation."""
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "medcover.settings.bench",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ALLOWED_HOSTS": "bench.medcover.example,localhost",
        "BASE_URL": "https://bench.medcover.example",
        "BEHIND_TLS_PROXY": "true",
        "DATABASE_URL": f"postgres://{SUPERUSER}@localhost/postgres",
        "BENCH_SOCKET": str(server.socket_dir),
        "VAR_DIR": str(HOME),
        "LOG_LEVEL": "ERROR",
    }
    os.environ.pop("AUTH_MODE", None)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("collectstatic", interactive=False, verbosity=0)


def _do(wanted: argparse.Namespace, server: EmbeddedPostgres, begun: float) -> None:
    from medcover.bench.database import LARGE, SMALL, Databases
    from medcover.bench.pages import PAGES
    from medcover.bench.run import Run

    known = {page.key: page for page in PAGES}
    for key in (wanted.only, wanted.profile):
        if key is not None and key not in known:
            raise SystemExit(f"Not a page: {key}. Known are: {', '.join(known)}")
    run = Run(HOME, Databases(server), _say, wanted.sheet)
    if wanted.profile:
        for line in run.profile(SMALL if wanted.size == "small" else LARGE, known[wanted.profile]):
            sys.stdout.write(f"{line}\n")
        return
    sizes = [size for size in (SMALL, LARGE) if wanted.size in (None, size.name)]
    whole = wanted.only is None
    found = {size.name: run.measure(size, only=wanted.only, others=whole) for size in sizes}
    _tell({"made": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC", "machine": _machine(), "sizes": found}, wanted)
    _say(f"   all together: {time.perf_counter() - begun:.0f} s")


def _machine() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        server = cursor.fetchone()[0]
    python = ".".join(map(str, sys.version_info[:3]))
    return (
        f"{os.cpu_count()} cores, Python {python}, PostgreSQL {server.split()[0]}; the load comes from the same machine"
    )


def _tell(result: dict[str, Any], wanted: argparse.Namespace) -> None:
    from medcover.bench import report

    wanted.json.parent.mkdir(parents=True, exist_ok=True)
    wanted.json.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n")
    table = "\n".join(report.lines(result))
    sys.stdout.write(f"{table}\n")
    if wanted.write_docs:
        head = f"Measured {result['made']}, {result['machine']}."
        DOCUMENT.write_text(report.replace_between(DOCUMENT.read_text(), f"{head}\n\n{table}"))


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
