"""Who may end a role, from which day, and what has to remain when it has ended (docs/rules.md, rule 9): pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from models.limits import Days
from models.paris_time import paris_day, paris_midnight
from models.person import Actor, NotAllowed, Role, is_held_in
from models.refusal import Refusal
from models.sign_off import ReasonNeeded
from models.sign_off_rules import organisation_refusal

LAST_DAY = Days("Dernier jour")
LONGEST_NOTICE = timedelta(days=366)
"""An end is announced at most a year ahead."""


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that runs, or is to begin: a mandate, as people name it.

    ``authority`` is the local authority's name; ``project_id`` limits the role to one project; ``until`` is set when
    its end is planned.
    """

    mandate_id: int
    person_id: int
    person_name: str
    person_email: str
    role: Role
    authority_code: str | None
    authority: str | None
    project_id: int | None
    quality: str | None
    until: datetime | None

    @property
    def label(self) -> str:
        """« maire de Niort » cannot be written for every quality: « maire, pour Niort »."""
        named = self.quality[:1].lower() + self.quality[1:] if self.quality else self.role.label
        return f"{named}, pour {self.authority}" if self.authority else named

    @property
    def ends_on(self) -> date | None:
        """Its last day, when its end is planned."""
        return last_day_before(self.until) if self.until else None

    def is_held_in(self, project_id: int) -> bool:
        """Is it held in this project, among those of its authority?"""
        return is_held_in(self.project_id, project_id)


@dataclass(frozen=True, slots=True)
class Ender:
    """What somebody who would end a role is to it.

    ``is_agent``: of the ANCT, in every project that the role touches. ``is_of_authority``: holds the office of the
    same local authority, or is a local contact of it where the role is held.
    """

    is_holder: bool
    is_agent: bool
    is_of_authority: bool


def instant_of_end(last_day: date | None, now: datetime) -> datetime:
    """The first instant without the role: midnight in Paris after the last day; at once without a last day."""
    return paris_midnight(last_day + timedelta(days=1)) if last_day else now


def last_day_before(until: datetime) -> date:
    """The last day, in Paris, of what ends at an instant."""
    return paris_day(until - timedelta(microseconds=1))


def may_end(role: Role, ender: Ender) -> bool:
    """The person may give their own role up, an agent of the ANCT may end any.

    A city ends the roles of its contacts and observers. Its office is not theirs to end: they would leave the city
    without a signature.
    """
    of_city = ender.is_of_authority and role in (Role.local_contact, Role.observer)
    return ender.is_holder or ender.is_agent or of_city


def ending_refusal(actor: Actor, held: HeldRole, ender: Ender) -> Refusal | None:
    """Why the actor may not end this role, whenever it were."""
    act = f"mettre fin au rôle de {held.person_name} ({held.label})"
    if not may_end(held.role, ender):
        return NotAllowed(actor, act, _who_may(held))
    if ender.is_holder or ender.is_agent or held.authority_code is None:
        return None
    return organisation_refusal(actor, held.authority_code, held.authority or held.authority_code, act)


def _who_may(held: HeldRole) -> str:
    if held.role in (Role.local_contact, Role.observer):
        return f"un agent de l’ANCT, le signataire ou un interlocuteur de {held.authority}, ou la personne elle-même,"
    return "un agent de l’ANCT, ou la personne elle-même,"


def day_refusal(
    held: HeldRole, last_day: date | None, reason: str, now: datetime, *, is_holder: bool
) -> Refusal | None:
    """Why the role does not end after this day (None: at once), for this reason."""
    today = paris_day(now)
    if last_day is not None and last_day < today:
        return InvalidEnd(
            f"Le dernier jour serait le {last_day:%d/%m/%Y}, déjà passé : donnez aujourd’hui ou un jour à venir ; "
            "ce qui a été fait dans ce rôle demeure."
        )
    if last_day is not None and last_day > today + LONGEST_NOTICE:
        return InvalidEnd(
            f"Le dernier jour serait le {last_day:%d/%m/%Y}, dans plus d’un an : donnez un jour plus proche."
        )
    if held.until is not None and held.until < instant_of_end(last_day, now):
        return AlreadyEnding(held)
    return None if is_holder or reason else ReasonNeeded("mettre fin au rôle de quelqu’un d’autre")


def remaining_refusal(held: HeldRole, *, others: int, conducts: Sequence[str]) -> Refusal | None:
    """Why an agent of the ANCT cannot go yet: ``others`` are the agents who stay, ``conducts`` the titles of the
    projects in their charge."""
    if held.role is not Role.agency_agent:
        return None
    if conducts:
        return StillInCharge(held, conducts)
    return None if others else LastAgent(held)


class InvalidEnd(Refusal):
    """A day on which the role cannot end."""


class UnknownRole(Refusal):
    """No role that runs is meant, or several are."""


class AlreadyEnding(Refusal):
    """The role ends before: it is not given anew by ending it later."""

    def __init__(self, held: HeldRole) -> None:
        super().__init__(
            f"Le rôle de {held.person_name} ({held.label}) prend déjà fin après le {held.ends_on:%d/%m/%Y} : pour "
            "qu’il dure davantage, l’ANCT l’invite de nouveau quand il aura pris fin."
        )


class EndIsPlanned(Refusal):
    """Who holds a role that is to end is not given it again meanwhile: it would seem to last."""

    def __init__(self, name: str, role: Role, until: datetime) -> None:
        super().__init__(
            f"{name} est déjà {role.label}, jusqu’au {last_day_before(until):%d/%m/%Y} inclus : pour que ce rôle dure "
            "davantage, donnez-le de nouveau quand il aura pris fin."
        )


class LastAgent(Refusal):
    """Somebody of the ANCT must remain in charge."""

    def __init__(self, held: HeldRole) -> None:
        super().__init__(
            f"{held.person_name} est le dernier agent de l’ANCT : quelqu’un doit rester pour conduire les projets. "
            "Faites d’abord inscrire un autre agent par qui tient ce serveur."
        )


class StillInCharge(Refusal):
    """Another agent takes their projects in charge first."""

    def __init__(self, held: HeldRole, titles: Sequence[str]) -> None:
        named = ", ".join(f"« {title} »" for title in titles[:3])
        more = f" et {len(titles) - 3} autres" if len(titles) > 3 else ""
        super().__init__(
            f"{held.person_name} conduit encore {named}{more} : un autre agent prend d’abord ces projets en charge, "
            "puis son rôle peut prendre fin."
        )


class LeavesSoon(Refusal):
    """An agent whose role is to end takes no project in charge."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Le rôle d’agent de {name} va prendre fin : un agent qui reste prend ce projet en charge."
        )
