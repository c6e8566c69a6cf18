"""A minor revision (a typo, a date) keeps the sign-offs: where it is allowed, and who may object to it until when.

Rule 2, pure: asked by the acts under their lock, and by the pages before.
"""

from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import NamedTuple

from models.act_kind import ActKind
from models.gate import Cell
from models.paris_time import french_date_time, paris_day
from models.person import Actor
from models.refusal import Refusal
from models.shared_project import refusal_unless_before_follow_up
from models.sign_off import NoAuthority, NotConcerned
from models.sign_off_rules import Authority, SeatSnapshot, organisation_refusal
from models.stage import LAID_OUT, StageMovesOn
from models.working_days import working_day_after

DAYS_TO_OBJECT = 5
"""Working days after the one on which the revision is told."""


class Revision(NamedTuple):
    """The current version of a deliverable, as an objection meets it; ``objected_for`` names a party.

    Of a version that is not a minor revision, or corrects a text that nobody had signed, ``objections_until`` is None.
    """

    number: int
    is_minor: bool
    objections_until: date | None
    objected_at: datetime | None = None
    objected_for: str | None = None

    def is_open_to_objections(self, today: date) -> bool:
        """May a signer object to it today, in Paris?"""
        return (
            self.objected_at is None and self.objections_until is not None and today <= self.objections_until
        )


class MinorForbidden(Refusal):
    """This deliverable takes no minor revision: each change of its text is signed again."""

    def __init__(self, title: str, why: str) -> None:
        super().__init__(
            f"« {title} » n’admet pas de révision mineure : {why}. Déposez une nouvelle version : chaque collectivité "
            "la relit et répond de nouveau."
        )


class NothingToObjectTo(Refusal):
    """The current version is no minor revision of a text that the party had signed."""

    def __init__(self, title: str, why: str) -> None:
        super().__init__(f"Il n’y a pas de révision mineure de « {title} » à laquelle s’opposer : {why}.")


class AlreadyObjected(Refusal):
    """A signer has objected before: the revision is a version like any other."""

    def __init__(self, title: str, revision: Revision) -> None:
        when = french_date_time(revision.objected_at) if revision.objected_at else ""
        super().__init__(
            f"{revision.objected_for} s’est déjà opposée, le {when}, à la révision mineure de « {title} » : la version "
            f"{revision.number} est une nouvelle version comme les autres. Lisez-la, puis donnez votre réponse."
        )


class ObjectionTooLate(Refusal):
    """The five working days are over."""

    def __init__(self, title: str, revision: Revision, until: date) -> None:
        super().__init__(
            f"Le délai pour s’opposer à la révision mineure de « {title} » (version {revision.number}) s’est terminé "
            f"le {until:%d/%m/%Y}. Tant que l’étape n’est pas close, votre validation peut être retirée, avec un "
            "motif, sur son reçu."
        )


class MayNotObject(NoAuthority):
    """The person could not sign for the party: they do not object for it either (rule 3)."""

    def __init__(self, person: str, party: str, title: str) -> None:
        Refusal.__init__(
            self,
            f"{person} ne peut pas s’opposer à la révision de « {title} » pour {party} : il faut en être le maire ou "
            "le président, ou tenir de lui une délégation de signature en cours qui couvre cet acte.",
        )


def minor_refusal(
    title: str, *, is_charter: bool, is_plan: bool, acts: Collection[ActKind]
) -> MinorForbidden | None:
    """Why a revision of this deliverable is never minor.

    ``acts`` are the kinds of act that the lifecycle or a party concerned expects on it, and those already given.
    """
    if is_charter:
        return MinorForbidden(title, "la charte est approuvée par chaque conseil, mot pour mot")
    if is_plan:
        return MinorForbidden(title, "chaque action d’un plan d’action devient un engagement")
    if ActKind.deliberation in acts:
        return MinorForbidden(title, "un conseil se prononce sur son texte, par une délibération")
    return None


def last_day_to_object(revised_at: datetime, departements: Iterable[str]) -> date | None:
    """The last day, in Paris, on which a revision of that instant can be objected to; None where nobody had signed.

    ``departements`` are those of the parties that had signed: one day for all, that of the one with most holidays.
    """
    day = paris_day(revised_at)
    return max((working_day_after(day, DAYS_TO_OBJECT, each) for each in departements), default=None)


def objector_authority(seat: SeatSnapshot, actor: Actor, authority: Authority | None) -> Authority | Refusal:
    """``authority``, in which the actor could sign for the party (none: neither office nor delegation, rule 3), unless
    ProConnect brought them for another organisation."""
    if authority is None:
        return MayNotObject(actor.name, seat.party_name, seat.title)
    act = f"vous opposer à la révision de « {seat.title} »"
    return organisation_refusal(actor, seat.party_code, seat.party_name, act) or authority


def objection_refusal(
    seat: SeatSnapshot,
    cell: Cell | None,
    authority: Authority | Refusal,
    revision: Revision,
    *,
    signed: int | None,
    today: date,
) -> Refusal | None:
    """Why the signer may not object, from this seat, to the current version.

    ``signed`` is the number of the version on which the live decision of the party was given (none: it has none). A
    paused project does not stop the delay, so it does not stop an objection either.
    """
    if refusal := refusal_unless_before_follow_up(seat.project):
        return refusal
    if cell is None:
        why = "seules s’y opposent les signataires que ce livrable concerne, au tableau de l’étape"
        return NotConcerned(seat.party_name, seat.title, why)
    if isinstance(authority, Refusal):
        return authority
    if revision.objected_at is not None:
        return AlreadyObjected(seat.title, revision)
    if revision.objections_until is None:
        return NothingToObjectTo(seat.title, _why_nothing(revision))
    if signed is None:
        why = f"{seat.party_name} n’a pas de décision en cours sur une version antérieure, elle répond à celle-ci"
        return NothingToObjectTo(seat.title, why)
    if signed == revision.number:
        why = (
            f"{seat.party_name} s’est prononcée sur la version {signed} elle-même, et cette décision se retire sur "
            "son reçu"
        )
        return NothingToObjectTo(seat.title, why)
    if not revision.is_open_to_objections(today):
        return ObjectionTooLate(seat.title, revision, revision.objections_until)
    if seat.stage_status not in LAID_OUT:
        advice = "on s’oppose à une révision jusqu’à la clôture de l’étape"
        return StageMovesOn(seat.stage_title, seat.stage_status, "s’opposer à une révision", advice)
    return None


def _why_nothing(revision: Revision) -> str:
    if not revision.number:
        return "rien n’y est encore déposé"
    if not revision.is_minor:
        return f"sa version {revision.number} est une version comme les autres, sur laquelle chaque collectivité répond"
    return f"personne ne s’était prononcé avant sa version {revision.number}, sur laquelle chaque collectivité répond"
