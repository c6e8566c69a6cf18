"""A project as « project show --json », the API and the pages show it.

They stand in ``models`` because every room that reads a part of a project, from signing to projects, returns them. The
class names are those of the schemas in the API's description, from which its clients generate code.
"""

from dataclasses import dataclass
from datetime import date, datetime

from pydantic import Field

from models.act_kind import ActKind
from models.commitment import CommitmentOrigin, CommitmentStatus
from models.evidence import Evidence
from models.local_authority import AuthorityKind
from models.minor_revision import Revision
from models.party import PartyRole
from models.person import AuthMethod
from models.proposal_shapes import PendingConfirmation
from models.shape import Instant, NotInJson, Shape
from models.shared_project import ProjectStatus
from models.sign_off import Decision
from models.stage import StageStatus


class ProjectLine(Shape):
    """A line of the list of projects: where each stands and what comes next."""

    slug: str = Field(examples=["democratie-culturelle"])
    title: str = Field(examples=["Démocratie culturelle"])
    theme: str = Field(examples=["culture"])
    status: ProjectStatus
    current_stage: str | None = Field(description="La clé de la première étape qui n’est pas close.")
    current_stage_status: StageStatus | None
    current_stage_title: str | None
    trouble: str | None = Field(
        description="Ce qui empêche de conduire ce projet : son déroulé est illisible."
    )
    due_on: date | None = Field(description="L’échéance de cette étape.")


class PeriodShown(Shape):
    """First and last day."""

    from_: date = Field(alias="from")
    until: date


@dataclass(frozen=True, slots=True)
class PersonName:
    """Somebody and in what quality they act. Their address is told to agents of the ANCT only (``email``).

    ``holds_office`` tells the mayor or president, who signs without any delegation; ``evidence``, on what the
    authority of those who sign rests.
    """

    name: str
    quality: str
    email: str | None
    holds_office: bool = False
    evidence: Evidence | None = None


class PartyShown(Shape):
    """A party of the project; ``people`` are its local contacts, then who signs, then the delegates of the day, where
    they were asked for."""

    code: str = Field(description="INSEE, SIREN ou département, en texte.", examples=["78361"])
    name: str = Field(examples=["Mantes-la-Jolie"])
    role: PartyRole
    kind: AuthorityKind
    local_project: str | None
    left_at: Instant | None
    joined_at: NotInJson[datetime]
    people: NotInJson[tuple[PersonName, ...]] = ()

    @property
    def signatory(self) -> str | None:
        """The office holder's name, if one is registered."""
        return next((each.name for each in self.people if each.holds_office), None)


class MissingShown(Shape):
    """One thing that a stage waits for."""

    deliverable: str | None
    deliverable_party: str | None
    party: str | None = Field(description="Qui le doit ; sans code, l’ANCT ou le prestataire.")
    what: str = Field(examples=["sign_off"])
    text: str = Field(description="La même chose, en clair.")


class SignOffShown(Shape):
    """A decision of a party, live or not. ``acted_on`` is the day on the paper of an act given off-platform, which
    ``recorded_by`` recorded; ``delegation`` names the order under which it was signed."""

    id: int
    party: str
    decision: Decision
    act_kind: ActKind
    reason: str | None
    signed_by: str = Field(description="L’adresse de qui signe.")
    signed_by_name: str
    recorded_by: str | None = Field(description="Qui a enregistré un acte donné sur papier.")
    at: Instant
    acted_on: Instant | None
    version: int
    sha256: str
    voided: bool = Field(description="Tombée avec une nouvelle version, ou retirée.")
    withdrawn: bool
    evidence: Evidence = Field(description="La preuve de l’autorité de qui signe.")
    paper: bool = Field(description="Donnée sur papier, avec sa copie.")
    counts: bool = Field(description="Compte aujourd’hui : ni retirée, ni tombée.")
    party_name: NotInJson[str]
    round: NotInJson[int]
    delegation: NotInJson[str | None]
    recorded_by_name: NotInJson[str | None]
    has_proof: NotInJson[bool]
    auth_method: NotInJson[AuthMethod]
    withdrawn_at: NotInJson[datetime | None]
    withdrawn_reason: NotInJson[str | None]
    voided_at: NotInJson[datetime | None]

    @property
    def authenticated(self) -> str:
        """How its author was recognised, in words."""
        return self.auth_method.as_adverb

    @property
    def is_live(self) -> bool:
        """Neither withdrawn by its party nor voided by a new version."""
        return not self.voided

    @property
    def path(self) -> str:
        """Its receipt."""
        return f"/recus/{self.id}"


