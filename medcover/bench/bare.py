"""Floor of signing up, the least that a claim could cost: lock one row, insert one, commit.

`python -m medcover.bench.bare SOCKET NAME SECONDS` prints how many times it was done. Several of them at once wait
for each other as claims on one event do.
"""

from __future__ import annotations

import subprocess
import sys
import time

import psycopg

from medcover.bench.database import ROOT
from medcover.embedded_postgres import SUPERUSER

SECONDS, PROCESSES = 3.0, 2


def per_second(socket_dir: str, database: str) -> float:
    """Return how many transactions a second two processes make on one row."""
    with psycopg.connect(host=socket_dir, user=SUPERUSER, dbname=database) as link:
        link.execute("DROP TABLE IF EXISTS bench_place, bench_event")
        link.execute("CREATE TABLE bench_event (id int PRIMARY KEY)")
        link.execute("CREATE TABLE bench_place (id bigserial PRIMARY KEY, event int REFERENCES bench_event)")
        link.execute("INSERT INTO bench_event VALUES (1)")
    command = [sys.executable, "-m", "medcover.bench.bare", socket_dir, database, str(SECONDS)]
    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) for _number in range(PROCESSES)]
    return sum(int(process.communicate()[0]) for process in started) / SECONDS


def transactions(socket_dir: str, database: str, seconds: float) -> int:
    """Lock, insert and commit until time is up."""
    done, end = 0, time.perf_counter() + seconds
    with psycopg.connect(host=socket_dir, user=SUPERUSER, dbname=database) as link:
        while time.perf_counter() < end:
            link.execute("SELECT id FROM bench_event WHERE id = 1 FOR UPDATE")
            link.execute("INSERT INTO bench_place (event) VALUES (1)")
            link.commit()
            done += 1
    return done


if __name__ == "__main__":
    sys.stdout.write(str(transactions(sys.argv[1], sys.argv[2], float(sys.argv[3]))))
