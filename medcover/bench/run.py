"""One measuring run: the databases, the server, and everything that is measured on them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.management import call_command, get_commands
from django.core.management.base import CommandError
from django.db import connection

from medcover.bench import background, bare, claims, policy_reports, profiling, report, resources
from medcover.bench.client import end_sessions
from medcover.bench.database import Databases, Size
from medcover.bench.figures import multiple
from medcover.bench.pages import FLOORS, PAGES, Page, World, measure
from medcover.bench.processes import WebServer, web_server

#: What is wanted of the rest, beside the ceilings of the pages.
WEB_MEGABYTES, MAILS, IMPORT_SECONDS = 120, 500, 4.0
CLAIMS_PERCENT, CLAIM_STATEMENTS = 8, 20
REPORT_STATEMENTS = 4
_WINNER = "exactly one winner"


@dataclass(frozen=True)
class Run:
    """What a run needs: where its files lie, its databases, and whom to tell how far it is."""

    home: Path
    databases: Databases
    say: Callable[[str], None]
    sheet: Path | None = None

    def measure(self, size: Size, *, only: str | None, others: bool) -> dict[str, Any]:
        """Measure one size and return what is kept of it."""
        found: dict[str, Any] = {"users": size.users, "events": size.events}
        with self._step(f"{size.name}: database"):
            database = self.databases.use(size)
        world = World()
        with web_server(self.home, database=database) as server:
            found["pages"] = self._pages(world, server, [page for page in PAGES if only in (None, page.key)])
            if others:
                found["others"] = self._others(world, server, database)
        end_sessions()
        connection.close()
        return found

    def profile(self, size: Size, page: Page) -> Iterator[str]:
        """Yield where the time of one request goes."""
        self.databases.use(size)
        yield from profiling.profile(page, World())
        connection.close()

    def _pages(self, world: World, server: WebServer, pages: list[Page]) -> dict[str, Any]:
        rows, floor = {}, 0.0
        for page in (*FLOORS, *pages):
            with self._step(page.title):
                measured = measure(page, world, server.port)
            floor = measured.latency.p50 if page.key == "floor" else floor
            rows[page.key] = measured
        return {key: report.page_row(measured, floor) for key, measured in rows.items()}

    def _others(self, world: World, server: WebServer, database: str) -> dict[str, Any]:
        others: dict[str, Any] = {
            "startup": _row("start-up of the web role", f"{server.startup:.1f} s", seconds=server.startup)
        }
        memory = [resources.megabytes(process) for process in server.workers()]
        others["memory_web"] = _memory_of_web(max(memory))
        with self._step("claims"):
            others |= self._claims(world, server, database)
        with self._step("reports of browsers"):
            others["csp"] = _reported(policy_reports.send(server.port))
        with self._step("mails"):
            others["drain"] = _work("mails to a local server", background.drain(self.home), at_least=MAILS)
        with self._step("mails by several workers"):
            others["drain_many"] = _drained(background.drain_by_many(self.home, database))
        with self._step("completion of events"):
            others["complete"] = _work("events completed that were due", background.complete_due())
        with self._step("memory of the worker"):
            held = resources.of_worker(self.home, database)
            text = f"{sum(held):.0f} MB in {len(held)} processes, the largest {max(held):.0f} MB"
            others["memory_worker"] = _row("memory of the queue's worker", text, megabytes=sum(held))
        with self._step("import of a season"):
            others["import"] = _work("events imported from a planning sheet", self._import(), within=IMPORT_SECONDS)
        others["verify"] = _row("stored staffing figures afterwards", _verified())
        return others

    def _import(self) -> background.Work:
        return background.import_season(self.home, self.sheet)

    def _claims(self, world: World, server: WebServer, database: str) -> dict[str, Any]:
        bare_rate = bare.per_second(connection.settings_dict["HOST"], database)
        many, one = claims.many_places(world, server.port), claims.one_place(world, server.port)
        share = 100 / multiple(bare_rate, many.per_second)
        good = share >= CLAIMS_PERCENT and many.statements <= CLAIM_STATEMENTS and not many.failures
        wanted = f"at least {CLAIMS_PERCENT} %, at most {CLAIM_STATEMENTS} statements, no failure"
        told = f", {share:.1f} % of its floor"
        return {
            "bare": _row("floor of a claim: lock, insert, commit", f"{bare_rate:.0f}/s", per_second=bare_rate),
            "claims": _claimed(f"{claims.PLACES} members on as many places", many, told, wanted, met=good),
            "rivals": _claimed(f"{claims.RIVALS} members on one place", one, "", _WINNER, met=one.winners == 1),
        }

    @contextmanager
    def _step(self, what: str) -> Iterator[None]:
        begun = time.perf_counter()
        yield
        self.say(f"   {what}: {time.perf_counter() - begun:.1f} s")


def _row(title: str, figure: str, wanted: str = "", *, met: bool = True, **numbers: Any) -> dict[str, Any]:
    return {"title": title, "figure": figure, "wanted": wanted, "met": met, **numbers}


def _memory_of_web(most: float) -> dict[str, Any]:
    wanted, met = f"under {WEB_MEGABYTES} MB", most < WEB_MEGABYTES
    return _row("memory of a web worker", f"{most:.0f} MB", wanted, met=met, megabytes=most)


def _work(title: str, work: background.Work, *, at_least: int = 0, within: float = 0) -> dict[str, Any]:
    figure = f"{work.count} in {work.seconds:.1f} s, {work.per_second:.0f}/s"
    wanted = f"at least {at_least}/s" if at_least else f"under {within:.0f} s" if within else ""
    met = work.per_second >= at_least and (not within or work.seconds < within)
    return _row(title, figure, wanted, met=met, count=work.count, seconds=work.seconds, per_second=work.per_second)


def _drained(found: background.Drained) -> dict[str, Any]:
    figure = (
        f"{found.count} in {found.mails} mails in {found.seconds:.1f} s, {found.per_second:.0f}/s; the largest worker "
        f"held {found.megabytes:.0f} MB"
    )
    title, met = f"messages delivered by {background.WORKERS} workers", found.per_second >= MAILS
    return _row(title, figure, f"at least {MAILS}/s", met=met, per_second=found.per_second, megabytes=found.megabytes)


def _reported(found: policy_reports.Reports) -> dict[str, Any]:
    title, wanted = "reports about the content policy", f"at most {REPORT_STATEMENTS} statements, the flood refused"
    figure = (
        f"p50 {found.latency.p50:.1f} ms, {found.statements} statements; {found.taken} taken, {found.refused} refused"
    )
    met = found.statements <= REPORT_STATEMENTS and found.refused > 0
    return _row(title, figure, wanted, met=met, p50_ms=found.latency.p50, statements=found.statements)


def _claimed(title: str, found: claims.Claims, more: str, wanted: str, *, met: bool) -> dict[str, Any]:
    figure = (
        f"{found.per_second:.0f}/s{more}; p50 {found.latency.p50:.0f} ms, {found.statements} statements,"
        f" {found.winners} signed up, {found.failures} failures"
    )
    numbers = {"per_second": found.per_second, "p50_ms": found.latency.p50, "p95_ms": found.latency.p95}
    kept = {"statements": found.statements, "winners": found.winners, "failures": found.failures}
    return _row(title, figure, wanted, met=met, **numbers, **kept)


def _verified() -> str:
    """Say whether what is stored of staffing is what the rows say; there may be nothing stored."""
    if "verify_staffing" not in get_commands():
        return "none are stored"
    try:
        call_command("verify_staffing", verbosity=0)
    except CommandError as difference:
        return str(difference)
    return "all true"