class VersionLine(Shape):
    """A version that was submitted; ``path`` is the document itself."""

    number: int
    round: int = Field(description="La relecture à laquelle elle appartient.")
    sha256: str = Field(description="L’empreinte de son contenu, que les validations nomment.")
    size: int = Field(description="En octets.")
    file_name: str
    is_minor: bool
    minor_reason: str | None
    objections_until: date | None = Field(
        description="Le dernier jour pour s’opposer à cette révision mineure ; vide si personne ne s’était prononcé."
    )
    objected_at: Instant | None = Field(
        description="Quand un signataire s’y est opposé : elle compte comme une autre."
    )
    objected_by_party: str | None = Field(description="La collectivité qui s’y est opposée, par son code.")
    change_note: str | None = Field(description="Ce qu’elle change, selon son auteur.")
    submitted_by_name: str
    submitted_at: Instant
    submitted_by: NotInJson[str]
    path: NotInJson[str]
    objected_by_party_name: NotInJson[str | None]

    @property
    def revision(self) -> Revision:
        """The version, as an objection meets it."""
        return Revision(
            self.number, self.is_minor, self.objections_until, self.objected_at, self.objected_by_party_name
        )


@dataclass(frozen=True, slots=True)
class SeatShown:
    """A cell of the matrix: a party before a deliverable. ``history`` holds what no longer counts, newest first;
    ``pending`` is an act on paper that waits for its second key.
    """

    party_code: str
    party_name: str
    act_expected: ActKind
    live: SignOffShown | None
    history: tuple[SignOffShown, ...]
    is_awaited: bool
    pending: PendingConfirmation | None = None


class DeliverableShown(Shape):
    """A deliverable and its current version.

    ``versions`` come newest first; ``seats`` in the order in which the parties joined, empty when it is not signed.
    """

    key: str
    title: str
    party: str | None = Field(description="La ville dont c’est le livrable ; vide s’il est commun.")
    is_signed: bool
    version: int | None
    sha256: str | None
    file_name: str | None
    submitted_by: str | None
    submitted_by_name: str | None
    submitted_at: Instant | None
    sign_offs: list[SignOffShown]
    id: NotInJson[int]
    owner_name: NotInJson[str | None]
    act_kind: NotInJson[ActKind]
    versions: NotInJson[tuple[VersionLine, ...]]
    seats: NotInJson[tuple[SeatShown, ...]]
    path: NotInJson[str]

    @property
    def number(self) -> int:
        """The number of the current version, 0 before any."""
        return self.version or 0

    @property
    def current(self) -> VersionLine | None:
        """The version that is to be read and signed."""
        return self.versions[0] if self.versions else None

    def version_numbered(self, number: int) -> VersionLine:
        """The version of this number."""
        return next(each for each in self.versions if each.number == number)

    def revised_since(self, sign_off: SignOffShown) -> tuple[VersionLine, ...]:
        """The minor revisions of the text on which this decision was given, oldest first (rule 2)."""
        later = (each for each in reversed(self.versions) if each.number > sign_off.version)
        return tuple(each for each in later if each.is_minor and each.round == sign_off.round)

    def seat(self, code: str) -> SeatShown | None:
        """The cell of this party; None when it does not sign this deliverable."""
        return next((each for each in self.seats if each.party_code == code), None)

    def adhesions(self, closed_at: datetime | None) -> list[SignOffShown]:
        """The approvals given since the stage was closed: by who joined after the charter."""
        return [each for each in self.sign_offs if closed_at and each.counts and each.at > closed_at]


class StageShown(Shape):
    """A stage, what it waits for, what it produces."""

    key: str
    title: str
    status: StageStatus
    is_moving: bool = Field(
        description="Un fait vient d’y être enregistré, dont la suite n’apparaît pas encore : relire dans un instant."
    )
    round: int
    opened_at: Instant | None
    closed_at: Instant | None
    due_on: date | None
    roster: list[str] = Field(description="Les codes des signataires qu’elle compte.")
    missing: list[MissingShown]
    pending_confirmations: list[PendingConfirmation] = Field(
        description="Les actes proposés, qui comptent une fois confirmés."
    )
    deliverables: list[DeliverableShown]


class CommitmentShown(Shape):
    """What somebody promised; ``evidence`` is how it was kept, or why it was waived."""

    id: int
    owner: str = Field(description="Le code d’une collectivité, « ANCT » ou « prestataire ».")
    text: str
    due_on: date | None
    status: CommitmentStatus
    origin: CommitmentOrigin
    holder: str | None
    evidence: str | None
    settled_at: Instant | None


class ProjectShown(Shape):
    """The whole of a project."""

    slug: str
    title: str
    theme: str
    status: ProjectStatus
    status_reason: str | None
    period: PeriodShown
    current_stage: str | None
    parties: list[PartyShown]
    departed_parties: list[PartyShown]
    stages: list[StageShown]
    commitments: list[CommitmentShown]
