"""A value that is costly to read, and asked for more often than it changes."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class CachedValue(Generic[T]):
    """What ``read`` returns, read at most once in ``seconds``, by one thread at a time. Call it to get the value."""

    def __init__(self, read: Callable[[], T], seconds: float) -> None:
        self._read, self._seconds, self._lock = read, seconds, threading.Lock()
        self._value: tuple[float, T] | None = None

    def __call__(self) -> T:
        with self._lock:
            if self._value is None or time.monotonic() - self._value[0] > self._seconds:
                self._value = (time.monotonic(), self._read())
            return self._value[1]
