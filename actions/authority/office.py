"""The office of a mayor or president: proposed, confirmed, passed on at one instant with what is pending (rule 3)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from actions.authority.authority_mails import tell_proposed
from actions.authority.mandates import check_compatible, write_office
from actions.authority.put_forward import Draft, put_forward
from actions.authority.wake_projects import wake_projects_of
from actions.ledger.journal import record_on_each
from models.evidence import Evidence
from models.local_authority import LocalAuthority
from models.person import ActorOrSystem, Mandate, Person, Role, has_not_ended, is_in_office
from models.proposal import Capacity, Proposal, ProposalKind, Side, is_open
from models.stored_row import identity
from queries.authority.keys import living_projects


@dataclass(frozen=True, slots=True)
class Office:
    """Who becomes mayor or president of a local authority, in what ``quality`` (« Maire »), and from when: at once
    once it is confirmed, or at ``since``, later."""

    authority: LocalAuthority
    person: Person
    quality: str | None = None
    since: datetime | None = None
    file_sha256: str | None = None
    file_name: str | None = None


def propose_office(
    session: Session, office: Office, actor: ActorOrSystem, side: Side, now: datetime
) -> Proposal | None:
    """Propose that this person holds the office; None when they hold it already, for good and on evidence. Does not
    commit.

    The caller has checked the actor's right, and holds the register's lock. Raises ``IncompatibleRoles``,
    ``OtherProposal``.
    """
    code, person_id = office.authority.code, identity(office.person)
    holder = office_mandate(session, code, now)
    has_successor = holder is not None and holder.until is not None  # whom this proposal undoes
    if (
        holder
        and holder.person_id == person_id
        and not (has_successor or holder.evidence is Evidence.declared)
    ):
        return None
    is_plain = office.since is None and office.file_sha256 is None
    if is_plain and (waiting := _proposed_before(session, code, person_id, now)):
        tell_proposed(session, waiting, (), now)  # whoever has become able to confirm it since
        return waiting
    wanted = Mandate(person_id=person_id, role=Role.signatory, authority_code=code, since=now)
    check_compatible(session, wanted)
    replaces = holder.person_id if holder and holder.person_id != person_id else None
    return put_forward(
        session,
        Draft(
            ProposalKind.office,
            f"office:{code}",
            code,
            side,
            f"Fonction de maire ou de président de {office.authority.name}",
            {
                "quality": office.quality,
                "since": office.since.isoformat() if office.since else None,
                "replaces": replaces,
                "person": person_id,
            },
            subject_id=person_id,
            file_sha256=office.file_sha256,
            file_name=office.file_name,
            who_loses=(replaces,) if replaces else (),
        ),
        actor,
        now,
    )


def _proposed_before(session: Session, authority_code: str, person_id: int, now: datetime) -> Proposal | None:
    """The proposal that waits already about this person, in whatever words."""
    query = select(Proposal).where(
        Proposal.subject == f"office:{authority_code}", Proposal.subject_id == person_id, is_open(now)
    )
    return session.exec(query).one_or_none()


def office_mandate(session: Session, authority_code: str, now: datetime) -> Mandate | None:
    """The mandate of the mayor or president at ``now``, if one is registered."""
    query = select(Mandate).where(is_in_office(authority_code, now))
    return session.exec(query).one_or_none()


def carry_out_office(
    session: Session, proposal: Proposal, actor: ActorOrSystem, capacity: Capacity, now: datetime
) -> int:
    """Give the office: the former mandate ends at the instant at which the new one begins. Does not commit.

    The projects' journals and the register are locked. In each project of the city it is a fact; the delegations of
    the former holder end with their office. Returns the mandate's number. Raises ``IncompatibleRoles``.
    """
    code, asked = proposal.authority_code, proposal.request
    planned = datetime.fromisoformat(asked["since"]) if asked["since"] else now
    mandate = Mandate(
        person_id=asked["person"],
        role=Role.signatory,
        authority_code=code,
        quality=asked["quality"],
        since=max(planned, now),
        evidence=_evidence(proposal, capacity),
    )
    former = former_holders_of(session, proposal, now)
    written = write_office(session, mandate, actor, now)
    payload = {
        "mandate": written.id,
        "person": written.person_id,
        "since": mandate.since.isoformat(),
        "rests_on": mandate.evidence,
        "replaces": former,
        "proposal": proposal.id,
    }
    projects = living_projects(session, code)
    record_on_each(
        session.connection(),
        "office.given",
        dict.fromkeys(projects, payload),
        actor=actor,
        now=now,
        party_code=code,
    )
    if mandate.since <= now:
        take_over(session, written, now)
    return identity(written)


def take_over(session: Session, mandate: Mandate, now: datetime) -> None:
    """Wake what waited for whoever holds the office now. Does not commit.

    What is pending is handed over by the caller (``passing_duties``).
    """
    mandate.taken_over_at = now
    session.flush()
    if mandate.authority_code is not None:
        wake_projects_of(session, mandate.authority_code, now)


def former_holders_of(session: Session, proposal: Proposal, now: datetime) -> list[int]:
    """Those whose office ends when the one that is proposed begins; nobody, for another kind of proposal."""
    if proposal.kind is not ProposalKind.office:
        return []
    query = select(Mandate.person_id).where(
        Mandate.role == Role.signatory,
        Mandate.authority_code == proposal.authority_code,
        has_not_ended(now),
        col(Mandate.person_id) != proposal.subject_id,
    )
    return list(dict.fromkeys(session.exec(query)))


def _evidence(proposal: Proposal, capacity: Capacity) -> Evidence:
    """On what the office rests: the organisation's ProConnect, an act on file, or the word of the city."""
    if capacity is Capacity.named:
        return Evidence.proconnect
    return Evidence.act if proposal.file_sha256 else Evidence.confirmed
