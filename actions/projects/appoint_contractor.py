"""The ANCT, contracting authority, records the contract it awarded: its firms, its lead, its amount."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from sqlmodel import Session, col, select

from actions.authority.mandates import ensure_mandate
from actions.authority.pass_duties import passing_duties
from actions.ledger.journal import record
from actions.ledger.locks import lock_slug
from actions.ledger.wake import wake
from actions.mail.message_values import about_stage, iso
from actions.mail.notify import tell
from actions.people.add_person import ensure_person
from database.engine import Database
from models.contractor import (
    AMOUNT,
    AWARDED_ON,
    CONTACT_NAME,
    FIRM_NAME,
    ContractAlreadyAwarded,
    ContractAward,
    Contractor,
    check_siret,
    is_of_contract,
)
from models.paris_time import paris_day
from models.person import Actor, Mandate, Role
from models.refusal import Refusal
from models.request import Request
from models.shared_project import SharedProject
from models.stage import AT_WORK, Stage
from models.stored_row import identity
from models.subject import Subject
from queries.access.rights import require_agency_agent
from queries.ledger.find import active, find_stage
from queries.people.recipients import everybody


@dataclass(frozen=True, slots=True)
class Firm(Request):
    """A firm of the contract and whom to write to; the first of the list leads the consortium."""

    name: Annotated[str, FIRM_NAME.needed]
    siret: str
    contact_name: Annotated[str, CONTACT_NAME.needed]
    contact_email: str
    shares_mailbox: bool = False


class InvalidAward(Refusal):
    """A contract without firm, without amount, or awarded in the future."""


@dataclass(frozen=True, slots=True)
class AwardRequest(Request):
    """The contract awarded for a project: its firms, and its amount before tax."""

    slug: str
    firms: Sequence[Firm]
    amount_eur: Annotated[Decimal, AMOUNT]
    awarded_on: Annotated[date, AWARDED_ON]


def appoint_contractor(db: Database, actor: Actor, request: AwardRequest, *, now: datetime) -> ContractAward:
    """Record the award and give each contact the contractor's role in the project. Commits.

    Raises ``NotAllowed``, ``ProjectNotActive``, ``InvalidSiret``,
    ``InvalidAward``, ``ContractAlreadyAwarded`` (the same award again is one award).
    """
    sirets = check_award(request, now)
    with db.write() as session:
        project = lock_slug(session, request.slug)
        require_agency_agent(session, actor, now, "désigner le prestataire", project)
        same_project = select(ContractAward).where(ContractAward.project_id == project.id)
        former = session.exec(same_project).one_or_none()
        if former is not None:
            return _same_or_refused(session, former, sirets, request)
        active(project)
        award = ContractAward(
            project_id=identity(project),
            amount_eur=request.amount_eur,
            awarded_on=request.awarded_on,
            recorded_by=actor.person_id,
            recorded_at=now,
        )
        award_contract(session, project, award, request.firms, actor)
        return award


def award_contract(
    session: Session, project: SharedProject, award: ContractAward, firms: Sequence[Firm], actor: Actor
) -> None:
    """Write the contract of a project that has none, and tell everybody. Does not commit. The first firm leads."""
    now = award.recorded_at
    session.add(award)
    with passing_duties(session, [award.project_id], now):
        appoint_firms(session, award, firms, actor, now)
    record(
        session,
        "contract.awarded",
        project_id=project.id,
        actor=actor,
        now=now,
        sirets=[check_siret(firm.siret) for firm in firms],
        amount_eur=str(award.amount_eur) if award.amount_eur is not None else None,
        awarded_on=iso(award.awarded_on),
    )
    stage = find_stage(session, project, "terms_of_reference")
    _tell(session, project, stage, firms, award)
    if stage.status in AT_WORK:
        wake(session, identity(stage), now)


def appoint_firms(
    session: Session, award: ContractAward, firms: Sequence[Firm], actor: Actor, now: datetime
) -> list[int]:
    """Write the firms of a contract, the first leads; returns their contacts. Does not commit."""
    return [
        _appoint(session, award, firm, actor, now, is_lead=place == 0) for place, firm in enumerate(firms)
    ]


def _appoint(
    session: Session, award: ContractAward, firm: Firm, actor: Actor, now: datetime, *, is_lead: bool
) -> int:
    contact = ensure_person(
        session, firm.contact_email, firm.contact_name, now, actor, shares_mailbox=firm.shares_mailbox
    )
    mandate = Mandate(
        person_id=identity(contact), role=Role.contractor, project_id=award.project_id, since=now
    )
    ensure_mandate(session, mandate, actor)
    session.add(
        Contractor(
            award_id=identity(award),
            name=firm.name,
            siret=check_siret(firm.siret),
            is_lead=is_lead,
            contact_id=contact.id,
        )
    )
    session.flush()
    return identity(contact)


def check_award(request: AwardRequest, now: datetime) -> list[str]:
    """The SIRETs of the firms. Raises ``InvalidAward``, ``InvalidSiret``."""
    if not request.firms:
        raise InvalidAward("Un marché s’attribue à au moins une entreprise : nommez le prestataire.")
    if request.amount_eur <= 0:
        raise InvalidAward("Le montant du marché est un nombre d’euros positif, hors taxes : corrigez-le.")
    if request.awarded_on > paris_day(now):
        raise InvalidAward(
            f"Le marché est daté du {request.awarded_on:%d/%m/%Y}, dans l’avenir : corrigez la date."
        )
    sirets = [check_siret(firm.siret) for firm in request.firms]
    if len(set(sirets)) < len(sirets):
        raise InvalidAward("Deux entreprises du marché portent le même SIRET : corrigez l’un des deux.")
    return sirets


def _same_or_refused(
    session: Session, award: ContractAward, sirets: list[str], request: AwardRequest
) -> ContractAward:
    firms = firms_of(session, award)
    recorded = ([each.siret for each in firms], award.amount_eur, award.awarded_on)
    if recorded == (sirets, request.amount_eur, request.awarded_on):
        return award
    raise ContractAlreadyAwarded(firms[0].name)


def firms_of(session: Session, award: ContractAward) -> list[Contractor]:
    """The firms of the present contract, the lead first."""
    query = select(Contractor).where(Contractor.award_id == award.id, is_of_contract())
    return list(session.exec(query.order_by(col(Contractor.id))))


def _tell(
    session: Session, project: SharedProject, stage: Stage, firms: Sequence[Firm], award: ContractAward
) -> None:
    lead, now = firms[0], award.recorded_at
    values = about_stage(project, stage) | {
        "contractor_name": lead.name,
        "members": [firm.name for firm in firms[1:]],
        "contact_name": lead.contact_name,
        "contact_email": lead.contact_email,
    }
    people = everybody(session, project, now)
    about = Subject.of("award", award.id)
    tell(session, people, "contractor_appointed", about, now, project=project, **values)
