"""Report of what was measured: on the screen, as JSON, and in the table of the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from medcover.bench.figures import multiple

#: How much longer than half of the answers nearly all may take, and how much longer on more data.
P95_TIMES, GROWTH_TIMES = 1.7, 1.2
#: Bytes of a page as a proxy sends it.
GZIP_BYTES = 25_000

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"

_HEAD = ("page", "p50 ms", "× floor", "at most", "p95 ms", "8 clients, 1/s", "statements", "at most", "database ms",
         "kB", "kB gzip")  # fmt: skip


def page_row(measured: Any, floor_ms: float) -> dict[str, Any]:
    """Return what is kept of one page."""
    page, latency = measured.page, measured.latency
    return {
        "title": page.title,
        "p50_ms": round(latency.p50, 2),
        "p95_ms": round(latency.p95, 2),
        "requests": latency.count,
        "times_floor": round(multiple(latency.p50, floor_ms), 2),
        "times_floor_at_most": page.times,
        "per_second": measured.per_second and round(measured.per_second, 1),
        "statements": measured.statements,
        "statements_at_most": page.statements,
        "database_ms": round(measured.database_ms, 2),
        "bytes": measured.plain,
        "bytes_gzip": measured.gzip,
    }


def lines(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the whole result as Markdown."""
    for size, found in result["sizes"].items():
        yield f"### {size}: {found['users']} people, {found['events']} events"
        yield ""
        yield from page_table(found["pages"])
        yield ""
        yield from _others(found.get("others", {}))
    yield from _growth(result["sizes"])


def page_table(rows: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Yield the table of pages."""
    yield from _table(_HEAD, [_cells(row) for row in rows.values()])


def _cells(row: Mapping[str, Any]) -> list[str]:
    return [
        row["title"], f"{row['p50_ms']:.1f}", _marked(row["times_floor"], row["times_floor_at_most"]),
        _plain(row["times_floor_at_most"]), _bold(f"{row['p95_ms']:.1f}", row["p95_ms"] > P95_TIMES * row["p50_ms"]),
        _plain(row["per_second"]),
        _marked(row["statements"], row["statements_at_most"]), _plain(row["statements_at_most"]),
        f"{row['database_ms']:.1f}", f"{row['bytes'] / 1000:.1f}",
        _bold(f"{row['bytes_gzip'] / 1000:.1f}", row["bytes_gzip"] > GZIP_BYTES),
    ]  # fmt: skip


def _marked(value: float, ceiling: float | None) -> str:
    """What is over its ceiling stands out."""
    text = f"{value:.1f}" if isinstance(value, float) else str(value)
    return _bold(text, ceiling is not None and value > ceiling)


def _bold(text: str, missed: bool) -> str:
    return f"**{text}**" if missed else text


def _plain(number: float | None) -> str:
    return "–" if number is None else f"{number:g}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def _others(others: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    if others:
        rows = [[row["title"], _bold(row["figure"], not row["met"]), row["wanted"] or "–"] for row in others.values()]
        yield from _table(("what", "figure", "wanted"), rows)
        yield ""


def _growth(sizes: Mapping[str, Any]) -> Iterator[str]:
    """How much slower each page is on the larger size."""
    if len(sizes) < 2:
        return
    small, large = (found["pages"] for found in sizes.values())
    shared = [key for key in small if key in large]
    times = {key: multiple(large[key]["p50_ms"], small[key]["p50_ms"]) for key in shared}
    rows = [[large[key]["title"], _bold(f"{more:.2f}", more > GROWTH_TIMES)] for key, more in times.items()]
    yield "### From the smaller to the larger size"
    yield ""
    yield from _table(("page", "× p50"), rows)
    yield ""


def replace_between(text: str, fresh: str) -> str:
    """Return the document with what stands between the two marks replaced."""
    before, begin, rest = text.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError("the document has no place for the figures")
    return f"{before}{BEGIN}\n\n{fresh.strip()}\n\n{END}{after}"
