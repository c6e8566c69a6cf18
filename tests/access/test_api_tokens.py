"""A personal token acts as the person who made it, until it ends; its secret is kept nowhere."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cast import MANTES, NIORT, Cast
from sqlmodel import select

from actions.access.token_holder import who_holds_token
from actions.access.tokens import (
    KEPT_AFTER,
    Revocation,
    TokenRequest,
    create_token,
    forget_old_tokens,
    revoke_all_tokens,
    revoke_token,
)
from models.api_token import (
    DEFAULT_DAYS,
    LONGEST_DAYS,
    MOST_LIVE,
    SEEN_EVERY,
    ApiToken,
    InvalidToken,
    ReadOnlyToken,
    TooManyTokens,
    UnknownToken,
)
from models.audit_entry import AuditEntry
from models.person import AuthMethod, NotAllowed
from queries.access.tokens import list_tokens
from queries.ledger.verify_journal import verify_journal


@pytest.fixture
def cast(at: Callable[[str], Cast]) -> Cast:
    return at("met")


def made(cast: Cast, name: str = "tableau de bord", **fields: object) -> str:
    return create_token(cast.db, cast.mayor(NIORT), TokenRequest(name, **fields), now=cast.now).secret


def tokens(cast: Cast) -> list[ApiToken]:
    with cast.db.read() as session:
        return list_tokens(session, cast.mayor(NIORT).person_id)


def test_a_token_acts_as_its_person_and_says_how_they_were_recognised(cast: Cast) -> None:
    holder = who_holds_token(cast.db, made(cast), now=cast.now)
    mayor = cast.mayor(NIORT)
    assert holder is not None
    assert (holder.person_id, holder.actor.name, holder.email) == (
        mayor.person_id, mayor.name, cast.mayor_email(NIORT),
    )  # fmt: skip
    assert holder.actor.auth_method is AuthMethod.token
    assert not holder.is_read_only


def test_its_secret_is_long_recognisable_and_kept_nowhere(cast: Cast) -> None:
    secret = made(cast, "sauvegarde de nuit")
    assert secret.startswith("pp_")
    assert len(secret) >= 3 + 43
    with cast.db.read() as session:
        kept = [*session.exec(select(ApiToken)), *session.exec(select(AuditEntry))]
    everything = str([row.model_dump() for row in kept])
    assert secret not in everything
    assert secret.removeprefix("pp_") not in everything


@pytest.mark.parametrize("wrong", ["", "pp_", "pp_" + "A" * 43, "Bearer", "é" * 50])
def test_what_is_no_token_opens_nothing(cast: Cast, wrong: str) -> None:
    made(cast)
    assert who_holds_token(cast.db, wrong, now=cast.now) is None


def test_a_token_lives_ninety_days_unless_told_and_a_year_at_most(cast: Cast) -> None:
    secret, start = made(cast), cast.now
    almost, after = start + timedelta(days=DEFAULT_DAYS, hours=-1), start + timedelta(days=DEFAULT_DAYS)
    assert who_holds_token(cast.db, secret, now=almost) is not None
    assert who_holds_token(cast.db, secret, now=after) is None
    for days in (0, -1, LONGEST_DAYS + 1):
        with pytest.raises(InvalidToken, match="d’un jour à un an"):
            made(cast, days=days)


@pytest.mark.parametrize("name", ["", "   ", "a" * 81])
def test_a_token_is_named_for_what_it_serves(cast: Cast, name: str) -> None:
    with pytest.raises(InvalidToken, match="à quoi il sert"):
        made(cast, name)


def test_a_revoked_token_opens_nothing_any_more_and_revoking_twice_is_once(cast: Cast) -> None:
    secret, mayor = made(cast), cast.mayor(NIORT)
    number = tokens(cast)[0].id
    for _ in range(2):
        revoke_token(cast.db, mayor, Revocation(mayor.person_id, number), now=cast.now)
    assert who_holds_token(cast.db, secret, now=cast.now) is None
    with cast.db.read() as session:
        entries = session.exec(select(AuditEntry).where(sa.text("event LIKE 'token.%'"))).all()
    assert [(each.event, each.payload["token"]) for each in entries] == [
        ("token.created", number),
        ("token.revoked", number),
    ]
    assert verify_journal(cast.db).tamperings == []


def test_nobody_but_the_anct_revokes_another_s_token(cast: Cast) -> None:
    secret, agent = made(cast), cast.agent
    number, mayor = tokens(cast)[0].id, cast.mayor(NIORT)
    with pytest.raises(UnknownToken):
        revoke_token(cast.db, agent, Revocation(agent.person_id, number), now=cast.now)
    with pytest.raises(NotAllowed):
        revoke_token(cast.db, cast.mayor(MANTES), Revocation(mayor.person_id, number), now=cast.now)
    assert who_holds_token(cast.db, secret, now=cast.now) is not None
    revoke_token(cast.db, agent, Revocation(mayor.person_id, number), now=cast.now)
    assert who_holds_token(cast.db, secret, now=cast.now) is None


def test_all_the_tokens_of_a_person_end_at_once_and_only_theirs(cast: Cast) -> None:
    secrets, mayor = [made(cast), made(cast)], cast.mayor(NIORT)
    other = create_token(cast.db, cast.agent, TokenRequest("autre"), now=cast.now).secret
    assert revoke_all_tokens(cast.db, mayor, person_id=mayor.person_id, now=cast.now) == 2
    assert [who_holds_token(cast.db, each, now=cast.now) for each in secrets] == [None, None]
    assert who_holds_token(cast.db, other, now=cast.now) is not None


def test_ten_tokens_live_at_most_even_when_two_are_asked_for_at_once(cast: Cast) -> None:
    for _ in range(MOST_LIVE - 1):
        made(cast)
    mayor, now = cast.mayor(NIORT), cast.now

    def ask(_: int) -> bool:
        try:
            create_token(cast.db, mayor, TokenRequest("encore un"), now=now)
        except TooManyTokens:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(ask, range(4))) == 1
    revoke_token(cast.db, mayor, Revocation(mayor.person_id, tokens(cast)[0].id), now=cast.now)
    made(cast, "la place est libre")


def test_a_read_only_token_writes_nothing(cast: Cast) -> None:
    holder = who_holds_token(cast.db, made(cast, is_read_only=True), now=cast.now)
    assert holder is not None
    with pytest.raises(ReadOnlyToken):
        holder.check_may_write()


def test_when_it_last_served_is_known_by_the_hour(cast: Cast) -> None:
    secret, first = made(cast), cast.now
    assert tokens(cast)[0].last_used_at is None
    who_holds_token(cast.db, secret, now=first)
    who_holds_token(cast.db, secret, now=first + SEEN_EVERY)
    assert tokens(cast)[0].last_used_at == first
    who_holds_token(cast.db, secret, now=first + SEEN_EVERY + timedelta(minutes=1))
    assert tokens(cast)[0].last_used_at == first + SEEN_EVERY + timedelta(minutes=1)


def test_a_token_that_ended_long_ago_is_forgotten(cast: Cast) -> None:
    made(cast)
    end = tokens(cast)[0].expires_at
    forget_old_tokens(cast.db, now=end + KEPT_AFTER)
    assert len(tokens(cast)) == 1
    forget_old_tokens(cast.db, now=end + KEPT_AFTER + timedelta(seconds=1))
    assert tokens(cast) == []
