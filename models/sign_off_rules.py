"""What is answered to a sign-off or to its withdrawal: pure, asked by the act under its lock and by the pages before.

Each rule takes what was read and returns a refusal, or None; the order of a check is the order in which a person hears
what is wrong.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from models.act_kind import ActKind, act_expected
from models.evidence import Evidence
from models.gate import Cell
from models.lifecycle import load_lifecycle
from models.local_authority import siren_of
from models.person import Actor, AuthMethod, NotAllowed
from models.proposal import PROPOSED_BY, Capacity, ProposalKind
from models.refusal import Refusal
from models.shared_project import ProjectState, ProjectStatus, project_refusal
from models.sign_off import (
    AlreadyDecided,
    Decision,
    NoAuthority,
    NotConcerned,
    NothingToWithdraw,
    NotSubmittedYet,
    OtherContent,
    OtherOrganisation,
    UnreadableVersion,
    WeakerAct,
    WeakerWithdrawal,
)
from models.stage import UNDER_REVIEW, StageMovesOn, StageStatus

MAY_WITHDRAW = (*UNDER_REVIEW, StageStatus.signed_off)
"""A decision is taken back until the stage closes (rule 4)."""


@dataclass(frozen=True, slots=True)
class Authority:
    """In what quality somebody signs: the office itself, or a delegation; the act their click is; on what evidence."""

    person_id: int
    delegation_id: int | None
    act_kind: ActKind
    evidence: Evidence = Evidence.declared


class SeatSnapshot(NamedTuple):
    """A party's seat before a deliverable at one instant; ``office_holder`` is its mayor or president then.

    ``is_unreadable``: the current version was kept before files were inspected, and nobody can open it.
    """

    project_id: int
    project_title: str
    project_status: ProjectStatus
    project_status_reason: str | None
    lifecycle_key: str
    lifecycle_version: int
    stage_id: int
    stage_key: str
    stage_status: StageStatus
    deliverable_id: int
    key: str
    title: str
    act_kind: ActKind
    number: int
    round: int
    version_id: int
    sha256: str
    party_id: int
    party_code: str
    party_name: str
    acts: dict[str, str]
    office_holder: int | None
    office_evidence: Evidence | None = None
    is_unreadable: bool = False

    @property
    def act_expected(self) -> ActKind:
        """The kind of act this party gives here: the lifecycle's default, or more if it wishes."""
        return act_expected(self.acts, self.key, self.act_kind)

    @property
    def project(self) -> ProjectState:
        """The project, as its own rule wants it."""
        return ProjectState(self.project_title, self.project_status, self.project_status_reason)

    @property
    def stage_title(self) -> str:
        """The stage's French title."""
        return load_lifecycle(self.lifecycle_key, self.lifecycle_version).stage(self.stage_key).title


