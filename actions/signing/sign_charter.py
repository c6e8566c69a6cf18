"""The ANCT signs the charter, after every council has approved it."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from actions.ledger.journal import record
from actions.ledger.locks import lock_slug
from actions.ledger.wake import wake
from database.engine import Database
from models.agency_signature import AgencySignature, charter_refusal
from models.deliverable import Deliverable
from models.gate import missing
from models.person import Actor
from models.sign_off import SignOff, is_live
from models.sign_off_rules import other_content
from models.stage import Stage
from models.stored_row import identity
from queries.access.rights import require_agency_agent
from queries.ledger.find import find_deliverable, find_stage, stage_title
from queries.ledger.party_names import party_names
from queries.signing.matrix import matrix_of, versions_of
from queries.stages.snapshot import signed_by_agency

CHARTER = "charte"


@dataclass(frozen=True, slots=True)
class CharterSignature:
    """The project whose charter the ANCT signs, and the hash of the content that was read."""

    slug: str
    sha256: str


def sign_charter(db: Database, actor: Actor, request: CharterSignature, *, now: datetime) -> AgencySignature:
    """Record the ANCT's signature of this content of the charter; asked twice, it is one, whatever became of the stage.
    Commits.

    It never stands for a city's (rule 3): raises ``CitiesSignFirst`` while one is awaited, ``NotAllowed``,
    ``StageMovesOn``, ``OtherContent`` when ``sha256`` is not the current version's.
    """
    sha256 = request.sha256
    with db.write() as session:
        project = lock_slug(session, request.slug)
        require_agency_agent(session, actor, now, "signer la charte pour l’ANCT", project)
        stage = find_stage(session, project, "charter")
        charter = find_deliverable(session, stage, CHARTER, None)
        if (signed := _signed_already(session, stage, charter, sha256)) is not None:
            return signed
        matrix = matrix_of(session.connection(), identity(stage))
        waiting_for = party_names(session, [cell.party_id for cell in missing(matrix)])
        if refusal := charter_refusal(
            project, stage_title(project, stage), stage.status, matrix, waiting_for
        ):
            raise refusal
        if charter.version_id is None or sha256 != charter.sha256:
            raise other_content(charter.title, sha256, versions_of(session.connection(), identity(charter)))
        signature = _signature(session, charter) or AgencySignature(
            stage_id=identity(stage),
            version_id=charter.version_id,
            sha256=sha256,
            signed_by=actor.person_id,
            signed_at=now,
        )
        signature.signed_by = actor.person_id
        signature.signed_at = max(now, *_dates_of_sign_offs(session, charter))
        session.add(signature)
        session.flush()
        record(
            session, "charter.signed_by_agency", project_id=project.id, actor=actor, now=now, sha256=sha256
        )
        wake(session, identity(stage), now)
        return signature


def _signature(session: Session, charter: Deliverable) -> AgencySignature | None:
    query = select(AgencySignature).where(AgencySignature.version_id == charter.version_id)
    return session.exec(query).one_or_none()


def _signed_already(
    session: Session, stage: Stage, charter: Deliverable, sha256: str
) -> AgencySignature | None:
    """The signature of this content, while it counts."""
    signature = _signature(session, charter)
    if signature is None or signature.sha256 != sha256:
        return None
    return signature if signed_by_agency(session.connection(), [identity(stage)]) else None


def _dates_of_sign_offs(session: Session, charter: Deliverable) -> list[datetime]:
    """The instants of the live sign-offs: the ANCT's signature comes after them, even when clocks disagree."""
    return list(session.exec(select(SignOff.at).where(SignOff.deliverable_id == charter.id, is_live())))
