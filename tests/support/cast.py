"""The fixed cast of the tests: the real project, its people, and the verbs that bring a stage where a test needs it.

Every verb goes through the real actions, in the order of the stage's flow; only the waiting is left out.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sample_files import written_pdf
from sqlmodel import SQLModel, select

from actions.commitments.promise_actions import ActionPlans
from actions.commitments.schedule_commitments import promise_charter
from actions.confirmation.settle import confirm_proposal
from actions.deliverables.object_to_revision import Objection, object_to_revision
from actions.deliverables.submit_deliverable import Submission, submit_deliverable
from actions.files.store_file import FileStore
from actions.people.add_person import Registration, add_person, ensure_person
from actions.projects.accession import AccessionRequest, propose_accession
from actions.projects.appoint_contractor import AwardRequest, Firm, appoint_contractor
from actions.projects.change_project_status import StatusChange, change_project_status
from actions.projects.create_project import ProjectRequest, create_project
from actions.projects.join_project import JoinRequest, join_project
from actions.signing.delegate_signature import DelegationRequest, delegate_signature
from actions.signing.paper_act import PaperAct
from actions.signing.sign_charter import CharterSignature, sign_charter
from actions.signing.sign_off import SignOffRequest, sign_off
from actions.signing.sign_on_paper import PaperSignOff, sign_on_paper
from actions.signing.withdraw_sign_off import SignOffWithdrawal, withdraw_sign_off
from actions.stages import ask
from actions.stages.close_stage import AtTheEnd, close_stage
from actions.stages.extend_deadline import DeadlineExtension, extend_deadline
from actions.stages.open_stage import open_stage
from actions.stages.publish_lessons import publish_lessons
from actions.stages.record_strand import HeldStrand, record_strand
from actions.stages.request_transition import TransitionRequest, request_transition
from database.engine import Database
from models.act_kind import ActKind
from models.commitment import Commitment
from models.contractor import ContractAward
from models.council_deliberation import CouncilDeliberation, moved_act
from models.deliverable import Deliverable, DeliverableVersion
from models.lifecycle import load_lifecycle
from models.local_authority import find_authority
from models.notice import Notice
from models.paris_time import paris_day
from models.party import Party, PartyRole
from models.person import SYSTEM, Actor, Person, Role
from models.project_file import PartyEntry, PersonEntry, ProjectFile, moved_to
from models.proposal import Capacity, Proposal, ProposalKind, ProposalState, Side
from models.shared_project import SharedProject
from models.sign_off import Decision, SignOff
from models.stage import Stage, StageStatus
from models.stage_needs import Missing
from models.stored_row import identity
from models.yaml_file import read_yaml
from queries.authority.keyring import people_with
from queries.ledger.find import find_party, find_project, find_stage, identify
from queries.stages.snapshot import still_missing

EXAMPLES = Path(__file__).parents[2] / "examples"
SLUG = "democratie-culturelle"
START = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MET_ON = START.date()
MANTES, NIORT, BOURGES, GUICHEN = CITIES = ("78361", "79191", "18033", "35126")
OBSERVER = "33281"
OBSERVERS = 1
NEWCOMER = "44109"
NAMES = {MANTES: "mantes-la-jolie", NIORT: "niort", BOURGES: "bourges", GUICHEN: "guichen"}
LEAD = Firm(
    "Coopérative Regards Croisés (fictive)",
    "73282932000074",
    "Jeanne Arnal",
    "jeanne.arnal@regards-croises.example",
)
PARTNER = Firm("Atelier des Communs (fictif)", "55208131766522", "Karim Haddad", "karim@atelier.example")
OWN = ("diagnostic", "bilan_de_concertation", "plan_d_action", "ressources")
STRANDS = ("citizens", "professionals", "artistic_programme")
AGENCY_WRITES = ("note_de_cadrage", "charte", "cahier_des_charges")
SHARED_OF = {
    "constitution": "note_de_cadrage",
    "charter": "charte",
    "terms_of_reference": "cahier_des_charges",
    "territorial_diagnosis": "synthese_croisee",
    "action_plan": "feuille_de_route",
    "lessons_learned": "dossier_de_capitalisation",
}
OWN_OF = {
    "territorial_diagnosis": "diagnostic",
    "consultation": "bilan_de_concertation",
    "action_plan": "plan_d_action",
    "lessons_learned": "ressources",
}


@cache
def seed_file(met_on: date = MET_ON) -> ProjectFile:
    """The real project, begun three weeks before the day on which its people meet here."""
    file = read_yaml(EXAMPLES / "democratie-culturelle.yaml", ProjectFile)
    return moved_to(file, met_on - timedelta(days=21))


def city_file(code: str, name: str, role: PartyRole = PartyRole.signatory) -> PartyEntry:
    """A city with its contact and its mayor, as a project file writes it."""
    contact = PersonEntry(name=f"Contact de {name}", email=f"contact-{code}@ville.example")
    mayor = PersonEntry(name=f"Maire de {name}", email=f"maire-{code}@ville.example")
    signs = role is PartyRole.signatory
    return PartyEntry(code=code, role=role, local_contact=contact, signatory=mayor if signs else None)


class Cast:
    """One project and its people; ``now`` is the instant of the test, moved on by a minute at each act."""

    def __init__(self, db: Database, folder: Path, slug: str = SLUG) -> None:
        self.db, self.folder, self.slug = db, folder, slug
        self.files = FileStore(folder / "files")
        self._now = START

    @classmethod
    def meet(
        cls, db: Database, folder: Path, *, file: ProjectFile | None = None, now: datetime = START
    ) -> "Cast":
        """Create the real project, with an observer city and somebody who has nothing to do with it."""
        cast = cls(db, folder)
        cast.set_clock(now)
        cast.create(file or seed_file(now.date()))
        cast.let_in(OBSERVER, "Mérignac", PartyRole.observer)
        cast.register("curieux@ailleurs.example", "Une Curieuse")
        return cast

    # Time

    @property
    def now(self) -> datetime:
        """One minute later than the last time it was asked."""
        self._now += timedelta(minutes=1)
        return self._now

    def set_clock(self, now: datetime) -> None:
        """Go on from this instant."""
        self._now = now

    def wait(self, **duration: float) -> None:
        """Let time pass (``days=…``)."""
        self._now += timedelta(**duration)

    @property
    def today(self) -> date:
        """The day in Paris."""
        return paris_day(self._now)

    # People

    def register(self, email: str, name: str) -> None:
        """Make somebody known, with no role at all."""
        with self.db.write() as session:
            ensure_person(session, email, name, self.now, SYSTEM)

    def name_of(self, email: str, otherwise: str = "Une personne") -> str:
        """The name registered at this address; ``otherwise``, when nobody is."""
        known = self.all(Person, Person.email == email)
        return known[0].name if known else otherwise  # type: ignore[attr-defined, no-any-return]

    def give_role(self, email: str, name: str, role: Role, code: str | None = None) -> None:
        """Register somebody in a role, for the city of this code; an office, the city's contact confirms."""
        add_person(self.db, Registration(email, name, role, code), now=self.now)
        self.confirm_offices()

    def confirm_offices(self) -> None:
        """The contact of each city confirms the mayor whom the ANCT has proposed."""
        for proposal in self.open_proposals(ProposalKind.office):
            with self.db.read() as session:
                contacts = people_with(session, {Capacity.contact}, proposal.authority_code, None, self._now)
                able = [each for each in contacts if each != proposal.subject_id]
                email = session.get_one(Person, able[0]).email if able else None
            if email:
                confirm_proposal(self.db, self.person(email), identity(proposal), now=self.now)

    def open_proposals(self, kind: ProposalKind | None = None) -> list[Proposal]:
        """What waits for its second key."""
        found = self.all(Proposal, Proposal.state == ProposalState.proposed)
        return [each for each in found if kind in (None, each.kind)]  # type: ignore[attr-defined, misc]

    def confirm(self, proposal: Proposal, actor: Actor | None = None) -> Proposal:
        """The other side confirms: an agent what a city proposes, the city's contact what the ANCT does."""
        other = self.agent if proposal.side is Side.party else self.contact(proposal.authority_code)
        return confirm_proposal(self.db, actor or other, identity(proposal), now=self.now)

    def person(self, email: str) -> Actor:
        with self.db.read() as session:
            return identify(session, email)

    @property
    def agent(self) -> Actor:
        return self.person("camille.roussel@anct.example")

    def mayor_email(self, code: str) -> str:
        return _entry(code).signatory.email  # type: ignore[union-attr]

    def mayor(self, code: str) -> Actor:
        return self.person(self.mayor_email(code))

    def contact(self, code: str) -> Actor:
        return self.person(_entry(code).local_contact.email)  # type: ignore[union-attr]

    @property
    def contractor(self) -> Actor:
        return self.person(LEAD.contact_email)

    @property
    def observer(self) -> Actor:
        return self.person(f"contact-{OBSERVER}@ville.example")

    @property
    def outsider(self) -> Actor:
        return self.person("curieux@ailleurs.example")

    def delegate(
        self,
        code: str = NIORT,
        *,
        scope: str = "all",
        days: tuple[date, date] | None = None,
        to_elected: bool = True,
        email: str = "adjointe@niort.example",
    ) -> Actor:
        """Somebody who holds a delegation of signature of the city."""
        self.register(email, self.name_of(email, "Odile Fournier"))
        first, last = days or (self.today - timedelta(days=1), self.today + timedelta(days=365))
        delegate_signature(
            self.db,
            self.mayor(code),
            DelegationRequest(
                authority_code=code,
                delegate_email=email,
                order_reference="Arrêté 2026-118",
                scope=scope,
                valid_from=first,
                valid_until=last,
                to_elected=to_elected,
            ),
            now=self.now,
        )
        return self.person(email)

    # What is in the database

    def project(self) -> SharedProject:
        with self.db.read() as session:
            return find_project(session, self.slug)

    def stage(self, key: str) -> Stage:
        with self.db.read() as session:
            return find_stage(session, find_project(session, self.slug), key)

    def stage_id(self, key: str) -> int:
        return identity(self.stage(key))

    def status(self, key: str) -> StageStatus:
        return self.stage(key).status

    def party(self, code: str) -> Party:
        with self.db.read() as session:
            return find_party(session, find_project(session, self.slug), code)

    def deliverable(self, key: str, owner: str | None = None) -> Deliverable:
        with self.db.read() as session:
            query = select(Deliverable).join(Stage).join(SharedProject)
            query = query.where(SharedProject.slug == self.slug, Deliverable.key == key)
            party_id = identity(self.party(owner)) if owner else None
            return session.exec(query.where(Deliverable.party_id == party_id)).one()

    def all_deliverables(self, key: str) -> list[Deliverable]:
        """Those of every city, in the order in which the cities joined."""
        return list(self.all(Deliverable, Deliverable.key == key))  # type: ignore[arg-type]

    def all(self, table: type[SQLModel], *conditions: object) -> Sequence[SQLModel]:
        with self.db.read() as session:
            return list(session.exec(select(table).where(*conditions).order_by(table.id)))  # type: ignore[arg-type, attr-defined]

    def sign_offs(self, key: str, owner: str | None = None) -> list[SignOff]:
        found = self.all(SignOff, SignOff.deliverable_id == self.deliverable(key, owner).id)
        return list(found)  # type: ignore[arg-type]

    def notices(self, message: str) -> list[Notice]:
        return list(self.all(Notice, Notice.message == message))  # type: ignore[arg-type]

    def told(self, message: str) -> set[str]:
        """The addresses of those who are owed this message."""
        with self.db.read() as session:
            rows = session.connection().execute(
                sa.text(
                    "SELECT person.email FROM notice JOIN person ON person.id = recipient_id WHERE message = :m"
                ),
                {"m": message},
            )
            return set(rows.scalars())

    def commitments(self, **fields: object) -> list[Commitment]:
        conditions = [getattr(Commitment, name) == value for name, value in fields.items()]
        return list(self.all(Commitment, *conditions))  # type: ignore[arg-type]

    def journal(self) -> list[tuple[str, str | None]]:
        """The events of the project's journal, each with the code of its party."""
        return [(entry["event"], entry["party_code"]) for entry in self.entries()]

    def entries(self) -> list[sa.RowMapping]:
        with self.db.read() as session:
            rows = session.connection().execute(
                sa.text(
                    "SELECT audit_entry.* FROM audit_entry JOIN journal ON journal.id = journal_id "
                    "JOIN shared_project ON shared_project.id = project_id WHERE slug = :slug ORDER BY audit_entry.seq"
                ),
                {"slug": self.slug},
            )
            return list(rows.mappings())

    def missing(self, key: str) -> list[Missing]:
        with self.db.read() as session:
            project = find_project(session, self.slug)
            return still_missing(session, find_stage(session, project, key), self._now)

    # What people do

    def create(self, file: ProjectFile, slug: str | None = None) -> SharedProject:
        """Create a project, as from the command line; each city's contact confirms its mayor."""
        project = create_project(self.db, None, ProjectRequest(file, slug), now=self.now)
        self.confirm_offices()
        return project

    def let_in(self, code: str, name: str, role: PartyRole = PartyRole.signatory) -> Party:
        entry = city_file(code, name, role)
        signs_charter = self.status("charter") is StageStatus.closed and role is PartyRole.signatory
        if signs_charter:  # by its council's act, which its contact confirms with the rest
            request = self.accession(
                ProposalKind.entry, code, contact=entry.local_contact, signatory=entry.signatory
            )
            self.confirm(propose_accession(self.db, self.agent, request, now=self.now))
        else:
            join_project(self.db, self.agent, JoinRequest(self.slug, entry), now=self.now)
            self.confirm_offices()
        return self.party(code)

    def accession(self, kind: ProposalKind, code: str, **people: PersonEntry | None) -> AccessionRequest:
        """A city becomes a signatory, by an act that its council has voted today."""
        return AccessionRequest(self.slug, kind, code, self.own_act(code), **people)

    def own_act(self, code: str, **changes: object) -> PaperAct:
        """The council's deliberation of any city, voted today, with a file of its own."""
        city = find_authority(code)
        prefect = f"PREF{city.departement.zfill(3)}"
        act = self.council_act(NIORT, prefecture_id=prefect, **changes)
        file = self.write(f"le conseil de {city.name}, le {self._now}.", f"acte-{code}.pdf")
        return replace(act, proof=self.files.receive_path(file))

    def request(self, key: str, actor: Actor | None = None) -> Stage:
        return request_transition(
            self.db, actor or self.agent, TransitionRequest(self.slug, key), now=self.now
        )

    def open(self, key: str) -> None:
        self.request(key)
        open_stage(self.db, self.stage_id(key), now=self.now)

    def write(self, text: str, name: str = "document.md") -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / name
        is_pdf = bool(text) and path.suffix == ".pdf"
        path.write_bytes(written_pdf(text) if is_pdf else text.encode())
        return path

    def submit(
        self,
        key: str,
        owner: str | None = None,
        *,
        text: str | None = None,
        path: Path | None = None,
        actor: Actor | None = None,
        minor: str | None = None,
    ) -> DeliverableVersion:
        """Submit a version; the first one says what it is, the next ones differ."""
        number = self.deliverable(key, owner).number + 1
        given = self.write(text or f"{key} de {owner or 'toutes'}, version {number}")
        if key == "plan_d_action" and path is None and text is None:
            (given,) = (EXAMPLES / "plans").glob(f"{owner}-*")
        file = self.files.receive_path(path or given)
        submission = Submission(self.slug, _stage_of(key), key, file, owner, minor is not None, minor or None)
        author = actor or (self.agent if minor is not None else self._author(key, owner))
        return submit_deliverable(self.db, author, submission, now=self.now)

    def object_to(
        self, key: str, code: str, *, owner: str | None = None, actor: Actor | None = None
    ) -> DeliverableVersion:
        """The city objects to the minor revision that stands, by its mayor unless said otherwise."""
        objection = Objection(self.slug, _stage_of(key), key, code, owner)
        return object_to_revision(self.db, actor or self.mayor(code), objection, now=self.now)

    def _author(self, key: str, owner: str | None) -> Actor:
        if owner is not None:
            return self.contact(owner)
        return self.agent if key in AGENCY_WRITES else self.contractor

    def council_act(self, code: str, **changes: object) -> PaperAct:
        """The council's deliberation of a city, voted today, with its file."""
        (file,) = (EXAMPLES / "deliberations").glob(f"{NAMES[code]}-*.yaml")
        act = moved_act(read_yaml(file, CouncilDeliberation), self.today).model_copy(update=changes)
        return PaperAct(ActKind.deliberation, act.session_date, self.files.receive_path(file), act)

    def sign(
        self,
        key: str,
        code: str,
        decision: Decision = Decision.approved,
        *,
        owner: str | None = None,
        reason: str | None = None,
        actor: Actor | None = None,
        sha256: str | None = None,
        paper: PaperAct | None = None,
    ) -> int:
        """The city decides on the current version: its mayor by a click, or its council for the charter."""
        deliverable = self.deliverable(key, code if key in OWN and owner is None else owner)
        if key == "charte" and paper is None and decision.passes:
            paper = self.council_act(code)
        if reason is None and decision is not Decision.approved:
            reason = "Il manque la place des associations."
        request = SignOffRequest(
            identity(deliverable),
            identity(self.party(code)),
            deliverable.sha256 or "" if sha256 is None else sha256,
            decision,
            reason,
        )
        who = actor or self.mayor(code)
        if paper is None:
            return sign_off(self.db, who, request, now=self.now)
        proposal = self.confirm(sign_on_paper(self.db, who, PaperSignOff(request, paper), now=self.now))
        return proposal.result_id or 0

    def click(self, key: str, code: str, actor: Actor | None = None) -> int:
        """Approve by a click, even where a council's act is expected."""
        deliverable = self.deliverable(key, code if key in OWN else None)
        party_id, sha256 = identity(self.party(code)), deliverable.sha256 or ""
        request = SignOffRequest(identity(deliverable), party_id, sha256, Decision.approved)
        return sign_off(self.db, actor or self.mayor(code), request, now=self.now)

    def withdraw(
        self, key: str, code: str, reason: str = "Vote à refaire", actor: Actor | None = None
    ) -> None:
        who = actor or self.mayor(code)
        stage = _stage_of(key)
        withdraw_sign_off(
            self.db,
            who,
            SignOffWithdrawal(self.slug, stage, key, party_code=code, reason=reason),
            now=self.now,
        )

    def extend(
        self,
        key: str,
        until: date,
        party: str | None = None,
        *,
        reason: str = "Élections",
        actor: Actor | None = None,
    ) -> None:
        """More time for a stage, or for one party of it."""
        extension = DeadlineExtension(self.slug, key, until, reason, party)
        extend_deadline(self.db, actor or self.agent, extension, now=self.now)

    def pause(self, reason: str = "Élections municipales") -> None:
        self.change("pause", reason)

    def change(self, event: str, reason: str = "Un motif", actor: Actor | None = None) -> None:
        """Pause, resume or cancel the project."""
        change = StatusChange(self.slug, event, reason)
        change_project_status(self.db, actor or self.agent, change, now=self.now)

    def award(self, actor: Actor | None = None, **changes: object) -> ContractAward:
        request = AwardRequest(self.slug, [LEAD, PARTNER], Decimal("148500.00"), START.date())
        request = replace(request, **changes)  # type: ignore[arg-type]
        return appoint_contractor(self.db, actor or self.agent, request, now=self.now)

    def hold_strands(self, code: str, strands: Sequence[str] = STRANDS, participants: int = 120) -> None:
        for strand in strands:
            record_strand(
                self.db,
                self.contact(code),
                HeldStrand(self.slug, code, strand, held_on=self.today, participants=participants),
                now=self.now,
            )

    def sign_for_agency(self) -> None:
        sha256 = self.deliverable("charte").sha256 or ""
        sign_charter(self.db, self.agent, CharterSignature(self.slug, sha256=sha256), now=self.now)

    # Stages, step by step as their flows go

    def collect(self, key: str) -> None:
        """Ask for the deliverables of an open stage, and have them submitted."""
        stage_id = self.stage_id(key)
        if key == "consultation":
            ask.ask_for_strands(self.db, stage_id, now=self.now)
            for code in CITIES:
                self.hold_strands(code)
            ask.ask_for_reports(self.db, stage_id, "bilan_de_concertation", now=self.now)
        if key in OWN_OF:
            ask.ask_for_deliverable(self.db, stage_id, OWN_OF[key], now=self.now)
            for code in CITIES:
                self.submit(OWN_OF[key], code)
        if key == "territorial_diagnosis":
            ask.open_peer_reading(self.db, stage_id, "diagnostic", now=self.now)
        if key in SHARED_OF:
            ask.ask_for_deliverable(self.db, stage_id, SHARED_OF[key], now=self.now)
            self.submit(SHARED_OF[key])

    def review(self, key: str) -> None:
        """Bring a stage that is open, or not even asked for, to its review."""
        if self.status(key) is StageStatus.planned:
            self.open(key)
        self.collect(key)
        ask.start_review(self.db, self.stage_id(key), now=self.now)

    def sign_all(self, key: str, *, but: Sequence[str] = ()) -> None:
        """Every city approves all it has to sign in the stage, save those in ``but``."""
        for deliverable in (OWN_OF.get(key), SHARED_OF.get(key)):
            if deliverable and deliverable != "ressources":
                for code in CITIES:
                    if code not in but:
                        self.sign(deliverable, code)

    def end(self, key: str) -> bool:
        """What the flow of the stage does once every city has signed, up to its closing."""
        stage_id = self.stage_id(key)
        if key == "charter":
            ask.tell_signed_off(self.db, stage_id, now=self.now)
            ask.ask_for_agency_signature(self.db, stage_id, "charte", now=self.now)
            self.sign_for_agency()
        if key == "terms_of_reference":
            ask.tell_signed_off(self.db, stage_id, now=self.now)
            ask.ask_for_award(self.db, stage_id, now=self.now)
            self.award()
        return self.close(key)

    def close(self, key: str) -> bool:
        return close_stage(self.db, self.stage_id(key), now=self.now, at_the_end=self.at_the_end(key))

    def at_the_end(self, key: str) -> AtTheEnd | None:
        """What the end of this stage sets going besides."""
        if key == "action_plan":
            return ActionPlans(self.db, self.stage_id(key), self.files)
        ends: dict[str, AtTheEnd] = {"charter": promise_charter, "lessons_learned": publish_lessons}
        return ends.get(key)

    def play(self, key: str) -> None:
        """The whole stage, from the request to its closing."""
        self.review(key)
        self.finish(key)

    def finish(self, key: str) -> None:
        """From the review to the closing: every city approves."""
        self.sign_all(key)
        if not self.end(key):
            raise AssertionError(self.missing(key))


def _entry(code: str) -> PartyEntry:
    for entry in seed_file().parties:
        if entry.code == code:
            return entry
    return city_file(code, code)


@cache
def _stage_of(key: str) -> str:
    return next(
        stage.key for stage in load_lifecycle().stages if any(each.key == key for each in stage.deliverables)
    )