class VersionRead(NamedTuple):
    """A version of the deliverable, as a refusal names it to a signer who read another one."""

    number: int
    sha256: str
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What a party decides, and on which content.

    ``versions``, newest first, are those of the deliverable; they serve when the content is not the current one.
    """

    decision: Decision
    sha256: str
    versions: Sequence[VersionRead] = ()


def check_sign_off(
    seat: SeatSnapshot, cell: Cell | None, authority: Authority | Refusal, answer: Answer | None = None
) -> Authority | Refusal:
    """The authority in which the answer may be given from this seat, or why it may not.

    ``cell`` is the seat in the matrix of the stage (none: its sign-off is not, or no longer, asked for);
    ``authority``, that of the signer or of the act on paper, or what refuses it. Without ``answer``, what every answer
    would be told.
    """
    if refusal := seat_refusal(seat, cell):
        return refusal
    if isinstance(authority, Refusal):
        return authority
    if answer is not None and (refusal := _answer_refusal(seat, authority, answer)):
        return refusal
    return decided_refusal(seat, cell) or authority


def seat_refusal(seat: SeatSnapshot, cell: Cell | None) -> Refusal | None:
    """Why nobody answers from this seat now: the project, who is concerned, what is submitted, the stage (rule 1)."""
    if refusal := project_refusal(seat.project):
        return refusal
    if cell is None:
        why = "seules le valident les signataires que ce livrable concerne, au tableau de l’étape"
        return NotConcerned(seat.party_name, seat.title, why)
    if not cell.is_submitted:
        return NotSubmittedYet(seat.title)
    if seat.is_unreadable:
        return UnreadableVersion(seat.title, seat.number)
    is_decided = cell.decision is not None and seat.stage_status is StageStatus.signed_off
    if seat.stage_status in UNDER_REVIEW or is_decided:
        return None
    advice = "les validations se donnent quand tous ses livrables sont déposés, et avant sa clôture"
    return StageMovesOn(seat.stage_title, seat.stage_status, f"valider « {seat.title} »", advice)


def decided_refusal(seat: SeatSnapshot, cell: Cell | None) -> AlreadyDecided | None:
    """Why the party does not decide again on this content: its decision, which has to be withdrawn first."""
    if cell is None or cell.decision is None:
        return None
    return AlreadyDecided(seat.party_name, seat.title, seat.number, cell.decision)


def signer_authority(seat: SeatSnapshot, actor: Actor, authority: Authority | None) -> Authority | Refusal:
    """``authority``, that the actor holds for the party (none: neither office nor delegation, rule 3), unless
    ProConnect brought them for another organisation."""
    if authority is None:
        return NoAuthority(actor.name, seat.party_name, seat.title)
    refusal = organisation_refusal(actor, seat.party_code, seat.party_name, f"valider « {seat.title} »")
    if refusal is None and actor.auth_method is AuthMethod.proconnect:
        return replace(authority, evidence=Evidence.proconnect)
    return refusal or authority


def organisation_refusal(
    actor: Actor, party_code: str, party_name: str, act: str
) -> OtherOrganisation | None:
    """Why the actor may not do ``act`` for this party: ProConnect brought them for another organisation.

    Those recognised otherwise are not concerned: nothing says for whom they came. A party whose SIREN is
    unknown is not taken on trust.
    """
    if actor.auth_method is not AuthMethod.proconnect:
        return None
    expected = siren_of(party_code)
    if expected is not None and actor.organisation_siren == expected:
        return None
    return OtherOrganisation(party_name, expected, actor.organisation_siren, act)


def _answer_refusal(seat: SeatSnapshot, authority: Authority, answer: Answer) -> Refusal | None:
    """Bound to the content that was read (rule 2), by an act solemn enough to approve it (rule 5)."""
    if answer.sha256 != seat.sha256:
        return other_content(seat.title, answer.sha256, answer.versions)
    if answer.decision.passes and not authority.act_kind.satisfies(seat.act_expected):
        return WeakerAct(seat.title, authority.act_kind, seat.act_expected)
    return None


def other_content(title: str, read_sha256: str, versions: Sequence[VersionRead]) -> OtherContent:
    """The refusal that names what a signer read and what replaced it; ``versions`` come newest first."""
    current = versions[0]
    number = next((each.number for each in versions if each.sha256 == read_sha256), None)
    return OtherContent(title, number, read_sha256, current.number, current.sha256, current.submitted_at)


_RECORDED = {
    ProposalKind.paper_act: "un acte",
    ProposalKind.withdrawal: "un retrait",
    ProposalKind.departure: "le départ",
}
"""What is proposed of what a party decided on paper (rule 7), as a refusal names it."""


def recording_refusal(
    actor: Actor,
    kind: ProposalKind,
    party_code: str,
    party_name: str,
    *,
    acts_for_party: bool,
    is_agent: bool,
) -> Refusal | None:
    """Why the actor may not propose what this party decided on paper; its departure, the ANCT only confirms."""
    by_agent = Capacity.agent in PROPOSED_BY[kind]
    if is_agent and by_agent:
        return None
    act = f"enregistrer {_RECORDED[kind]} de {party_name}"
    if not acts_for_party or is_agent:
        who = f"l’interlocuteur privilégié de {party_name} ou son signataire"
        return NotAllowed(actor, act, who + (", ou l’ANCT," if by_agent else ""))
    return organisation_refusal(actor, party_code, party_name, act)


def withdrawal_refusal(
    seat: SeatSnapshot,
    actor: Actor,
    authority: Authority | None,
    live: tuple[int, ActKind] | None,
    sign_off_id: int | None = None,
    *,
    by_act: bool = False,
) -> Refusal | None:
    """Why the actor may not withdraw the party's ``live`` sign-off, its id and kind of act (rule 4).

    Who may sign may withdraw, with an act of at least the same rank: what an elected person decided is not undone by
    a member of the staff, nor what a council decided by a click. ``authority`` is that of the click, or of the act
    that is recorded. With ``sign_off_id`` that one only.
    """
    if refusal := project_refusal(seat.project):
        return refusal
    if seat.stage_status not in MAY_WITHDRAW:
        advice = "une validation se retire jusqu’à la clôture de l’étape"
        return StageMovesOn(seat.stage_title, seat.stage_status, "y retirer une validation", advice)
    if authority is None:
        return NoAuthority(actor.name, seat.party_name, seat.title)
    act = f"retirer la validation de « {seat.title} »"
    elsewhere = organisation_refusal(actor, seat.party_code, seat.party_name, act)
    if elsewhere and not by_act:  # who records an act of the city is asked for another right
        return elsewhere
    if live is None or sign_off_id not in (None, live[0]):
        return NothingToWithdraw(seat.party_name, seat.title)
    if not authority.act_kind.satisfies(live[1]):
        return WeakerWithdrawal(seat.title, authority.act_kind, live[1])
    return None
