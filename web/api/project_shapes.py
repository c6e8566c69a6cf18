"""A project as the API shows it: the JSON of « project show », key for key."""

from datetime import date

from pydantic import Field

from models.act_kind import ActKind
from models.commitment import CommitmentOrigin, CommitmentStatus
from models.local_authority import AuthorityKind
from models.party import PartyRole
from models.shared_project import ProjectStatus
from models.sign_off import Decision
from models.stage import StageStatus
from web.api.declared import Instant, Shown


class ProjectLine(Shown):
    """A line of the list."""

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


class PeriodShown(Shown):
    """First and last day."""

    from_: date = Field(alias="from")
    until: date


class PartyShown(Shown):
    """A party of the project."""

    code: str = Field(description="INSEE, SIREN ou département, en texte.", examples=["78361"])
    name: str = Field(examples=["Mantes-la-Jolie"])
    role: PartyRole
    kind: AuthorityKind
    local_project: str | None
    left_at: Instant | None


class MissingShown(Shown):
    """One thing that a stage waits for."""

    deliverable: str | None
    deliverable_party: str | None
    party: str | None = Field(description="Qui le doit ; sans code, l’ANCT ou le prestataire.")
    what: str = Field(examples=["sign_off"])
    text: str = Field(description="La même chose, en clair.")


class SignOffShown(Shown):
    """A decision of a party."""

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


class DeliverableShown(Shown):
    """A deliverable and its current version."""

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


class StageShown(Shown):
    """A stage, what it waits for, what it produces."""

    key: str
    title: str
    status: StageStatus
    round: int
    opened_at: Instant | None
    closed_at: Instant | None
    due_on: date | None
    roster: list[str] = Field(description="Les codes des signataires qu’elle compte.")
    missing: list[MissingShown]
    deliverables: list[DeliverableShown]


class CommitmentShown(Shown):
    """What somebody promised."""

    id: int
    owner: str = Field(description="Le code d’une collectivité, « ANCT » ou « prestataire ».")
    text: str
    due_on: date | None
    status: CommitmentStatus
    origin: CommitmentOrigin
    holder: str | None
    evidence: str | None
    settled_at: Instant | None


class ProjectShown(Shown):
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


class ProjectCreated(Shown):
    """The identifier of a project just created."""

    slug: str
    title: str


class ProjectStatusChanged(Shown):
    """The new state of a project."""

    slug: str
    status: ProjectStatus
    status_reason: str | None
