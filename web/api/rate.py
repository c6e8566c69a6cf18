"""How often one token may ask: a bucket that fills with time, kept in the process."""

import time
from collections.abc import Callable
from dataclasses import dataclass

BURST, BY_SECOND = 120, 5.0
"""So many requests at once, then so many a second."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Rate:
    """The limit of each token. Restarted, the process forgives; two processes allow twice as much."""

    def __init__(
        self,
        burst: int = BURST,
        by_second: float = BY_SECOND,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst, self._by_second, self._clock = burst, by_second, clock
        self._buckets: dict[int, _Bucket] = {}

    def wait(self, token_id: int) -> float:
        """Count one request; how many seconds to wait before asking again, 0 when it may go on."""
        now = self._clock()
        bucket = self._buckets.setdefault(token_id, _Bucket(self._burst, now))
        bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._by_second)
        bucket.at = now
        if bucket.left < 1:
            return (1 - bucket.left) / self._by_second
        bucket.left -= 1
        return 0.0
