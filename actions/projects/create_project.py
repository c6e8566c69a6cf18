"""Create a shared project, whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, select

from actions.authority.authority_mails import tell_contact_named
from actions.authority.mandates import ensure_mandate
from actions.authority.office import Office, propose_office
from actions.ledger.journal import lock_register, record
from actions.people.add_person import ensure_person
from actions.people.invite_person import welcome
from actions.projects.appoint_contractor import Firm, award_contract
from actions.projects.name_agent import name_agent
from database.engine import Database
from models.audit_entry import Journal
from models.contractor import ContractAward
from models.lifecycle import Lifecycle, load_lifecycle
from models.local_authority import LocalAuthority, check_name, find_authority
from models.party import Party, PartyRole, WrongNumberOfSignatories
from models.person import Actor, ActorOrSystem, AuthMethod, Mandate, Person, Role
from models.project_file import ContractorEntry, PartyEntry, ProjectFile
from models.project_title import slug_of
from models.proposal import Side
from models.refusal import Refusal
from models.shared_project import SharedProject
from models.stage import Stage
from models.stored_row import identity
from models.subject import Subject
from queries.ledger.find import lifecycle_of
from queries.projects.titles import free_slug, projects_titled
from queries.signing.authority import office_holder


class ProjectExists(Refusal):
    """A project of this title is already there."""

    def __init__(self, slug: str, title: str | None = None) -> None:
        named = f"« {title} » ({slug})" if title else f"« {slug} »"
        super().__init__(f"Le projet {named} existe déjà : donnez un autre titre à celui que vous créez.")


class OtherOfficeHolder(Refusal):
    """A project does not change who holds a city's office: that is done for all its projects, on purpose."""

    def __init__(self, city: LocalAuthority, holder: Person, named: Person) -> None:
        super().__init__(
            f"{city.name} ({city.code}) a déjà pour signataire {holder.name}, et ce projet nomme {named.name} : "
            f"corrigez le projet ou, si {named.name} lui succède, faites-le d’abord enregistrer comme son signataire."
        )


class UnknownKey(Refusal):
    """The calendar, or a party's acts, names something the lifecycle does not know."""

    def __init__(self, field: str, key: str, accepted: Sequence[str]) -> None:
        super().__init__(f"{field} : « {key} » est inconnu ; on peut écrire : {', '.join(accepted)}.")


@dataclass(frozen=True, slots=True)
class ProjectRequest:
    """The project to create. Its slug is made of its title, which no other project has; under a ``slug`` of its own,
    it may have the title of another (the demonstration played again)."""

    file: ProjectFile
    slug: str | None = None


def create_project(
    db: Database, actor: Actor | None, request: ProjectRequest, *, now: datetime
) -> SharedProject:
    """Create the project of a file with its parties, people and planned stages. Commits.

    Raises ``UnknownAuthority`` or ``WrongAuthorityName`` (COG), ``WrongNumberOfSignatories``,
    ``ProjectExists`` (also when the title is written otherwise), ``TitleWithoutLetters``. At the command line (no
    ``actor``) the ANCT agent named in the file creates it, and becomes one if need be; an ``actor`` must be an agent,
    and name one: else ``NotAllowed``, ``NotAnAgent``.
    """
    file, lifecycle = request.file, load_lifecycle()
    check_signatories(lifecycle, [party.role for party in file.parties])
    _check_keys(lifecycle, file)
    with db.write() as session:
        lock_register(session)
        agent = name_agent(session, file.agency_agent, actor, now)
        actor = actor or Actor(identity(agent), agent.name, AuthMethod.command_line)
        project = SharedProject(
            slug=request.slug or _slug_of_new(session, file.title),
            title=file.title,
            theme=file.theme,
            period_from=file.period.from_,
            period_until=file.period.until,
            lifecycle_key=lifecycle.key,
            lifecycle_version=lifecycle.version,
            agency_agent_id=agent.id,
            created_at=now,
        )
        add_project(session, project, file.calendar, actor)
        for entry in file.parties:
            let_in(session, project, entry, actor, now)
        if file.contractor is not None:
            _award(session, project, file.contractor, actor, now)
        return project


def _award(
    session: Session, project: SharedProject, contractor: ContractorEntry, actor: Actor, now: datetime
) -> None:
    contact = contractor.contact
    firm = Firm(contractor.name, contractor.siret, contact.name, contact.email, contact.shares_mailbox)
    award = ContractAward(
        project_id=identity(project),
        amount_eur=contractor.amount_eur,
        awarded_on=contractor.awarded_on,
        recorded_by=actor.person_id,
        recorded_at=now,
    )
    award_contract(session, project, award, [firm], actor)


def check_signatories(lifecycle: Lifecycle, roles: list[PartyRole]) -> None:
    """Raises ``WrongNumberOfSignatories`` unless three to five parties (lifecycle data) are signatories."""
    count = roles.count(PartyRole.signatory)
    if not lifecycle.roster.min <= count <= lifecycle.roster.max:
        raise WrongNumberOfSignatories(count, lifecycle.roster.min, lifecycle.roster.max)


