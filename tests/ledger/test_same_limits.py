"""Both kinds of database take the same values and refuse the same, in the same words, whichever way they come."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.strategies as st
import pytest
import sqlalchemy as sa
from postgres_copies import PostgresCopies
from sqlalchemy.engine import Connection
from sqlmodel import SQLModel

from database.engine import Database
from database.insert_once import insert_all_once
from database.prepared import Prepared
from models.columns import UtcDateTime, limits_of
from models.limits import BeyondLimits, Count, Days, Euros, Text

MADE_BY_US = {
    "address_change": "token_hash",
    "agency_signature": "sha256",
    "api_token": "token_hash",
    "audit_entry": "event hash party_code previous_hash seq",
    "channel": "address",
    "commitment": "evidence_sha256 owner reference",
    "consultation_strand": "key",
    "contractor": "siret",
    "deliverable": "key number round sha256 version_id",
    "deliverable_version": "number round sha256",
    "file_inspection": "kind pages sha256",
    "incident": "not_well",
    "installation": "epoch",
    "journal": "head mirrored_seq seq",
    "mandate": "authority_code",
    "manual_reminder": "subject",
    "meeting": "sequence",
    "notice": "attempts key message",
    "nudge": "attempts",
    "party": "code departement kind siren",
    "party_deadline": "sequence",
    "party_departure": "file_sha256",
    "periodic_round": "name repairs token",
    "person": "links_version",
    "process_agreement": "files_mark secret_fingerprint",
    "proposal": "authority_code file_sha256 result_id subject",
    "publication": "licence",
    "recorded_act": "file_sha256",
    "reminder": "path rung subject",
    "reminder_round": "token",
    "shared_project": "lifecycle_key lifecycle_version slug",
    "sign_in_attempt": "address_hash origin_hash",
    "sign_in_link": "next_path token_hash",
    "sign_off": "proof_sha256 round sha256",
    "signature_delegation": "authority_code file_sha256",
    "stage": "due_sequence fact_seq key position round seen_seq",
    "web_session": "acr id_token siret token_hash",
}
"""Hashes, keys, codes of the COG, counters, what an identity provider says: checked before they come to a column."""


def _columns() -> Iterator[sa.Column[Any]]:
    """The columns that hold a text, a number or a day, the numbers of rows apart."""
    for table in SQLModel.metadata.sorted_tables:
        for column in table.c:
            is_number_of_row = column.primary_key and isinstance(column.type, sa.Integer)
            is_of_ours = isinstance(column.type, sa.Enum | sa.Boolean | sa.JSON)
            if not (is_of_ours or is_number_of_row or column.foreign_keys):
                yield column


LIMITED = {
    f"{column.table.name}__{column.name}": column
    for column in _columns()
    if limits_of(column) is not None or isinstance(column.type, UtcDateTime)
}


def test_every_column_has_limits_or_is_made_by_us() -> None:
    free: dict[str, list[str]] = {}
    for column in _columns():
        if column not in set(LIMITED.values()):
            free.setdefault(column.table.name, []).append(column.name)
    assert {name: " ".join(sorted(columns)) for name, columns in free.items()} == MADE_BY_US


@pytest.fixture(scope="module")
def both(
    postgres_copies: PostgresCopies, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[list[Database]]:
    """A database of each kind with one table, which has all the columns that have limits."""
    file: Path = tmp_path_factory.mktemp("limits") / "limits.db"
    url = postgres_copies.take()
    databases = [Database(f"sqlite:///{file}"), Database(url)]
    for each in databases:
        TRIAL.create(each.engine)
    yield databases
    for each in databases:
        each.close()
    postgres_copies.give_back(url)


TRIAL = sa.Table(
    "trial_of_limits", sa.MetaData(), *(sa.Column(name, each.type) for name, each in LIMITED.items())
)

ODD = st.text(st.one_of(st.characters(), st.sampled_from("aé\0\n\r\u2028\u202e\ud800\u00a0 ")), max_size=12)


def _texts(limits: Text) -> st.SearchStrategy[str]:
    long = st.integers(limits.most - 2, limits.most + 2).map(lambda length: "é" * length)
    return st.one_of(ODD, st.tuples(ODD, long, ODD).map("".join))


OF_LIMITS: dict[type, Callable[[Any], st.SearchStrategy[Any]]] = {
    Text: _texts,
    Days: lambda limits: st.dates(),
    Count: lambda limits: st.one_of(st.integers(), st.integers(limits.most - 1, limits.most + 1)),
    Euros: lambda limits: st.one_of(
        st.decimals(), st.decimals(-1, 10**11, places=2), st.decimals(0, 10**10, places=3)
    ),
}
OFFSETS = st.integers(-23, 23).map(lambda hours: timezone(timedelta(hours=hours)))


def _value(name: str) -> st.SearchStrategy[Any]:
    limits = limits_of(LIMITED[name])
    if limits is None:
        return st.datetimes(timezones=OFFSETS)
    return OF_LIMITS[type(limits)](limits)


@contextmanager
def _undone(db: Database) -> Iterator[Connection]:
    """A transaction that leaves nothing."""
    with db.engine.connect() as connection, connection.begin() as transaction:
        yield connection
        transaction.rollback()


def _verdict(db: Database, name: str, value: Any) -> Any:
    """What is kept of the value, or the sentence of what refuses it."""
    with _undone(db) as connection:
        try:
            connection.execute(TRIAL.insert().values({name: value}))
        except BeyondLimits as refusal:
            return str(refusal)
        return connection.execute(sa.select(TRIAL.c[name])).scalar_one()


@pytest.mark.parametrize("examples", [80, pytest.param(3000, marks=pytest.mark.trials)])
def test_both_kinds_of_database_give_the_same_verdict_on_any_value(
    both: list[Database], examples: int
) -> None:
    @hypothesis.settings(max_examples=examples, deadline=None, database=None, derandomize=True)
    @hypothesis.given(st.data())
    def same_verdict(data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(LIMITED)))
        value = data.draw(_value(name))
        on_sqlite, on_postgres = (_verdict(db, name, value) for db in both)
        assert on_sqlite == on_postgres

    same_verdict()


BEYOND: dict[str, Any] = {
    "meeting__place": "é" * 301,
    "meeting__cancel_reason": "x" * 200_000,
    "stage__due_on": date(9999, 12, 31),
    "commitment__due_on": date(1, 1, 1),
    "meeting__starts_at": datetime(1, 1, 1, tzinfo=UTC),
    "consultation_strand__participants": 2**70,
    "contract_award__amount_eur": Decimal("NaN"),
}


@pytest.mark.parametrize("name", BEYOND)
def test_what_is_beyond_a_limit_is_refused_in_a_sentence_that_names_it(
    both: list[Database], name: str
) -> None:
    assert [_verdict(db, name, BEYOND[name]) for db in both] == [SENTENCES[name]] * 2


SENTENCES = {
    "meeting__place": "Lieu\u00a0: 301 caractères\u00a0; raccourcissez à 300 au plus.",
    "meeting__cancel_reason": "Motif\u00a0: 200000 caractères\u00a0; raccourcissez à 2000 au plus.",
    "stage__due_on": "Échéance\u00a0: le 31/12/9999 est hors limites\u00a0; donnez une date de 1900 à 2199.",
    "commitment__due_on": "Échéance\u00a0: le 01/01/0001 est hors limites\u00a0; donnez une date de 1900 à 2199.",
    "meeting__starts_at": "Date\u00a0: le 01/01/0001 est hors limites\u00a0; donnez une date de 1900 à 2199.",
    "consultation_strand__participants": "Participants\u00a0: écrivez un nombre de 0 à 1000000.",
    "contract_award__amount_eur": "Montant\u00a0: écrivez un montant positif, au centime près, dix chiffres au plus.",
}


def test_what_is_looked_for_is_never_refused(both: list[Database]) -> None:
    for db in both:
        with _undone(db) as connection:
            for name, sought in BEYOND.items():
                if not isinstance(sought, int | Decimal):
                    found = connection.execute(sa.select(TRIAL).where(TRIAL.c[name] == sought)).all()
                    assert found == []


TYPED = " Comité\u2028de\x0bpilotage\u202e \0 "


def test_the_driver_is_given_clean_texts_too(both: list[Database]) -> None:
    insert = Prepared(TRIAL.insert(), "meeting__title", "meeting__agenda")
    for db in both:
        with _undone(db) as connection:
            insert.run(connection, meeting__title=TYPED, meeting__agenda=TYPED)
            row = connection.execute(sa.select(TRIAL.c["meeting__title"], TRIAL.c["meeting__agenda"])).one()
        assert tuple(row) == ("Comité de pilotage", "Comité\nde\npilotage")


def test_rows_that_are_written_together_are_clean_too(both: list[Database]) -> None:
    name, key = "meeting__title", "deliverable_version__size"
    for db in both:
        with _undone(db) as connection:
            connection.execute(
                sa.schema.CreateIndex(sa.Index(None, TRIAL.c[key], unique=True), if_not_exists=True)
            )
            insert_all_once(connection, TRIAL, [{name: TYPED, key: 1}], key)
            assert connection.execute(sa.select(TRIAL.c[name])).scalar_one() == "Comité de pilotage"
