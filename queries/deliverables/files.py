"""The stored file behind the address of a document, for those who may read it."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from models.refusal import Refusal
from models.tables import (
    DELIVERABLE,
    DEPARTURE,
    PARTY,
    PROJECT,
    PUBLICATION,
    RECORDED_ACT,
    SIGN_OFF,
    STAGE,
    VERSION,
)
from queries.access.project_access import NotVisible, access_to_project
from queries.ledger.kept_file import KeptFile


class LostFile(Refusal):
    """A fact names a content that is not on the disk."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Le document « {name} » n’est pas sur le serveur : prévenez l’exploitant de la plateforme, qui le "
            "retrouvera dans ses sauvegardes."
        )


def version_file(
    session: Session, slug: str, deliverable_id: int, number: int, person_id: int, now: datetime
) -> KeptFile:
    """A version of a deliverable, for anyone with a role in its project; raises ``NotVisible``. Writes nothing."""
    access = access_to_project(session, slug, person_id, now)
    query = (
        sa.select(VERSION.c.sha256, VERSION.c.file_name)
        .join(DELIVERABLE, DELIVERABLE.c.id == VERSION.c.deliverable_id)
        .join(STAGE, STAGE.c.id == DELIVERABLE.c.stage_id)
        .where(
            STAGE.c.project_id == access.project_id,
            DELIVERABLE.c.id == deliverable_id,
            VERSION.c.number == number,
        )
    )
    return _kept_file(session, query)


def published_file(session: Session, slug: str, publication_id: int) -> KeptFile:
    """A document that a project has published, for anybody; raises ``NotVisible``. Writes nothing."""
    query = (
        sa.select(VERSION.c.sha256, VERSION.c.file_name)
        .join(PUBLICATION, PUBLICATION.c.version_id == VERSION.c.id)
        .join(PROJECT, PROJECT.c.id == PUBLICATION.c.project_id)
        .where(PROJECT.c.slug == slug, PUBLICATION.c.id == publication_id)
    )
    return _kept_file(session, query)


def proof_file(session: Session, sign_off_id: int, person_id: int, now: datetime) -> KeptFile:
    """The scan of an act on paper, for anyone with a role in its project; raises ``NotVisible``. Writes nothing."""
    query = (
        sa.select(RECORDED_ACT.c.file_sha256, RECORDED_ACT.c.file_name, PROJECT.c.slug)
        .join(SIGN_OFF, SIGN_OFF.c.act_id == RECORDED_ACT.c.id)
        .join(PROJECT, PROJECT.c.id == RECORDED_ACT.c.project_id)
        .where(SIGN_OFF.c.id == sign_off_id)
    )
    row = session.connection().execute(query).one_or_none()
    if row is None:
        raise NotVisible
    access_to_project(session, row.slug, person_id, now)
    return KeptFile(row[0], row[1])


def departure_file(session: Session, slug: str, departure_id: int, person_id: int, now: datetime) -> KeptFile:
    """The decision by which a city left a project, for anyone with a role there; raises ``NotVisible``."""
    access = access_to_project(session, slug, person_id, now)
    query = (
        sa.select(DEPARTURE.c.file_sha256, DEPARTURE.c.file_name)
        .join(PARTY, PARTY.c.id == DEPARTURE.c.party_id)
        .where(PARTY.c.project_id == access.project_id, DEPARTURE.c.id == departure_id)
    )
    return _kept_file(session, query)


def _kept_file(session: Session, query: sa.Select[str, str]) -> KeptFile:
    row = session.connection().execute(query).one_or_none()
    if row is None:
        raise NotVisible
    return KeptFile(row[0], row[1])
