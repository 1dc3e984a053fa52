"""Measuring in pairs: A B A B …, so that what the machine does meanwhile touches both alike."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Paired:
    """Seconds of ours and of the floor (medians), and the median of their ratios, pair by pair."""

    ours: float
    floor: float
    ratio: float


def paired(ours: Callable[[], object], floor: Callable[[], object], runs: int) -> Paired:
    """Measure both in turn, after one uncounted run of each."""
    ours(), floor()
    mine, theirs = [], []
    for _ in range(runs):
        mine.append(seconds(ours))
        theirs.append(seconds(floor))
    ratios = [a / b for a, b in zip(mine, theirs, strict=True)]
    return Paired(median(mine), median(theirs), median(ratios))


def seconds(call: Callable[[], object]) -> float:
    """Wall time of one call."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def percentile95(values: list[float]) -> float:
    """The value that 95 of 100 runs do not exceed."""
    return sorted(values)[max(0, round(0.95 * len(values)) - 1)]


def peak_megabytes() -> float:
    """The most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
