"""What a stage still waits for before it can end: one computation on a snapshot, for whoever asks.

The gate, the flow, the board, the pages, the API, the reminders and the refusals all take from ``missing_of``.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from models.awaited import AGENCY
from models.gate import Cell, missing
from models.person import Role
from models.shared_project import ProjectStatus
from models.sign_off import Decision
from models.stage import AT_WORK, StageStatus


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing awaited. ``what``: opening, contact, signatory, strand, deliverable, sign_off, revision,
    objections, agency_signature, contractor.

    ``party`` is the code of the party that owes it (empty: the ANCT or the contractor); ``deliverable`` the key of
    what it is about, ``deliverable_party`` the city whose own it is. ``who`` and ``act`` say in French whose turn it is
    (none: the engine's own) and to do what. The ids are those of the snapshot's party and deliverable. ``until`` is the
    last day of what comes by itself, that nobody can hasten.
    """

    what: str
    party: str | None
    deliverable: str | None
    deliverable_party: str | None
    who: str | None
    act: str
    party_id: int | None = None
    deliverable_id: int | None = None
    until: date | None = None

    @property
    def text(self) -> str:
        """« Niort : déposer « Diagnostic territorial » »."""
        return f"{self.who} : {self.act}" if self.who else self.act


class PartySnapshot(NamedTuple):
    """A party of the project, one that has left included."""

    id: int
    code: str
    name: str
    is_signatory: bool
    has_left: bool


class DeliverableSnapshot(NamedTuple):
    """A deliverable of the stage. ``number`` is 0 until it is submitted.

    ``first_at`` is when its first version came in, ``asked_at`` the first of its round: a typo corrected later
    does not delay the reminders. ``objections_until`` is the last day on which its current version, a minor revision,
    may be objected to, while that day has not passed.
    """

    id: int
    key: str
    title: str
    party_id: int | None
    number: int
    round: int
    first_at: datetime | None
    asked_at: datetime | None
    objections_until: date | None = None


@dataclass(frozen=True, slots=True)
class AnsweredCell(Cell):
    """A cell of the matrix, with the instant of the decision that fills it."""

    at: datetime | None = None


class StrandToHold(NamedTuple):
    """A strand of a city's consultation that is not held yet."""

    party_id: int
    title: str


@dataclass(slots=True)
class StageSnapshot:
    """A stage and what may keep it from ending, at one instant.

    ``people`` tells which roles somebody holds: (None, role) for the agent in charge and the contractor's contacts,
    (party id, role) for the cities of the stage that has them named. ``is_agency_signed`` tells that the ANCT signed
    the current charter after every city, ``is_awarded`` that there is a contract.
    """

    id: int
    project_id: int
    slug: str
    key: str
    status: StageStatus
    fact_seq: int
    project_status: ProjectStatus
    lifecycle_key: str
    lifecycle_version: int
    parties: dict[int, PartySnapshot] = field(default_factory=dict)
    deliverables: dict[int, DeliverableSnapshot] = field(default_factory=dict)
    cells: list[AnsweredCell] = field(default_factory=list)
    strands: list[StrandToHold] = field(default_factory=list)
    people: set[tuple[int | None, Role]] = field(default_factory=set)
    is_agency_signed: bool = False
    is_awarded: bool = False

    @property
    def refused(self) -> dict[int, datetime | None]:
        """The deliverables whose current version a city refuses, with the instant of its refusal."""
        return {cell.deliverable_id: cell.at for cell in self.cells if cell.decision is Decision.refused}

    def owner(self, deliverable: DeliverableSnapshot) -> PartySnapshot | None:
        """The city whose own the deliverable is; None for a shared one."""
        return None if deliverable.party_id is None else self.parties[deliverable.party_id]

    def awaits(self, *whats: str) -> bool:
        """Is one of these kinds of things (``Missing.what``) still missing?"""
        return any(each.what in whats for each in missing_of(self))

    def has_received(self, *keys: str) -> bool:
        """Is there a version of each of these deliverables, from every city for its own?"""
        return not any(each.what == "deliverable" and each.deliverable in keys for each in missing_of(self))


