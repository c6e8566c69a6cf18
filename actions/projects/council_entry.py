"""The council's act by which a city becomes a signatory, or adheres to the charter: read, checked, written (rule 6)."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.signing.paper_act import ConfirmedAct, PaperAct
from models.accession import council_refusal, older_than_departure, other_city_refusal
from models.deliverable import Deliverable
from models.local_authority import LocalAuthority
from models.paris_time import paris_day
from models.party import Party, PartyDeparture
from models.recorded_act import PaperDates, RecordedAct, paper_act_refusal
from models.refusal import Refusal
from models.shared_project import SharedProject
from models.stored_row import identity
from models.tables import VERSION
from queries.signing.charter import closed_charter as charter_of

LENGTH_OF_SIREN = 9


def closed_charter(session: Session, project: SharedProject) -> Deliverable | None:
    """The charter that whoever joins now signs; None while its stage is not closed."""
    session.flush()
    number = charter_of(session.connection(), identity(project))
    return session.get_one(Deliverable, number) if number is not None else None


def act_refusal(
    session: Session,
    project: SharedProject,
    city: LocalAuthority,
    act: PaperAct | ConfirmedAct,
    proof_sha256: str,
    now: datetime,
) -> Refusal | None:
    """Why the act cannot stand: no council's, another city's, older than the charter or the departure, unlawful."""
    departement = city.departement if len(city.code) < LENGTH_OF_SIREN else None
    return (
        council_refusal(act.kind, act.deliberation, departement, city.name)
        or _other_city(session, city, proof_sha256)
        or _older_than_departure(session, project, city, act)
        or paper_act_refusal(act.kind, _dates(session, project, act, now), act.deliberation, adopts=True)
    )


def write_act(session: Session, party: Party, act: ConfirmedAct) -> RecordedAct:
    """The act by which a city enters while the charter is not signed yet. Does not commit."""
    recorded = RecordedAct(
        project_id=party.project_id,
        party_id=identity(party),
        kind=act.kind,
        data=act.deliberation.model_dump(mode="json") if act.deliberation else {},
        file_sha256=act.proof_sha256,
        file_name=act.proof_name,
        recorded_by=act.recorded_by,
        recorded_at=act.recorded_at,
        confirmed_by=act.confirmed_by,
        early_reason=act.early_reason,
    )
    session.add(recorded)
    session.flush()
    return recorded


def last_departure(session: Session, party: Party) -> PartyDeparture | None:
    """The decision by which the party left last."""
    query = select(PartyDeparture).where(PartyDeparture.party_id == party.id)
    return session.exec(query.order_by(col(PartyDeparture.id).desc()).limit(1)).first()


def _other_city(session: Session, city: LocalAuthority, sha256: str) -> Refusal | None:
    query = (
        select(Party.name)
        .join(RecordedAct, col(RecordedAct.party_id) == Party.id)
        .where(RecordedAct.file_sha256 == sha256, Party.code != city.code)
    )
    other = session.exec(query.limit(1)).first()
    return other_city_refusal(city.name, other) if other else None


def _older_than_departure(
    session: Session, project: SharedProject, city: LocalAuthority, act: PaperAct | ConfirmedAct
) -> Refusal | None:
    query = select(Party).where(
        Party.project_id == project.id, Party.code == city.code, col(Party.left_at).is_not(None)
    )
    party = session.exec(query).one_or_none()
    if party is None or party.left_at is None:
        return None
    return older_than_departure(city.name, act.acted_on, paris_day(party.left_at))


def _dates(
    session: Session, project: SharedProject, act: PaperAct | ConfirmedAct, now: datetime
) -> PaperDates:
    """The days between which the act may stand; the text that it approves is the charter, once signed by the others."""
    began_on = min(project.period_from, paris_day(project.created_at))
    charter = closed_charter(session, project)
    available_on = began_on
    if charter is not None:
        submitted = sa.func.min(VERSION.c.submitted_at, type_=VERSION.c.submitted_at.type)
        query = sa.select(submitted).where(
            VERSION.c.deliverable_id == charter.id, VERSION.c.round == charter.round
        )
        available_on = paris_day(session.connection().execute(query).scalar() or now)
    return PaperDates(act.acted_on, paris_day(now), available_on, began_on, act.early_reason)
