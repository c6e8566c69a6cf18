"""Ask this system's Prefect whether it is ready."""

from collections.abc import Callable
from functools import cache

from actions.prefect.client import PrefectAddress, PrefectApi

SECONDS_FOR_ENGINE = 1.0


def engine_probe(settings: PrefectAddress) -> Callable[[], bool]:
    """Asks this system's Prefect whether it is ready, and waits for a second at most. For threads."""

    @cache
    def api() -> PrefectApi:
        return PrefectApi.of(settings, timeout=SECONDS_FOR_ENGINE, patience=0)

    return lambda: api().is_healthy()
