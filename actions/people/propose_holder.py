"""Name the mayor or president of a city, from whichever side: by the ANCT, the city's contact or the leaving holder."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated

from sqlmodel import Session

from actions.authority.lock_authority import lock_authority
from actions.authority.office import Office, propose_office
from actions.files.store_file import ReceivedFile
from actions.people.add_person import ensure_person
from database.engine import Database
from models.local_authority import LocalAuthority, find_authority
from models.paris_time import PARIS, paris_day
from models.person import FIRST_DAY, NAME, QUALITY, Actor
from models.proposal import Capacity, Proposal, ProposalKind, Side
from models.proposal_rules import proposal_refusal
from models.refusal import Refusal
from models.request import Request
from models.sign_off_rules import organisation_refusal
from queries.authority.keys import key_holder

MOST_DAYS_AHEAD = 366


@dataclass(frozen=True, slots=True)
class NewHolder(Request):
    """Who becomes mayor or president of the city of this code, in what ``quality`` (« Maire »).

    ``on`` is their first day (a day of Paris, from 0:00), by default that of the confirmation; ``act`` proves it
    (minutes of the election).
    """

    authority_code: str
    email: str
    name: Annotated[str, NAME.needed]
    quality: Annotated[str | None, QUALITY] = None
    on: Annotated[date | None, FIRST_DAY] = None
    act: ReceivedFile | None = None
    shares_mailbox: bool = False


class WrongFirstDay(Refusal):
    """An office is not given in the past, nor years ahead."""

    def __init__(self, day: date) -> None:
        super().__init__(
            f"La fonction commencerait le {day:%d/%m/%Y} : donnez un jour à venir, dans l’année, ou aucun pour qu’elle "
            "commence dès la confirmation."
        )


class HoldsAlready(Refusal):
    """They are in office already, on evidence: there is nothing to propose."""

    def __init__(self, name: str, authority: LocalAuthority) -> None:
        super().__init__(f"{name} signe déjà pour {authority.name} : il n’y a rien à proposer.")


def propose_holder(db: Database, actor: Actor, holder: NewHolder, *, now: datetime) -> Proposal:
    """Propose it, to be confirmed by the other side. Commits.

    Raises ``NotYourKey``, ``OtherOrganisation``, ``UnknownAuthority``, ``InvalidEmail``, ``WrongFirstDay``,
    ``HoldsAlready``, ``IncompatibleRoles``, ``OtherProposal``.
    """
    authority = find_authority(holder.authority_code)
    with db.write() as session:
        lock_authority(session, authority.code)
        return name_holder(session, actor, authority, holder, now)


def name_holder(
    session: Session, actor: Actor, authority: LocalAuthority, holder: NewHolder, now: datetime
) -> Proposal:
    """As ``propose_holder``, in the caller's transaction, which holds the locks. Does not commit."""
    side = _side(session, actor, authority, now)
    since = first_instant(holder.on, now)
    person = ensure_person(
        session, holder.email, holder.name, now, actor, shares_mailbox=holder.shares_mailbox
    )
    proof = holder.act.keep(session) if holder.act else None
    office = Office(
        authority,
        person,
        (holder.quality or "").strip() or None,
        since,
        proof.sha256 if proof else None,
        proof.name if proof else None,
    )
    proposal = propose_office(session, office, actor, side, now)
    if proposal is None:
        raise HoldsAlready(person.name, authority)
    return proposal


def _side(session: Session, actor: Actor, authority: LocalAuthority, now: datetime) -> Side:
    who = key_holder(session, actor, authority.code, None, now)
    if refusal := proposal_refusal(ProposalKind.office, who, authority.name):
        raise refusal
    if Capacity.agent in who.capacities:
        return Side.agency
    act = f"proposer le maire ou président de {authority.name}"
    if elsewhere := organisation_refusal(actor, authority.code, authority.name, act):
        raise elsewhere
    return Side.party


def first_instant(day: date | None, now: datetime) -> datetime | None:
    """0:00 in Paris of a first day to come; None for today, or for none. Raises ``WrongFirstDay``."""
    today = paris_day(now)
    if day is None or day == today:
        return None
    if not 0 < (day - today).days <= MOST_DAYS_AHEAD:
        raise WrongFirstDay(day)
    return datetime.combine(day, time.min, PARIS)
