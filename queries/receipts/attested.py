"""One decision as it can be attested: on which content, by whom in what quality, and where the journal has it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from models.lifecycle import load_lifecycle
from models.person import Role
from models.project_shapes import SignOffShown
from models.tables import AUDIT_ENTRY, DELIVERABLE, JOURNAL, MANDATE, PARTY, PROJECT, SIGN_OFF, STAGE, VERSION
from queries.signing.sign_offs import sign_offs

OWNER = PARTY.alias("owner")
IN_OFFICE = "maire, président ou présidente"
"""The quality of an office holder, when it was not said more precisely."""


class RevisedSince(NamedTuple):
    """A minor revision of what was signed: its number, its instant, its reason."""

    number: int
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """The decision and its object, for whoever may read them. ``file_name`` and ``size`` (bytes) are those of the
    version that was read, ``revisions`` what was revised since as minor, oldest first.

    ``quality`` is that in which it was signed (« maire », « par délégation de signature (arrêté…) »); ``entry``,
    the number of the fact in the project's journal, and ``entry_hash``, its hash there.
    """

    slug: str
    project_title: str
    stage_key: str
    stage_title: str
    deliverable_id: int
    deliverable_title: str
    owner_name: str | None
    file_name: str
    size: int
    sign_off: SignOffShown
    quality: str
    entry: int | None
    entry_hash: str | None
    revisions: tuple[RevisedSince, ...]


def receipt_of(connection: Connection, sign_off_id: int) -> Receipt | None:
    """The receipt of this number, if there is one, whoever asks: four queries. Writes nothing."""
    query = (
        sign_offs()
        .add_columns(
            PROJECT.c.id.label("project_id"), PROJECT.c.slug, PROJECT.c.title.label("project_title"),
            PROJECT.c.lifecycle_key, PROJECT.c.lifecycle_version, STAGE.c.key.label("stage_key"),
            SIGN_OFF.c.signed_by.label("signer_id"), DELIVERABLE.c.key, DELIVERABLE.c.title,
            OWNER.c.name.label("owner_name"), VERSION.c.file_name, VERSION.c.size,
        )
        .join(DELIVERABLE, DELIVERABLE.c.id == SIGN_OFF.c.deliverable_id)
        .join(STAGE, STAGE.c.id == DELIVERABLE.c.stage_id)
        .join(PROJECT, PROJECT.c.id == STAGE.c.project_id)
        .outerjoin(OWNER, OWNER.c.id == DELIVERABLE.c.party_id)
        .where(SIGN_OFF.c.id == sign_off_id)
    )  # fmt: skip
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    entry, entry_hash = _entry(connection, row)
    return Receipt(
        row.slug,
        row.project_title,
        row.stage_key,
        load_lifecycle(row.lifecycle_key, row.lifecycle_version).stage(row.stage_key).title,
        row.deliverable_id,
        row.title,
        row.owner_name,
        row.file_name,
        row.size,
        SignOffShown.model_validate(row),
        _quality(connection, row),
        entry,
        entry_hash,
        _revisions(connection, row),
    )


def _revisions(connection: Connection, row: Any) -> tuple[RevisedSince, ...]:
    """The minor revisions that kept the decision (rule 2): as ``DeliverableShown.revised_since``."""
    query = sa.select(VERSION.c.number, VERSION.c.submitted_at, VERSION.c.minor_reason).where(
        VERSION.c.deliverable_id == row.deliverable_id,
        VERSION.c.round == row.round,
        VERSION.c.number > row.version,
        VERSION.c.is_minor,
    )
    return tuple(RevisedSince(*each) for each in connection.execute(query.order_by(VERSION.c.number)))


def _entry(connection: Connection, row: Any) -> tuple[int | None, str | None]:
    """The fact in the journal: it has the instant and the party of the sign-off, and names its deliverable."""
    query = (
        sa.select(AUDIT_ENTRY.c.seq, AUDIT_ENTRY.c.hash, AUDIT_ENTRY.c.payload)
        .join(JOURNAL, JOURNAL.c.id == AUDIT_ENTRY.c.journal_id)
        .where(
            JOURNAL.c.project_id == row.project_id,
            AUDIT_ENTRY.c.event == "sign_off.recorded",
            AUDIT_ENTRY.c.party_code == row.party,
            AUDIT_ENTRY.c.at == row.at,
        )
    )
    for seq, entry_hash, payload in connection.execute(query):
        if (payload["deliverable"], payload["sha256"]) == (row.key, row.sha256):
            return seq, entry_hash
    return None, None


def _quality(connection: Connection, row: Any) -> str:
    """The office held on the day of the act, or the delegation that stood for it."""
    if row.delegation:
        return f"par délégation de signature ({row.delegation})"
    then = row.acted_on or row.at
    query = sa.select(MANDATE.c.quality).where(
        MANDATE.c.person_id == row.signer_id,
        MANDATE.c.role == Role.signatory,
        MANDATE.c.authority_code == row.party,
        MANDATE.c.since <= then,
    )
    held = connection.execute(query.order_by(MANDATE.c.since.desc()).limit(1)).scalar()
    return held[:1].lower() + held[1:] if held else IN_OFFICE