def _check_keys(lifecycle: Lifecycle, file: ProjectFile) -> None:
    stages = [stage.key for stage in lifecycle.stages]
    for key in file.calendar:
        if key not in stages:
            raise UnknownKey("calendar", key, stages)
    for entry in file.parties:
        check_acts(lifecycle, entry)


def check_acts(lifecycle: Lifecycle, entry: PartyEntry) -> None:
    """Raises ``UnknownKey`` when the party asks for an act on a deliverable the lifecycle does not know."""
    deliverables = [each.key for stage in lifecycle.stages for each in stage.deliverables]
    for key in entry.acts:
        if key not in deliverables:
            raise UnknownKey(f"acts de la partie {entry.code}", key, deliverables)


def _slug_of_new(session: Session, title: str) -> str:
    """Raises ``TitleWithoutLetters``; ``ProjectExists`` when a project has this title, however it is written."""
    slug = slug_of(title)
    for twin in projects_titled(session, title):
        raise ProjectExists(twin.slug, twin.title)
    return free_slug(session, slug)


def add_project(
    session: Session, project: SharedProject, calendar: Mapping[str, date], actor: ActorOrSystem
) -> None:
    """Write a new project, its journal and its planned stages. Does not commit. Raises ``ProjectExists``."""
    if session.exec(select(SharedProject.id).where(SharedProject.slug == project.slug)).first() is not None:
        raise ProjectExists(project.slug)
    session.add(project)
    session.flush()
    session.add(Journal(project_id=project.id))
    session.add_all(
        Stage(project_id=identity(project), key=stage.key, position=place, due_on=calendar.get(stage.key))
        for place, stage in enumerate(lifecycle_of(project).stages)
    )
    session.flush()
    now, version = project.created_at, f"{project.lifecycle_key}.v{project.lifecycle_version}"
    facts = {"slug": project.slug, "lifecycle": version}
    record(session, "project.created", project_id=project.id, actor=actor, now=now, **facts)
    record(session, "project.created", project_id=None, actor=actor, now=now, project=project.id, **facts)


def let_in(
    session: Session, project: SharedProject, entry: PartyEntry, actor: ActorOrSystem, now: datetime
) -> Party:
    """Write a party with its people. Does not commit. Raises ``UnknownAuthority``, ``WrongAuthorityName``."""
    party = add_party(session, project, entry.code, entry.role, actor, now, name=entry.name)
    party.local_project = entry.local_project
    party.acts = {key: str(act) for key, act in entry.acts.items()}
    _name_people(session, project, party, entry, actor, now)
    return party


def add_party(
    session: Session,
    project: SharedProject,
    code: str,
    role: PartyRole,
    actor: ActorOrSystem,
    now: datetime,
    *,
    name: str | None = None,
) -> Party:
    """Write one party, checked against the COG. Does not commit. Raises ``UnknownAuthority``."""
    authority = find_authority(code)
    if name is not None:
        check_name(authority, name)
    party = Party(
        project_id=identity(project),
        code=authority.code,
        name=authority.name,
        kind=authority.kind,
        siren=authority.siren,
        departement=authority.departement,
        role=role,
        joined_at=now,
    )
    session.add(party)
    session.flush()
    record(
        session, "party.joined", project_id=project.id, actor=actor, now=now, party_code=party.code, role=role
    )
    return party


def _name_people(
    session: Session,
    project: SharedProject,
    party: Party,
    entry: PartyEntry,
    actor: ActorOrSystem,
    now: datetime,
) -> None:
    """Register the local contact and the signatory of a party, and welcome them."""
    contact_role = Role.local_contact if entry.role is PartyRole.signatory else Role.observer
    for named, role in ((entry.local_contact, contact_role), (entry.signatory, Role.signatory)):
        if named is None:
            continue
        person = ensure_person(
            session, named.email, named.name, now, actor, shares_mailbox=named.shares_mailbox
        )
        if role is Role.signatory:  # the office is the city's, in all its projects
            check_office(session, find_authority(party.code), person, now)
            office = Office(find_authority(party.code), person, named.quality)
            waits = propose_office(session, office, actor, Side.agency, now) is not None
        else:
            mandate = Mandate(person_id=identity(person), role=role, authority_code=entry.code, since=now)
            mandate.project_id, waits = project.id, False
            if role is Role.local_contact:
                tell_contact_named(session, party.code, project, person, actor, now)
            ensure_mandate(session, mandate, actor)
        if not waits:
            about, label = Subject.of("party", party.id), named.quality or role.label
            welcome(session, project, party, person, label, about, now)


def check_office(session: Session, city: LocalAuthority, named: Person, now: datetime) -> None:
    """Raises ``OtherOfficeHolder`` when somebody else holds the office of the city."""
    holder = office_holder(session.connection(), city.code, now)
    if holder not in (None, named.id):
        raise OtherOfficeHolder(city, session.get_one(Person, holder), named)
