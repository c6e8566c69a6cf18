"""Record that a strand of a city's consultation was held."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated

from sqlmodel import Session

from actions.ledger.journal import record
from actions.ledger.locks import lock_slug
from actions.ledger.wake import wake
from database.engine import Database
from models.consultation_strand import (
    HELD_ON,
    MOST_PARTICIPANTS,
    SUMMARY,
    ConsultationStrand,
    InvalidStrand,
    UnknownStrand,
    holding_refusal,
)
from models.paris_time import paris_day
from models.party import Party
from models.person import Actor
from models.request import Request
from models.stage import Stage
from models.stored_row import identity
from queries.access.rights import require_acting_for
from queries.ledger.find import find_party, find_stage, stage_title, strands_of


@dataclass(frozen=True, slots=True)
class HeldStrand(Request):
    """Which strand of which city's consultation, and how it went. ``participants`` counts people."""

    slug: str
    party_code: str
    key: str
    held_on: Annotated[date, HELD_ON]
    participants: int
    summary: Annotated[str | None, SUMMARY] = None


def record_strand(db: Database, actor: Actor, held: HeldStrand, *, now: datetime) -> ConsultationStrand:
    """Record that a city held a strand of its consultation; again, it corrects the record; in the same words,
    it is the same record. Commits.

    Raises ``NotAllowed``, ``ProjectNotActive``, ``UnknownParty``, ``UnknownStrand``, ``InvalidStrand``,
    ``StageMovesOn``.
    """
    _check_held(held, paris_day(now))
    with db.write() as session:
        project = lock_slug(session, held.slug)
        party = find_party(session, project, held.party_code)
        require_acting_for(session, actor, party, now, f"enregistrer la concertation de {party.name}")
        stage = find_stage(session, project, "consultation")
        strand = _find_strand(session, stage, party, held.key)
        recorded = (strand.held_on, strand.participants, strand.summary)
        if recorded == (held.held_on, held.participants, held.summary):
            return strand
        if refusal := holding_refusal(project, stage_title(project, stage), stage.status):
            raise refusal
        strand.held_on, strand.participants, strand.summary = held.held_on, held.participants, held.summary
        strand.recorded_by, strand.recorded_at = actor.person_id, now
        session.flush()
        record(
            session,
            "consultation_strand.held",
            project_id=project.id,
            actor=actor,
            now=now,
            party_code=party.code,
            strand=strand.key,
            held_on=held.held_on.isoformat(),
            participants=held.participants,
        )
        wake(session, identity(stage), now)
        return strand


def _check_held(held: HeldStrand, today: date) -> None:
    if held.held_on > today:
        raise InvalidStrand(
            f"Le volet est daté du {held.held_on:%d/%m/%Y}, dans l’avenir : enregistrez-le une fois tenu."
        )
    if held.participants < 0:
        raise InvalidStrand(
            "Le nombre de participants ne peut pas être négatif : comptez les personnes venues."
        )
    if held.participants > MOST_PARTICIPANTS:
        raise InvalidStrand(
            f"{held.participants} participants, c’est plus qu’une ville n’en réunit : vérifiez le nombre."
        )


def _find_strand(session: Session, stage: Stage, party: Party, key: str) -> ConsultationStrand:
    strands = strands_of(session, stage, identity(party))
    for strand in strands:
        if strand.key == key:
            return strand
    raise UnknownStrand(key, [each.key for each in strands])
