"""The periodic work: `reconcile` must go on, whoever died while it held its place."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psycopg

from chaos.judge.sql import instant, open_sql

_ABSENT = (sqlite3.Error, psycopg.Error)
_BY_PREFECT = (
    "SELECT MAX(flow_run.end_time) FROM flow_run JOIN deployment ON deployment.id = flow_run.deployment_id "
    "WHERE deployment.name = 'reconcile' AND flow_run.state_type = 'COMPLETED'"
)
_BY_ANYBODY = "SELECT completed_at FROM periodic_round WHERE name = 'reconcile'"


def last_reconcile(domain: str, prefect: str) -> datetime | None:
    """When a round of `reconcile` last completed, by a run of Prefect or, without one, by the relay."""
    return max(_known(domain, prefect), default=None)


def _known(domain: str, prefect: str) -> Iterator[datetime]:
    for url, query in ((domain, _BY_ANYBODY), (prefect, _BY_PREFECT)):
        value = _first_value(url, query)
        if value is not None:
            yield instant(value)


def _first_value(url: str, query: str) -> Any:
    """None when there is no such row, no such table (an older system) or no such database (yet)."""
    try:
        with open_sql(url) as sql:
            return next((next(iter(row.values())) for row in sql.rows(query)), None)
    except _ABSENT:
        return None
