"""Statistics of what was measured, on plain numbers."""

from __future__ import annotations

import gzip
import math
from collections.abc import Sequence
from dataclasses import dataclass


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least value that `share` of all values (0 < share <= 1) do not exceed."""
    if not values:
        raise ValueError("a percentile needs values")
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def multiple(value: float, floor: float) -> float:
    """Return how many times `floor` goes into `value`; endless over a floor of nothing."""
    return value / floor if floor else math.inf


def compressed(body: bytes) -> int:
    """Return the bytes of a body as a proxy sends them."""
    return len(gzip.compress(body, compresslevel=6))


@dataclass(frozen=True)
class Latency:
    """How long answers took, in milliseconds."""

    p50: float
    p95: float
    count: int

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Latency:
        """Sum up the times of single requests."""
        return cls(percentile(seconds, 0.5) * 1000, percentile(seconds, 0.95) * 1000, len(seconds))
