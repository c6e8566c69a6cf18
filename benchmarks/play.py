"""The clients of a benchmark: threads of one process, each playing its own projects, each act timed."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from statistics import median
from time import perf_counter
from typing import Any

STAGES = 6
CITIES = 4
ACTS = STAGES * CITIES
"""Sign-offs of one project: six stages of one shared deliverable, four cities."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What one measure gives: acts per second over the whole run, and what one act took, in milliseconds."""

    rate: float
    p50_ms: float
    p99_ms: float

    def as_dict(self) -> dict[str, float]:
        return asdict(self)


Client = Callable[[], Iterator[float]]
"""Plays its share and yields the seconds each act took; what it does between two acts counts in the rate."""


def play(clients: Sequence[Client], finish: Callable[[], None] = lambda: None) -> Figures:
    """Start every client at the same instant, one thread each; ``finish`` waits for work left behind."""
    barrier = threading.Barrier(len(clients) + 1)
    durations: list[list[float]] = [[] for _ in clients]
    failures: list[BaseException] = []

    def run(client: Client, times: list[float]) -> None:
        barrier.wait()
        try:
            times.extend(client())
        except BaseException as failure:  # told by the main thread: a thread's own death is silent
            failures.append(failure)

    threads = [threading.Thread(target=run, args=pair) for pair in zip(clients, durations, strict=True)]
    for thread in threads:
        thread.start()
    barrier.wait()
    started = perf_counter()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    finish()
    return _figures(sorted(chain(*durations)), perf_counter() - started)


def timed(act: Callable[..., Any], *args: Any) -> float:
    """Seconds ``act(*args)`` took."""
    started = perf_counter()
    act(*args)
    return perf_counter() - started


def middle(rounds: Sequence[Figures]) -> Figures:
    """The median of each figure over the rounds."""
    return Figures(
        median(figures.rate for figures in rounds),
        median(figures.p50_ms for figures in rounds),
        median(figures.p99_ms for figures in rounds),
    )


def _figures(durations: list[float], elapsed: float) -> Figures:
    count = len(durations)
    return Figures(
        rate=count / elapsed,
        p50_ms=durations[count // 2] * 1000,
        p99_ms=durations[min(count - 1, count * 99 // 100)] * 1000,
    )
