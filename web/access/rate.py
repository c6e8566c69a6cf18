"""How often one may ask: a bucket that fills with time, kept in the process.

Ours, as the libraries (limits, slowapi) bring stores and decorators that a count within one process does not need.
"""

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

BURST, BY_SECOND = 120, 5.0
"""Size of the bucket, in requests, and how many are added back per second."""
MOST_KEPT = 10_000
"""Above this number of callers, full buckets are dropped: a new one is full too."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Rate:
    """The limit of each who asks. Restarted, the process forgives; two processes allow twice as much."""

    def __init__(
        self, burst: int = BURST, by_second: float = BY_SECOND, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst, self._by_second, self._clock = burst, by_second, clock
        self._buckets: dict[Hashable, _Bucket] = {}

    def wait(self, who: Hashable) -> float:
        """Count one request; how many seconds to wait before asking again, 0 when it may go on."""
        now = self._clock()
        if len(self._buckets) > MOST_KEPT:
            self._forget(now)
        bucket = self._buckets.setdefault(who, _Bucket(self._burst, now))
        bucket.left = self._left(bucket, now)
        bucket.at = now
        if bucket.left < 1:
            return (1 - bucket.left) / self._by_second
        bucket.left -= 1
        return 0.0

    def _left(self, bucket: _Bucket, now: float) -> float:
        return min(self._burst, bucket.left + (now - bucket.at) * self._by_second)

    def _forget(self, now: float) -> None:
        full = [who for who, bucket in self._buckets.items() if self._left(bucket, now) >= self._burst]
        for who in full:
            del self._buckets[who]
