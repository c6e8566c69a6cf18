"""Is the machinery well? What the operator, the agents' board and a monitor see, and what is wrong by name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from database.engine import Database
from models.paris_time import french_date_time
from models.periodic_round import (
    DELIVER_NOTICES,
    RECONCILE,
    RELAY,
    REMIND,
    RHYTHMS,
    PeriodicRound,
    is_silent,
    overdue,
)
from models.refusal import typeset
from queries.system.held_mail import held_mail
from queries.system.rounds import read_rounds

DATABASE, ENGINE, MAIL = "database", "engine", "mail"
SECONDS_KEPT = 2.0
SENTENCES = {
    DATABASE: "La base de données ne répond pas : rien de nouveau ne peut être enregistré, ce qui l’était est gardé.",
    ENGINE: "Le moteur (Prefect) ne répond pas : ce qui est décidé est enregistré, la suite attend son retour.",
    MAIL: "Le courrier ne peut pas partir : il attend.",
    RELAY: "Le relais ne donne plus signe de vie : ce qui est décidé est enregistré, rien n’avance sans lui.",
    RECONCILE: "L’accord de la base et de Prefect (« reconcile ») n’a pas eu lieu quand il aurait dû",
    REMIND: "Les rappels (« remind ») n’ont pas été préparés quand ils auraient dû",
    DELIVER_NOTICES: "L’envoi du courrier (« deliver_notices ») n’a pas eu lieu quand il aurait dû",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the machinery; ``text`` is a French sentence, empty while it is well.

    ``last_at`` is the relay's last sign of life, or the last completion of a round.
    """

    name: str
    text: str = ""
    last_at: datetime | None = None

    @property
    def is_well(self) -> bool:
        """Whether nothing is to be said of it."""
        return not self.text


@dataclass(frozen=True, slots=True)
class Machinery:
    """All the parts that could be looked at."""

    parts: tuple[Part, ...]

    @property
    def not_well(self) -> list[Part]:
        """What is wrong; empty when all is well."""
        return [part for part in self.parts if not part.is_well]

    @property
    def is_well(self) -> bool:
        """Whether nothing is wrong."""
        return not self.not_well

    @property
    def has_database(self) -> bool:
        """Whether the database answered."""
        return all(part.is_well for part in self.parts if part.name == DATABASE)


def _no_trouble() -> str:
    return ""


def check_machinery(
    db: Database,
    engine_answers: Callable[[], bool],
    mail_trouble: Callable[[], str] = _no_trouble,
    *,
    now: datetime,
) -> Machinery:
    """Check database, engine, mail, relay and each round. Raises nothing: a database that is away is in the result.

    ``mail_trouble`` gives what is wrong with the operator's mail server, in French; an empty text while nothing is.
    """
    trouble = mail_trouble()
    mail = Part(MAIL, typeset(f"{SENTENCES[MAIL]} {trouble}") if trouble else "")
    engine = Part(ENGINE, "" if engine_answers() else typeset(SENTENCES[ENGINE]))
    try:
        rounds = read_rounds(db)
    except (DBAPIError, PoolTimeout):
        return Machinery((Part(DATABASE, typeset(SENTENCES[DATABASE])), engine, mail))
    return Machinery((Part(DATABASE), engine, mail, *rounds_shown(rounds, now)))


def rounds_shown(rounds: Mapping[str, PeriodicRound], now: datetime) -> list[Part]:
    """The relay and the periodic rounds, as they are at ``now``."""
    relay, late = rounds.get(RELAY), overdue(rounds, now)
    shown = [Part(RELAY, typeset(SENTENCES[RELAY]) if is_silent(relay, now) else "", _last(relay))]
    for name in RHYTHMS:
        last_at = _last(rounds.get(name))
        shown.append(Part(name, _late_sentence(name, last_at) if name in late else "", last_at))
    return shown


def behind_schedule(db: Database, now: datetime) -> list[str]:
    """What the agents read: the sentences of relay and rounds that are not well, once a relay has been there; and
    why mails wait."""
    rounds = read_rounds(db)
    late = [part.text for part in rounds_shown(rounds, now) if not part.is_well] if RELAY in rounds else []
    return [*late, *filter(None, [held_mail(db)])]


def _last(row: PeriodicRound | None) -> datetime | None:
    return row.completed_at if row else None


def _late_sentence(name: str, last_at: datetime | None) -> str:
    since = f"la dernière fois le {french_date_time(last_at)}" if last_at else "jamais encore"
    return typeset(f"{SENTENCES[name]} ({since}).")
