"""Requests counted in this process, or in all the processes of one ``python -m web`` together."""

import os

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

SHARED_IN = "PROMETHEUS_MULTIPROC_DIR"
"""Variable that names the folder in which several processes count together; set before they start."""
BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "projet_partage_http_requests", "Requests answered", ["method", "route", "status"], registry=REGISTRY
)
DURATIONS = Histogram(
    "projet_partage_http_request_seconds",
    "Time from the first byte of a request to the end of its answer",
    ["method", "route"],
    buckets=BUCKETS,
    registry=REGISTRY,
)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """One more. The labels are few: a route is a template, never an address."""
    REQUESTS.labels(method, route, str(status)).inc()
    DURATIONS.labels(method, route).observe(seconds)


def counted_requests() -> CollectorRegistry | Collector:
    """What was counted, by all the processes that share."""
    if SHARED_IN not in os.environ:
        return REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return shared
