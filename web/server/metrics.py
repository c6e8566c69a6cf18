"""``/metrics``: what an operator's Prometheus reads. Facts come from the database, requests from our processes.

No label holds a person, a project or a secret. Facts are read at most every few seconds, however often one asks.
"""

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from ipaddress import ip_address

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CollectorRegistry, Metric, disable_created_metrics, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector

from database.engine import Database
from database.outage import outage_of
from models.shared_project import ProjectStatus
from models.sign_off import Decision
from models.stage import StageStatus
from queries.system.measures import Totals, Work, measure_totals, measure_work
from settings import Settings
from web.server.cached_value import CachedValue
from web.server.request_counts import counted_requests

SECONDS_OF_WORK, SECONDS_OF_TOTALS = 5.0, 60.0
OURS = ("localhost", "127.0.0.1", "::1")
CLOSED = "Les mesures se lisent avec le jeton PROJET_PARTAGE_METRICS_TOKEN, ou depuis cette machine.\n"
router = APIRouter()
disable_created_metrics()  # type: ignore[no-untyped-call]


class Metrics:
    """Who may read the metrics of a system, and what they are."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._token = settings.metrics_token.get_secret_value()
        self._is_local = not settings.public_url.startswith("https://") and settings.web_host in OURS
        self._registry = CollectorRegistry()
        self._registry.register(_Facts(db))

    def may_read(self, request: Request) -> bool:
        """With the token; where none is set and nothing is published, from this very machine.

        Behind a proxy everybody comes from this machine: a published address never does without a token.
        """
        if self._token:
            shown = request.headers.get("authorization", "").removeprefix("Bearer ")
            return hmac.compare_digest(shown.encode(), self._token.encode())
        is_direct = not {"x-forwarded-for", "forwarded"} & set(request.headers.keys())
        return self._is_local and is_direct and request.url.hostname in OURS and _is_loopback(request)

    def text(self) -> bytes:
        """In Prometheus's text format."""
        return generate_latest(self._registry) + generate_latest(counted_requests())


def _is_loopback(request: Request) -> bool:
    try:
        return ip_address(request.client.host if request.client else "").is_loopback
    except ValueError:
        return False


@router.get("/metrics", include_in_schema=False)
def read_metrics(request: Request) -> Response:
    """What is measured; 403, in one sentence, to those who may not read it."""
    metrics: Metrics = request.app.state.metrics
    if not metrics.may_read(request):
        return PlainTextResponse(CLOSED, 403)
    return Response(metrics.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)


class _Facts(Collector):
    """What the database says; of one that does not answer, that it does not."""

    def __init__(self, db: Database) -> None:
        self._work = CachedValue(lambda: measure_work(db, now=datetime.now(UTC)), SECONDS_OF_WORK)
        self._totals = CachedValue(lambda: measure_totals(db), SECONDS_OF_TOTALS)

    def describe(self) -> list[Metric]:
        """Nothing: registering must not read the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """The metrics, by name."""
        yield _by("info", "Version of the software", "version", {version("projet-partage"): 1})
        try:
            work, totals = self._work(), self._totals()
        except Exception as error:
            if outage_of(error) is None:
                raise
            yield _one("database_up", "Whether the database answers", 0)
            return
        yield _one("database_up", "Whether the database answers", 1)
        yield from _of_work(work)
        yield from _of_totals(totals)


def _of_work(work: Work) -> Iterator[Metric]:
    projects = dict.fromkeys(map(str, ProjectStatus), 0) | work.projects
    stages = dict.fromkeys(map(str, StageStatus), 0) | work.stages
    yield _by("projects", "Projects, by status", "status", projects)
    yield _by("stages", "Stages, by status", "status", stages)
    yield _one("gates_waiting", "Stages of active projects that wait for sign-offs", work.gates_waiting)
    yield _one("wake_ups_waiting", "Rows of the outbox that Prefect has not taken", work.wake_ups_waiting)
    yield _one("oldest_wake_up_age_seconds", "Age of the oldest of them", work.oldest_wake_up)
    yield _one("notices_waiting", "Mails owed that have not left", work.notices_waiting)
    yield _one("oldest_notice_age_seconds", "How late the most overdue of them is", work.oldest_notice)
    yield _by("round_age_seconds", "Time since a periodic round last completed", "round", work.rounds)
    yield _by("round_overdue", "Whether a round should have completed and has not", "round", work.overdue)
    yield _one("reconcile_repairs", "Repairs of the last completed reconcile", work.repairs)


def _of_totals(totals: Totals) -> Iterator[Metric]:
    sign_offs = dict.fromkeys(map(str, Decision), 0) | totals.sign_offs
    yield _by("notices", "Mails, by what became of them", "outcome", totals.notices)
    yield _by("sign_offs", "Sign-offs recorded, by decision", "decision", sign_offs)
    facts = CounterMetricFamily("projet_partage_facts", "Entries of the audit journal")
    facts.add_metric([], totals.facts)
    yield facts


def _one(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"projet_partage_{name}", text, value=value)


def _by(
    name: str, text: str, label: str, values: dict[str, int] | dict[str, float] | dict[str, bool]
) -> Metric:
    family = GaugeMetricFamily(f"projet_partage_{name}", text, labels=[label])
    for value, number in values.items():
        family.add_metric([value], float(number))
    return family
