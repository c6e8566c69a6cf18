"""A city joins a project (rule 6)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import select

from actions.authority.pass_duties import passing_duties
from actions.ledger.locks import lock_slug
from actions.ledger.wake import wake_all
from actions.projects.council_entry import closed_charter
from actions.projects.create_project import check_acts, let_in
from database.engine import Database
from models.accession import AlreadyParty, CharterSigned
from models.local_authority import find_authority
from models.party import Party, PartyRole, WrongNumberOfSignatories
from models.person import Actor
from models.project_file import PartyEntry
from models.shared_project import refusal_unless_before_follow_up
from models.stored_row import identity
from queries.access.rights import require_agency_agent
from queries.ledger.find import lifecycle_of, signatory_parties


@dataclass(frozen=True, slots=True)
class JoinRequest:
    """Which project a local authority joins, and as what, with whom."""

    slug: str
    party: PartyEntry


def join_project(db: Database, actor: Actor, request: JoinRequest, *, now: datetime) -> Party:
    """The ANCT brings a local authority in. It counts in the stages that open from now on. Commits.

    The rosters of the stages already open stay as they were frozen. Once the charter is signed, a signatory comes in by
    its council's act (``propose_accession``). Raises ``NotAllowed``, ``UnknownAuthority``,
    ``WrongNumberOfSignatories``, ``AlreadyParty``, ``CharterSigned``, ``ProjectNotActive``.
    """
    entry = request.party
    with db.write() as session:
        project = lock_slug(session, request.slug)
        if refusal := refusal_unless_before_follow_up(project):
            raise refusal
        require_agency_agent(session, actor, now, "faire entrer une collectivité", project)
        same_code = select(Party).where(Party.project_id == project.id, Party.code == entry.code)
        former = session.exec(same_code).one_or_none()
        if former is not None:
            raise AlreadyParty(former)
        roster, count = lifecycle_of(project).roster, len(signatory_parties(session, project)) + 1
        if entry.role is PartyRole.signatory and count > roster.max:
            raise WrongNumberOfSignatories(count, roster.min, roster.max)
        if entry.role is PartyRole.signatory and closed_charter(session, project) is not None:
            raise CharterSigned(find_authority(entry.code).name)
        check_acts(lifecycle_of(project), entry)
        with passing_duties(session, [identity(project)], now):
            party = let_in(session, project, entry, actor, now)
        wake_all(session, identity(project), now)
        return party
