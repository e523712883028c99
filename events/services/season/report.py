"""What an import did, for the person who ran it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from django.utils.functional import Promise


@dataclass(frozen=True)
class Remark:
    """One row with a sentence about it; `row` is the row of the source, None where it has none."""

    row: int | None
    subject: str
    message: str | Promise


@dataclass
class SeasonReport:
    """Created, skipped and doubtful rows with reasons; `counts` holds totals by name."""

    created: list[Remark] = field(default_factory=list)
    skipped: list[Remark] = field(default_factory=list)
    doubtful: list[Remark] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
