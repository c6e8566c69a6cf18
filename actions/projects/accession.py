"""Propose that a city comes in after the charter, comes back, or becomes a signatory, by its council's act (rule 6)."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from sqlmodel import Session, select

from actions.authority.mandates import check_compatible
from actions.authority.put_forward import Draft, put_forward
from actions.ledger.journal import lock_register
from actions.ledger.locks import lock_slug
from actions.people.add_person import ensure_person
from actions.projects.council_entry import act_refusal, closed_charter
from actions.projects.create_project import check_office
from actions.signing.paper_act import PaperAct
from actions.signing.sign_on_paper import frozen
from database.engine import Database
from models.accession import NotAccepted, accession_refusal
from models.local_authority import LocalAuthority, find_authority
from models.party import LOCAL_PROJECT, Party, WrongNumberOfSignatories
from models.person import Actor, Mandate, Person, Role
from models.project_file import PersonEntry
from models.proposal import Capacity, Proposal, ProposalKind, Side
from models.proposal_rules import KeyHolder, proposal_refusal
from models.recorded_act import NobodyInOffice
from models.request import Request
from models.shared_project import SharedProject, refusal_unless_before_follow_up
from models.sign_off_rules import organisation_refusal
from models.stored_row import identity
from queries.access.new_contacts import was_somebody_known
from queries.authority.keyring import contacts_in
from queries.authority.keys import key_holder
from queries.ledger.find import lifecycle_of, signatory_parties
from queries.signing.authority import office_holder

WHAT = {
    ProposalKind.entry: "Entrée de {}, la charte signée",
    ProposalKind.comeback: "Retour de {}",
    ProposalKind.become_signatory: "{} devient signataire",
}


@dataclass(frozen=True, slots=True)
class AccessionRequest(Request):
    """Which city becomes a signatory of a project, how (a kind of ``ACCESSIONS``), by which council's act.

    ``contact`` and ``signatory`` are who acts and signs for it; without them, those whom it already has.
    """

    slug: str
    kind: ProposalKind
    code: str
    act: PaperAct
    contact: PersonEntry | None = None
    signatory: PersonEntry | None = None
    local_project: Annotated[str | None, LOCAL_PROJECT] = None
    acts: dict[str, str] = field(default_factory=dict)


def propose_accession(db: Database, actor: Actor, request: AccessionRequest, *, now: datetime) -> Proposal:
    """Propose it: nothing changes until the other side has confirmed it. Commits.

    Asked again in the same words, it is the proposal that waits. Raises ``NotYourKey``, ``OtherOrganisation``,
    ``NotAccepted``, ``UnknownAuthority``, ``ProjectNotActive``, ``WrongNumberOfSignatories``, ``InvalidPaperAct``, the
    rules of a council's deliberation, ``NobodyInOffice``, ``OtherOfficeHolder``, ``IncompatibleRoles``,
    ``OtherProposal``.
    """
    city, kind = find_authority(request.code), request.kind
    with db.write() as session:
        project = lock_slug(session, request.slug)
        who = key_holder(session, actor, city.code, project.id, now)
        check_proposer(who, kind, city)
        party = former_party(session, project, city.code)
        check_accession(session, project, kind, party, city)
        lock_register(session)
        people = _people(session, project, city, request, actor, now)
        proof = request.act.proof.keep(session)
        if refusal := act_refusal(session, project, city, request.act, proof.sha256, now):
            raise refusal
        charter = closed_charter(session, project)
        asked = people | {"local_project": request.local_project, "acts": dict(request.acts)}
        draft = Draft(
            kind,
            f"accession:{project.id}:{city.code}",
            city.code,
            side_of(who),
            WHAT[kind].format(city.name),
            frozen(request.act) | asked | {"sha256": charter.sha256 if charter else None},
            project_id=project.id,
            party_id=party.id if party else None,
            file_sha256=proof.sha256,
            file_name=proof.name,
        )
        return put_forward(session, draft, actor, now)


def check_proposer(who: KeyHolder, kind: ProposalKind, city: LocalAuthority) -> None:
    """Raises ``NotYourKey``, ``OtherOrganisation``."""
    if refusal := proposal_refusal(kind, who, city.name):
        raise refusal
    if side_of(who) is Side.agency:
        return
    act = f"proposer ({kind.label}) pour {city.name}"
    if refusal := organisation_refusal(who.actor, city.code, city.name, act):
        raise refusal


def side_of(who: KeyHolder) -> Side:
    """From which side they speak."""
    return Side.agency if Capacity.agent in who.capacities else Side.party


def former_party(session: Session, project: SharedProject, code: str) -> Party | None:
    """What the local authority is, or was, in the project."""
    query = select(Party).where(Party.project_id == project.id, Party.code == code)
    return session.exec(query.execution_options(populate_existing=True)).one_or_none()


def check_accession(
    session: Session, project: SharedProject, kind: ProposalKind, party: Party | None, city: LocalAuthority
) -> None:
    """Raises ``ProjectNotActive``, ``NotAccepted``, ``WrongNumberOfSignatories``: asked again when it is confirmed."""
    if refusal := refusal_unless_before_follow_up(project):
        raise refusal
    if not_accepted := accession_refusal(kind, party, city.code):
        raise not_accepted
    roster, count = lifecycle_of(project).roster, len(signatory_parties(session, project)) + 1
    if count > roster.max:
        raise WrongNumberOfSignatories(count, roster.min, roster.max)


def _people(
    session: Session,
    project: SharedProject,
    city: LocalAuthority,
    request: AccessionRequest,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """Who would act and sign for it, by number: those who are named, else those whom it has."""
    contact = _named(session, request.contact, actor, now)
    role = Role.observer if request.kind is ProposalKind.become_signatory else Role.local_contact
    held = contacts_in(session, city.code, [identity(project)], now, role)
    holder = office_holder(session.connection(), city.code, now)
    if contact is None and held:
        contact = session.get_one(Person, held[0])
    if contact is None:
        raise NotAccepted(
            f"Personne n’agit pour {city.name} dans ce projet : nommez son interlocuteur privilégié."
        )
    signatory = _named(session, request.signatory, actor, now)
    if signatory is None and holder is None:
        raise NobodyInOffice(city.name)
    if signatory is not None:
        check_office(session, city, signatory, now)
        mandate = Mandate(
            person_id=identity(signatory), role=Role.signatory, authority_code=city.code, since=now
        )
        check_compatible(session, mandate)
    quality = request.signatory.quality if request.signatory else None
    return {
        "contact": contact.id,
        "signatory": signatory.id if signatory else None,
        "quality": quality,
        "is_first": not held
        and not was_somebody_known(session.connection(), city.code, identity(project), now),
    }


def _named(session: Session, entry: PersonEntry | None, actor: Actor, now: datetime) -> Person | None:
    if entry is None:
        return None
    return ensure_person(session, entry.email, entry.name, now, actor, shares_mailbox=entry.shares_mailbox)
