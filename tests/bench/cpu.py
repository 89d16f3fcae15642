"""CPU time of this process, measured so that a busy machine changes little: in turns, and by the median."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping


def medians(runs: Mapping[str, Callable[[], object]], *, seconds: float = 2.0, rounds: int = 101) -> dict[str, float]:
    """Median CPU seconds of one call of each, called in turns.

    Args:
        runs: what to measure, by name.
        seconds: CPU time after which no further round begins; each gets at least three.
        rounds: at most so many.
    """
    times: dict[str, list[float]] = {name: [] for name in runs}
    for run in runs.values():
        run()
    began = time.process_time()
    for done in range(rounds):
        if done >= 3 and time.process_time() - began > seconds:
            break
        for name, run in runs.items():
            start = time.process_time()
            run()
            times[name].append(time.process_time() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def floor() -> int:
    """A thousand steps of ordinary Python: the measure for what has no better one. About 132 µs on two small cores."""
    counts: dict[str, int] = {}
    for number in range(1000):
        word = "abcdefgh"[number % 7 :]
        counts[word] = counts.get(word, 0) + 1
    return len(counts)