TOGETHER = "Ensemble"
"""Who is named for what the cities owe together."""
DELAY = "Délai d’objection"
"""What is named while signers may still object to a minor revision: nobody owes anything."""
OPENING = Missing("opening", None, None, None, None, "l’ouverture de l’étape est en cours")
"""Its flow lays the stage out: all else is known a moment later."""
ROLES_TO_NAME = (
    (Role.local_contact, "contact", "nommer son interlocuteur privilégié"),
    (Role.signatory, "signatory", "indiquer qui signe pour elle (maire, président)"),
)


def missing_of(stage: StageSnapshot) -> list[Missing]:
    """All that stands between the stage and its end; empty when it may be closed, or is not at work."""
    if stage.status not in AT_WORK:
        return []
    if stage.status is StageStatus.opening:
        return [OPENING]
    return [
        *_people(stage),
        *_strands(stage),
        *_deliverables(stage),
        *_sign_offs(stage),
        *_objections(stage),
        *_agency(stage),
    ]


def _people(stage: StageSnapshot) -> Iterator[Missing]:
    """The constitution ends with each signatory's contact and signatory named."""
    if stage.key != "constitution":
        return
    for party in stage.parties.values():
        if not party.is_signatory or party.has_left:
            continue
        for role, what, act in ROLES_TO_NAME:
            if (party.id, role) not in stage.people:
                yield Missing(what, party.code, None, None, party.name, act, party.id)


def _strands(stage: StageSnapshot) -> Iterator[Missing]:
    for strand in stage.strands:
        party = stage.parties[strand.party_id]
        if not party.has_left:
            act = f"tenir « {strand.title} »"
            yield Missing("strand", party.code, None, None, party.name, act, party.id)


def _deliverables(stage: StageSnapshot) -> Iterator[Missing]:
    for each in stage.deliverables.values():
        owner = stage.owner(each)
        if each.number == 0 and not (owner and owner.has_left):
            code, who = (owner.code, owner.name) if owner else (None, TOGETHER)
            act = f"déposer « {each.title} »"
            yield Missing("deliverable", code, each.key, code, who, act, each.party_id, each.id)


def _sign_offs(stage: StageSnapshot) -> Iterator[Missing]:
    for cell in missing(stage.cells):
        if not cell.is_submitted:
            continue
        each, party = stage.deliverables[cell.deliverable_id], stage.parties[cell.party_id]
        owner = stage.owner(each)
        code = owner.code if owner else None
        what, act = "sign_off", f"valider « {each.title} »"
        if cell.decision is Decision.refused:
            what, act = "revision", f"a refusé « {each.title} » (une nouvelle version est attendue)"
        yield Missing(what, party.code, each.key, code, party.name, act, party.id, each.id)


def _objections(stage: StageSnapshot) -> Iterator[Missing]:
    """A stage does not end while a signer may still object to a minor revision (rule 2)."""
    for each in stage.deliverables.values():
        owner = stage.owner(each)
        if each.objections_until is None or (owner and owner.has_left):
            continue
        code, whose = (owner.code, f" de {owner.name}") if owner else (None, "")
        act = (
            f"les signataires peuvent s’opposer à la révision mineure de « {each.title} »{whose} jusqu’au "
            f"{each.objections_until:%d/%m/%Y} inclus"
        )
        yield Missing("objections", None, each.key, code, DELAY, act, None, each.id, each.objections_until)


def _agency(stage: StageSnapshot) -> Iterator[Missing]:
    if stage.key == "charter" and not stage.is_agency_signed:
        yield Missing("agency_signature", None, "charte", None, AGENCY, "signer la charte, en dernier")
    if stage.key == "terms_of_reference" and not stage.is_awarded:
        act = "attribuer le marché et désigner le prestataire"
        yield Missing("contractor", None, None, None, AGENCY, act)
