"""What a stage still waits for before it can end, in the words of those who owe it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from models.agency_signature import AgencySignature
from models.consultation_strand import ConsultationStrand
from models.contractor import ContractAward
from models.deliverable import Deliverable
from models.gate import missing as missing_cells
from models.party import Party, PartyRole
from models.person import Mandate, Role, reaches
from models.shared_project import SharedProject
from models.sign_off import Decision, SignOff, is_live
from models.stage import AT_WORK, Stage, StageStatus
from queries.ledger.find import deliverables_of, identity, lifecycle_of, parties_of
from queries.signing.matrix import matrix_of


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing awaited. ``what``: contact, deliverable, strand, sign_off, revision, agency_signature, contractor.

    ``party`` is the code of who owes it (empty: the ANCT or the contractor); ``text`` says it in French.
    """

    what: str
    party: str | None
    deliverable: str | None
    deliverable_party: str | None
    text: str


def still_missing(session: Session, project: SharedProject, stage: Stage) -> list[Missing]:
    """All that stands between the stage and its end; empty when it may be closed (or is)."""
    if stage.status not in AT_WORK:
        return []
    if stage.status is StageStatus.opening:
        return [Missing("opening", None, None, None, "l’ouverture de l’étape est en cours")]
    parties = {party.id: party for party in session.exec(select(Party).where(Party.project_id == project.id))}
    return [
        *_people(session, project, stage),
        *_strands(session, stage, parties),
        *_deliverables(session, stage, parties),
        *_sign_offs(session, stage, parties),
        *_agency(session, project, stage),
    ]


def _people(session: Session, project: SharedProject, stage: Stage) -> Iterator[Missing]:
    """The constitution ends with each signatory's contact and signatory named."""
    if stage.key != "constitution" or stage.opened_at is None:
        return
    for party in parties_of(session, identity(project)):
        if party.role is not PartyRole.signatory:
            continue
        named = set(session.exec(_named(party)))
        if Role.local_contact not in named:
            text = f"{party.name} : nommer son interlocuteur privilégié"
            yield Missing("contact", party.code, None, None, text)
        if Role.signatory not in named:
            text = f"{party.name} : indiquer qui signe pour elle (maire, président)"
            yield Missing("signatory", party.code, None, None, text)


def _named(party: Party) -> Any:
    """The roles given for a party, without an end: of a stage, nobody asks at what instant."""
    return select(Mandate.role).where(
        Mandate.authority_code == party.code, col(Mandate.until).is_(None), reaches(party.project_id)
    )


def _strands(session: Session, stage: Stage, parties: dict[int | None, Party]) -> Iterator[Missing]:
    query = select(ConsultationStrand).where(
        ConsultationStrand.stage_id == stage.id, col(ConsultationStrand.held_on).is_(None)
    )
    for strand in session.exec(query.order_by(col(ConsultationStrand.id))):
        party = parties[strand.party_id]
        if party.left_at is None:
            yield Missing("strand", party.code, None, None, f"{party.name} : tenir « {strand.title} »")


def _deliverables(session: Session, stage: Stage, parties: dict[int | None, Party]) -> Iterator[Missing]:
    for deliverable in deliverables_of(session, identity(stage)):
        owner = parties.get(deliverable.party_id)
        if deliverable.number == 0 and (owner is None or owner.left_at is None):
            code = owner.code if owner else None
            text = f"{owner.name if owner else 'Ensemble'} : déposer « {deliverable.title} »"
            yield Missing("deliverable", code, deliverable.key, code, text)


def _sign_offs(session: Session, stage: Stage, parties: dict[int | None, Party]) -> Iterator[Missing]:
    known = {each.id: each for each in deliverables_of(session, identity(stage))}
    for cell in missing_cells(matrix_of(session.connection(), identity(stage))):
        deliverable: Deliverable = known[cell.deliverable_id]
        if not cell.is_submitted:
            continue
        party, owner = parties[cell.party_id], parties.get(deliverable.party_id)
        refused = cell.decision is Decision.refused
        act = "a refusé" if refused else "valider"
        yield Missing(
            "revision" if refused else "sign_off",
            party.code,
            deliverable.key,
            owner.code if owner else None,
            f"{party.name} : {act} « {deliverable.title} »"
            + (" (une nouvelle version est attendue)" if refused else ""),
        )


def _agency(session: Session, project: SharedProject, stage: Stage) -> Iterator[Missing]:
    if stage.key == "charter" and not has_agency_signature(session, stage):
        yield Missing("agency_signature", None, "charte", None, "ANCT : signer la charte, en dernier")
    if stage.key == "terms_of_reference" and not has_contractor(session, project):
        yield Missing("contractor", None, None, None, "ANCT : attribuer le marché et désigner le prestataire")


def has_agency_signature(session: Session, stage: Stage) -> bool:
    """Has the ANCT signed the current content of the charter, after every city?

    A city that withdraws and signs again comes after it: the ANCT then signs once more.
    """
    later = select(SignOff.id).where(
        SignOff.deliverable_id == Deliverable.id,
        is_live(),
        SignOff.at > AgencySignature.signed_at,
    )
    query = (
        select(AgencySignature.id)
        .join(Deliverable, col(Deliverable.version_id) == AgencySignature.version_id)
        .where(AgencySignature.stage_id == stage.id, ~later.exists())
    )
    return session.exec(query.limit(1)).first() is not None


def has_contractor(session: Session, project: SharedProject) -> bool:
    """Has the contract been awarded?"""
    query = select(ContractAward.id).where(ContractAward.project_id == project.id)
    return session.exec(query.limit(1)).first() is not None


def stage_title(project: SharedProject, stage: Stage) -> str:
    """The stage's French title."""
    return lifecycle_of(project).stage(stage.key).title
