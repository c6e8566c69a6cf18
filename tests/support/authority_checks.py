"""What is true of authority after whatever people did: read in the database, without the product's own rules."""

from collections import Counter
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from authority_oracle import one_mailbox
from authority_world import DOCS, PEOPLE, STAGE, World
from decisions_oracle import Oracle
from sqlalchemy.engine import Connection

from models.tables import (
    DELEGATION,
    DELIVERABLE,
    MANDATE,
    PARTY,
    PERSON,
    PROJECT,
    PROPOSAL,
    RECORDED_ACT,
    SEAT,
    SIGN_OFF,
)
from models.tables import STAGE as STAGES
from queries.signing.authority import signers, signing_authority
from queries.signing.matrix import load_seats

OWNER, AUTHOR, CONFIRMER = PARTY.alias("owner"), PERSON.alias("author"), PERSON.alias("confirmer")
IS_LIVE = SIGN_OFF.c.withdrawn_at.is_(None) & SIGN_OFF.c.voided_at.is_(None)


def check_signers(connection: Connection, oracle: Oracle, world: World, now: datetime) -> None:
    """Each person may sign on each seat exactly what the oracle says, now."""
    names = {number: email for email, number in world.ids.items()}
    seats = {doc: load_seats(connection, world.deliverables[doc].id, now) for doc in DOCS}
    for city, doc in oracle.cells():
        able = {names[each] for each in signers(connection, city, STAGE, doc[0], now)}
        assert able == {each for each in PEOPLE if oracle.authority(each, city, doc)}, (city, doc)
        seat, _cell = seats[doc][city]
        for who in able:
            authority = signing_authority(connection, world.ids[who], seat, now)
            assert authority is not None
            assert authority.act_kind == oracle.authority(who, city, doc), (who, city, doc)


def check_stage(connection: Connection, oracle: Oracle, world: World) -> None:
    """The decisions that stand are those of the oracle; a stage is signed off on as many as its roster has cities."""
    names = {number: email for email, number in world.ids.items()}
    stands = {}
    for row in _decisions(connection, world.stage_id):
        expected = oracle.signed[row.city, (row.key, row.owner)]
        assert names[row.signed_by] in expected.signers
        assert (row.decision, row.sha256, row.act_kind) == expected[:3]
        assert row.sha256 == row.current
        stands[row.city, (row.key, row.owner)] = row
    assert stands.keys() == oracle.signed.keys()
    query = sa.select(STAGES.c.status, PROJECT.c.status).join(PROJECT, PROJECT.c.id == STAGES.c.project_id)
    status, project = connection.execute(query.where(STAGES.c.id == world.stage_id)).one()
    assert (status, project) == (oracle.review, oracle.project)
    if status in ("signed_off", "closed"):
        roster = _roster(connection, world.stage_id)
        approved = {cell for cell, row in stands.items() if row.decision != "refused"}
        assert {(city, doc) for city in roster for doc in DOCS if doc[1] in (None, city)} <= approved


def check_two_keys(connection: Connection, now: datetime) -> None:
    """No office has two holders; what each decision rests on was given by two mailboxes, or by the delegator's hand."""
    in_force = (MANDATE.c.role == "signatory") & (MANDATE.c.since <= now)
    in_force &= MANDATE.c.until.is_(None) | (MANDATE.c.until > now)
    holders = connection.execute(sa.select(MANDATE.c.authority_code).where(in_force)).scalars()
    assert [code for code, count in Counter(holders).items() if count > 1] == []
    for row in connection.execute(_RESTS_ON):
        by_own_hand = row.kind == "delegation" and row.author == row.confirmer
        assert row.confirmer is not None
        assert by_own_hand or not one_mailbox(row.author, row.confirmer)


def _decisions(connection: Connection, stage_id: int) -> list[Any]:
    query = sa.select(
        PARTY.c.code.label("city"),
        DELIVERABLE.c.key,
        OWNER.c.code.label("owner"),
        DELIVERABLE.c.sha256.label("current"),
        *(SIGN_OFF.c[name] for name in ("decision", "sha256", "act_kind", "signed_by")),
    )
    joined = SIGN_OFF.join(DELIVERABLE, DELIVERABLE.c.id == SIGN_OFF.c.deliverable_id)
    joined = joined.join(PARTY, PARTY.c.id == SIGN_OFF.c.party_id)
    query = query.select_from(joined.outerjoin(OWNER, OWNER.c.id == DELIVERABLE.c.party_id))
    return list(connection.execute(query.where(DELIVERABLE.c.stage_id == stage_id, IS_LIVE)))


def _roster(connection: Connection, stage_id: int) -> set[str]:
    seated = sa.select(PARTY.c.code).join(SEAT, SEAT.c.party_id == PARTY.c.id)
    query = seated.where(SEAT.c.stage_id == stage_id, SEAT.c.left_at.is_(None))
    return set(connection.execute(query).scalars())


def _two(kind: str, joined: Any, author: Any, confirmer: Any) -> Any:
    """The addresses of the two who gave what a decision rests on; no author: the operator."""
    joined = joined.outerjoin(AUTHOR, AUTHOR.c.id == author).outerjoin(CONFIRMER, CONFIRMER.c.id == confirmer)
    names = (
        sa.literal(kind).label("kind"),
        AUTHOR.c.email.label("author"),
        CONFIRMER.c.email.label("confirmer"),
    )
    return sa.select(*names).select_from(joined).where(IS_LIVE)


def _gave(kind: str, number: Any) -> Any:
    is_confirmed = (PROPOSAL.c.kind == kind) & (PROPOSAL.c.state == "confirmed")
    return is_confirmed & (PROPOSAL.c.result_id == number)


_KEYS = (PROPOSAL.c.proposed_by, PROPOSAL.c.decided_by)
_IN_OFFICE = (
    (MANDATE.c.role == "signatory")
    & (MANDATE.c.authority_code == PARTY.c.code)
    & (MANDATE.c.person_id == sa.func.coalesce(DELEGATION.c.delegator_id, SIGN_OFF.c.signed_by))
    & (MANDATE.c.since <= SIGN_OFF.c.at)
    & (MANDATE.c.until.is_(None) | (MANDATE.c.until > SIGN_OFF.c.at))
)
_BY_DELEGATION = SIGN_OFF.join(DELEGATION, DELEGATION.c.id == SIGN_OFF.c.delegation_id)
_BY_CLICK = (
    SIGN_OFF.outerjoin(DELEGATION, DELEGATION.c.id == SIGN_OFF.c.delegation_id)
    .join(PARTY, PARTY.c.id == SIGN_OFF.c.party_id)
    .outerjoin(MANDATE, _IN_OFFICE)
)
_RESTS_ON = sa.union_all(
    _two(
        "paper_act",
        SIGN_OFF.join(RECORDED_ACT, RECORDED_ACT.c.id == SIGN_OFF.c.act_id),
        RECORDED_ACT.c.recorded_by,
        RECORDED_ACT.c.confirmed_by,
    ),
    _two(
        "delegation",
        _BY_DELEGATION.outerjoin(PROPOSAL, _gave("delegation", DELEGATION.c.id)),
        *_KEYS,
    ),
    _two("office", _BY_CLICK.outerjoin(PROPOSAL, _gave("office", MANDATE.c.id)), *_KEYS).where(
        SIGN_OFF.c.act_id.is_(None)
    ),
)
