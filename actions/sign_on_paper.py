"""An act given off-platform: a council's deliberation, a decision or a signature on paper (rules 5 and 7)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlmodel import Session

from actions.look_at_seat import SeatLook
from actions.organisation import check_organisation
from actions.rights import has_role, may_record_for
from actions.signing_authority import Authority, office_holder
from actions.store_file import ReceivedFile
from models.act_kind import ActKind
from models.council_deliberation import CouncilDeliberation
from models.deliberation_rules import check_deliberation
from models.paris_time import PARIS
from models.party import Party
from models.person import Actor, NotAllowed, Role
from models.refusal import Refusal
from models.sign_off import Decision
from models.tables import RECORDED_ACT


@dataclass(frozen=True, slots=True)
class PaperAct:
    """The act and its proof. ``deliberation`` is set for a council's act, and ``acted_on`` is its session."""

    kind: ActKind
    acted_on: date
    proof: ReceivedFile
    deliberation: CouncilDeliberation | None = None


class InvalidPaperAct(Refusal):
    """The act cannot stand as it is recorded."""


class NobodyInOffice(Refusal):
    """No mayor or president is registered for the party whose act is recorded."""

    def __init__(self, party: str) -> None:
        super().__init__(
            f"Aucun maire ni président n’est enregistré pour {party} : demandez à l’ANCT de l’inviter comme "
            "signataire, puis enregistrez l’acte."
        )


def paper_authority(
    connection: Connection, actor: Actor, at: SeatLook, paper: PaperAct, decision: Decision, now: datetime
) -> Authority:
    """Whose act it is, once what is recorded is checked: of who held the office on the day of the act, or,
    when nobody was registered yet, of who holds it now. Raises ``NotAllowed``, ``OtherOrganisation``,
    ``InvalidPaperAct``, and the refusals of a council's deliberation (quorum CGCT L2121-17, majority L2121-20…)."""
    with Session(connection) as session:
        party = session.get_one(Party, at.party_id)
        if not may_record_for(session, actor, party, now):
            who = f"l’interlocuteur privilégié de {party.name}, son signataire ou l’ANCT"
            raise NotAllowed(actor, "enregistrer un acte donné sur papier", who)
        if not has_role(session, actor, Role.agency_agent, now, project_id=party.project_id):
            check_organisation(actor, party.code, party.name, f"enregistrer un acte de {party.name}")
    then = office_holder(connection, at.party_code, noon_in_paris(paper.acted_on))
    holder = then or at.office_holder
    if holder is None:
        raise NobodyInOffice(at.party_name)
    _check(paper, decision, now)
    return Authority(holder, None, paper.kind)


def _check(paper: PaperAct, decision: Decision, now: datetime) -> None:
    today = now.astimezone(PARIS).date()
    if paper.acted_on > today:
        raise InvalidPaperAct(
            f"L’acte est daté du {paper.acted_on:%d/%m/%Y}, dans l’avenir : vérifiez la date portée sur le papier."
        )
    if (paper.kind is ActKind.deliberation) != (paper.deliberation is not None):
        raise InvalidPaperAct(
            "Une délibération s’enregistre avec ses données (numéro, séance, objet, matière), et elle seule : "
            "joignez-les, ou choisissez une autre sorte d’acte."
        )
    if paper.deliberation is not None:
        check_deliberation(paper.deliberation, today=today, adopts=decision.passes)
        if paper.acted_on != paper.deliberation.session_date:
            raise InvalidPaperAct(
                f"L’acte est daté du {paper.acted_on:%d/%m/%Y}, et la séance du conseil du "
                f"{paper.deliberation.session_date:%d/%m/%Y} : donnez la date de la séance."
            )


def record_act(
    connection: Connection,
    actor: Actor,
    at: SeatLook,
    paper: PaperAct,
    now: datetime,
) -> dict[str, Any]:
    """Keep the proof, write the act, and give the columns of the sign-off that tell it. Does not commit."""
    proof = paper.proof.keep()
    columns: dict[str, Any] = {
        "recorded_by": actor.person_id,
        "acted_on": noon_in_paris(paper.acted_on),
        "proof_sha256": proof.sha256,
    }
    row = {
        "project_id": at.project_id,
        "party_id": at.party_id,
        "kind": paper.kind,
        "data": paper.deliberation.model_dump(mode="json") if paper.deliberation else {},
        "file_sha256": proof.sha256,
        "file_name": proof.name,
        "recorded_by": actor.person_id,
        "recorded_at": now,
    }
    act_id = connection.execute(sa.insert(RECORDED_ACT).returning(RECORDED_ACT.c.id), row).scalar_one()
    return columns | {"act_id": act_id}


def noon_in_paris(day: date) -> datetime:
    """A paper bears a day, not an hour: its noon stands for it."""
    return datetime.combine(day, time(12), PARIS).astimezone(UTC)
