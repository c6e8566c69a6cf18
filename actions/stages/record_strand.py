"""The strands of a city's consultation: record that one was held; know whether all were."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from actions.ledger.journal import record
from actions.ledger.locks import lock_slug
from actions.ledger.wake import wake
from database.engine import Database
from models.consultation_strand import (
    MOST_PARTICIPANTS,
    ConsultationStrand,
    InvalidStrand,
    UnknownStrand,
)
from models.paris_time import PARIS
from models.person import Actor
from models.stage import Stage, StageMovesOn, StageStatus
from models.stored_row import identity
from queries.access.rights import require_acting_for
from queries.ledger.find import active, find_party, find_stage, lifecycle_of


def record_strand(
    db: Database,
    actor: Actor,
    slug: str,
    party_code: str,
    key: str,
    *,
    held_on: date,
    participants: int,
    summary: str | None = None,
    now: datetime,
) -> ConsultationStrand:
    """Record that a city held a strand of its consultation; again, it corrects the record; in the same words,
    it is the same record. Commits.

    Raises ``NotAllowed``, ``ProjectNotActive``, ``UnknownParty``, ``UnknownStrand``, ``InvalidStrand``,
    ``StageMovesOn``.
    """
    if held_on > now.astimezone(PARIS).date():
        raise InvalidStrand(
            f"Le volet est daté du {held_on:%d/%m/%Y}, dans l’avenir : enregistrez-le une fois tenu."
        )
    if participants < 0:
        raise InvalidStrand(
            "Le nombre de participants ne peut pas être négatif : comptez les personnes venues."
        )
    if participants > MOST_PARTICIPANTS:
        raise InvalidStrand(
            f"{participants} participants, c’est plus qu’une ville n’en réunit : vérifiez le nombre."
        )
    with db.write() as session:
        project = lock_slug(session, slug)
        party = find_party(session, project, party_code)
        require_acting_for(session, actor, party, now, f"enregistrer la concertation de {party.name}")
        stage = find_stage(session, project, "consultation")
        strands = strands_of(session, stage, identity(party))
        strand = next((each for each in strands if each.key == key), None)
        if strand is None:
            raise UnknownStrand(key, [each.key for each in strands])
        if (strand.held_on, strand.participants, strand.summary) == (held_on, participants, summary):
            return strand
        active(project)
        if stage.status is StageStatus.closed:
            title, advice = (
                lifecycle_of(project).stage(stage.key).title,
                "ils s’enregistrent avant sa clôture",
            )
            raise StageMovesOn(title, stage.status, "y enregistrer un volet", advice)
        strand.held_on, strand.participants, strand.summary = held_on, participants, summary
        strand.recorded_by, strand.recorded_at = actor.person_id, now
        session.flush()
        record(
            session,
            "consultation_strand.held",
            project_id=project.id,
            actor=actor,
            now=now,
            party_code=party.code,
            strand=key,
            held_on=held_on.isoformat(),
            participants=participants,
        )
        wake(session, identity(stage), now)
        return strand


def strands_of(session: Session, stage: Stage, party_id: int) -> list[ConsultationStrand]:
    """The strands asked of a city, in the lifecycle's order."""
    query = select(ConsultationStrand).where(
        ConsultationStrand.stage_id == stage.id, ConsultationStrand.party_id == party_id
    )
    return list(session.exec(query.order_by(col(ConsultationStrand.id))))
