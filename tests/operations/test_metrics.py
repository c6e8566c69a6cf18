"""`/metrics`: the facts as the database holds them, requests by route, to who may read them and to nobody else."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import sqlalchemy as sa
from cast import NIORT, Cast
from many_projects import counted
from prefect_system import wait_until
from prometheus_client.parser import text_string_to_metric_families
from site_of_tests import Site

from actions.system.periodic_rounds import beat, complete_round
from models.notice import NoticeState
from models.periodic_round import RECONCILE, RELAY, PeriodicRound, RoundRunner
from queries.mail.notices import list_notices
from queries.system.measures import measure_totals, measure_work

At = Callable[[str], Cast]
Sites = Callable[..., Site]
IN_REVIEW = "constitution in review"
NOTE = "note_de_cadrage"


def measured(text: str) -> dict[tuple[str, ...], float]:
    """Each sample by its name and the values of its labels."""
    return {
        (sample.name.removeprefix("projet_partage_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def read(site: Site, **headers: str) -> httpx.Response:
    return httpx.get(f"{site.address}/metrics", headers=headers, trust_env=False, timeout=60)


def test_the_facts_are_those_of_the_database(site: Sites) -> None:
    at = site(IN_REVIEW)
    at.cast.sign(NOTE, NIORT)
    with at.cast.db.write() as session:
        connection = session.connection()
        connection.execute(sa.text("UPDATE nudge SET done_at = created_at"))
        connection.execute(sa.text("UPDATE nudge SET done_at = NULL WHERE id = 1"))
        an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
        instant = sa.bindparam("at", an_hour_ago.replace(tzinfo=None))
        connection.execute(sa.text("UPDATE nudge SET created_at = :at WHERE id = 1").bindparams(instant))
    complete_round(at.cast.db, RECONCILE, RoundRunner.flow, now=an_hour_ago, repairs=3)
    measures = measured(read(at).text)
    assert measures["database_up",] == 1
    assert measures["gates_waiting",] == measures["stages", "in_review"] == 1
    assert measures["stages", "planned"] == 6
    assert measures["projects", "active"] == 1
    assert measures["projects", "paused"] == 0
    assert measures["sign_offs", "approved"] == 1
    assert measures["wake_ups_waiting",] == 1
    assert 3600 <= measures["oldest_wake_up_age_seconds",] < 3800
    assert measures["notices", "waiting"] == measures["notices_waiting",] > 0
    assert 3600 <= measures["round_age_seconds", RECONCILE] < 3800
    assert measures["reconcile_repairs",] == 3
    assert measures["facts_total",] == len(at.cast.entries()) + len(_register(at))


def test_a_mail_given_up_and_then_dropped_is_counted_where_the_list_of_notices_shows_it(at: At) -> None:
    cast = at(IN_REVIEW)
    with cast.db.write() as session:
        gone = sa.text(
            "UPDATE notice SET sent_at = NULL, failed_at = created_at, dropped_at = created_at WHERE id = 1"
        )
        session.connection().execute(gone)
        assert list_notices(session, (NoticeState.dropped,)).total == 1
    counts = measure_totals(cast.db).notices
    assert (counts["dropped"], counts["given_up"]) == (1, 0)


def _register(at: Site) -> list[Any]:
    query = "SELECT * FROM audit_entry JOIN journal ON journal.id = journal_id WHERE project_id IS NULL"
    with at.cast.db.read() as session:
        return list(session.connection().execute(sa.text(query)))


def test_a_round_that_is_overdue_is_seen(site: Sites) -> None:
    at = site(IN_REVIEW)
    long_ago = datetime.now(UTC) - timedelta(hours=2)
    complete_round(at.cast.db, RECONCILE, RoundRunner.flow, now=long_ago)
    beat(at.cast.db, now=long_ago)
    with at.cast.db.write() as session:  # and never silent since
        relay = session.get_one(PeriodicRound, RELAY)
        relay.completed_at = datetime.now(UTC)
    assert measured(read(at).text)["round_overdue", RECONCILE] == 1


def test_requests_are_counted_by_the_template_of_their_route(site: Sites) -> None:
    at = site(IN_REVIEW)
    before = measured(read(at).text)
    with at.client(at.cast.agent) as agent:
        agent.read(at.project)
        assert agent.get("/nulle/part").status_code == 404
        assert agent.get("/connexion/un-lien-secret").status_code in (200, 404)
        assert agent.get("/api/v1/projects/nulle-part").status_code == 401
    wait_until(lambda: "/api/v1/" in read(at).text)  # counted once the answer has left
    after = read(at).text
    assert "secret" not in after
    assert at.cast.slug not in after
    grown = {key for key, value in measured(after).items() if value > before.get(key, 0)}
    assert ("http_requests_total", "GET", "/projets/{slug}", "200") in grown
    assert ("http_requests_total", "GET", "(aucune)", "404") in grown
    assert ("http_request_seconds_count", "GET", "/projets/{slug}") in grown
    assert any(key[2] == "/connexion/{token}" for key in grown if key[0] == "http_requests_total")
    assert any(str(key[2]).startswith("/api/v1/") for key in grown if key[0] == "http_requests_total")


def test_a_method_that_nobody_knows_makes_no_series_of_its_own(site: Sites) -> None:
    at = site(IN_REVIEW)
    httpx.request("INVENTED", at.address, trust_env=False)
    assert "INVENTED" not in read(at).text


# Who may read


def test_without_a_token_this_machine_reads_and_what_comes_through_a_proxy_does_not(site: Sites) -> None:
    at = site(IN_REVIEW)
    assert read(at).status_code == 200
    for header in ("X-Forwarded-For", "Forwarded"):
        assert read(at, **{header: "127.0.0.1"}).status_code == 403
    assert read(at, Host="evil.example").status_code == 403


def test_once_published_nobody_reads_without_the_token(site: Sites) -> None:
    at = site(IN_REVIEW, base_url="https://projets.example")
    answer = read(at, Host="localhost")
    assert answer.status_code == 403
    assert "PROJET_PARTAGE_METRICS_TOKEN" in answer.text


def test_the_token_opens_from_anywhere_and_another_does_not(site: Sites) -> None:
    at = site(IN_REVIEW, base_url="https://projets.example", metrics_token="abc" * 12)
    for shown in ("", "Bearer x", "Bearer faux", "Basic " + "abc" * 12, "Bearer " + "abc" * 13, "Bearer é"):
        assert read(at, Authorization=shown.encode()).status_code == 403  # type: ignore[arg-type]
    there = read(at, Authorization="Bearer " + "abc" * 12, Host="projets.example")
    assert there.status_code == 200
    local = site(IN_REVIEW, metrics_token="abc" * 12)
    assert read(local).status_code == 403


# What it costs


def test_the_database_is_read_once_in_a_few_seconds(site: Sites) -> None:
    at = site(IN_REVIEW)
    read(at)
    with counted(at.cast.db) as statements:
        for _ in range(5):
            assert read(at).status_code == 200
    assert len(statements) <= 14  # one more reading at most, on a slow machine


def test_what_waits_is_found_by_the_indexes(site: Sites) -> None:
    """Tables that grow for ever are not read whole every few seconds."""
    at = site(IN_REVIEW)
    with counted(at.cast.db) as statements:
        measure_work(at.cast.db, now=datetime.now(UTC))
    with at.cast.db.engine.connect() as connection:
        for statement in statements:
            values = tuple("x" for _ in re.findall(r"\?", statement))
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            scans = [
                row[3] for row in plan if re.fullmatch(r"SCAN (notice|nudge|sign_off|audit_entry)", row[3])
            ]
            assert scans == [], statement
    assert measure_totals(at.cast.db).facts > 0
