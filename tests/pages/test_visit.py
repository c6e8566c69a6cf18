"""What a page is given of its request."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from web.visit import SignedInVisit

ASKED_AT = datetime(2027, 3, 3, 10, 0, tzinfo=UTC)


def _visit(monkeypatch: pytest.MonkeyPatch) -> Any:
    """By somebody, on a machine whose clock moves on by ten minutes each time it is looked at."""
    clock = (ASKED_AT + timedelta(minutes=10 * number) for number in range(10))
    monkeypatch.setattr("web.visit.datetime", SimpleNamespace(now=lambda zone: next(clock)))
    request: Any = SimpleNamespace(
        query_params={}, app=SimpleNamespace(state=SimpleNamespace(site=SimpleNamespace(db="the database")))
    )
    who: Any = SimpleNamespace(actor="the mayor", person_id=1)
    return SignedInVisit(request, who)


def test_an_act_is_done_by_who_is_signed_in_at_the_instant_it_is_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An upload lasts minutes: the instant at which the request came is not that of the act."""
    visit = _visit(monkeypatch)
    assert visit.now == ASKED_AT

    def act(db: Any, actor: Any, asked: str, *, now: datetime) -> tuple[Any, ...]:
        return db, actor, asked, now

    later = ASKED_AT + timedelta(minutes=10)
    assert visit.do(act, "a document") == ("the database", "the mayor", "a document", later)


def test_today_is_the_day_in_paris(monkeypatch: pytest.MonkeyPatch) -> None:
    visit = _visit(monkeypatch)
    monkeypatch.setattr(
        "web.visit.datetime", SimpleNamespace(now=lambda zone: datetime(2027, 3, 3, 23, 30, tzinfo=UTC))
    )
    assert visit.today.isoformat() == "2027-03-04"
