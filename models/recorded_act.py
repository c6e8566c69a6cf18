"""A formal act behind a sign-off: a council's deliberation or a mayor's decision, with its data and its file."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.act_kind import ActKind
from models.columns import FILE_NAME, LONGEST_REASON, UtcDateTime, stored, within
from models.council_deliberation import CouncilDeliberation
from models.deliberation_rules import UnlawfulDeliberation, check_deliberation
from models.limits import Days, words
from models.refusal import Refusal

ACTED_ON = Days("Date de l’acte")
EARLY_REASON = words("Motif de l’antériorité", LONGEST_REASON)


class RecordedAct(SQLModel, table=True):
    """The act as recorded, and who of the other side confirmed it (nobody, before two keys were asked for).

    ``data`` holds the fields of a ``CouncilDeliberation``; unknown ones are empty. ``early_reason`` says why the act
    is older than the text it approves.
    """

    __tablename__ = "recorded_act"

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="shared_project.id", index=True)
    party_id: int = Field(foreign_key="party.id")
    kind: ActKind = Field(sa_type=stored(ActKind))
    data: dict[str, Any] = Field(sa_type=sa.JSON)
    file_sha256: str = Field(max_length=64)
    file_name: str = Field(sa_type=within(FILE_NAME))
    recorded_by: int = Field(foreign_key="person.id")
    recorded_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_by: int | None = Field(default=None, foreign_key="person.id")
    early_reason: str | None = Field(default=None, sa_type=within(EARLY_REASON))

    @property
    def deliberation(self) -> CouncilDeliberation:
        """The council's act as typed data."""
        return CouncilDeliberation.model_validate(self.data)


class InvalidPaperAct(Refusal):
    """The act cannot stand as it is recorded."""


def act_kind_and_day(
    kind: ActKind | None,
    signed_on: date | None,
    deliberation: CouncilDeliberation | None,
    *,
    field: str,
    how: str,
) -> tuple[ActKind, date]:
    """What the act is, and its day: a council's is of its session; else, unless told, an elected person's signature.

    Refusals name the ``field`` of ``signed_on``, and ``how`` to fill it in. Raises ``InvalidPaperAct``.
    """
    session_date = deliberation.session_date if deliberation else None
    if session_date and signed_on and signed_on != session_date:
        raise InvalidPaperAct(
            f"La délibération est du {session_date:%d/%m/%Y}, et « {field} » dit le {signed_on:%d/%m/%Y} : "
            f"retirez « {field} », ou corrigez la date de séance."
        )
    acted_on = session_date or signed_on
    if acted_on is None:
        raise InvalidPaperAct(f"Un acte donné sur papier porte une date : donnez-la {how}.")
    return kind or (ActKind.deliberation if deliberation else ActKind.elected_signature), acted_on


class NobodyInOffice(Refusal):
    """No mayor or president is registered for the party whose act is recorded."""

    def __init__(self, party: str) -> None:
        super().__init__(
            f"Aucun maire ni président n’est enregistré pour {party} : demandez à l’ANCT de l’inviter comme "
            "signataire, puis enregistrez l’acte."
        )


@dataclass(frozen=True, slots=True)
class PaperDates:
    """The day on the paper, and those it is compared with (days of Paris).

    ``available_on``: the text was submitted; ``project_began_on``: the first day of its period, or the day it was
    created, whichever came first. ``early_reason``: why the act is older than the text.
    """

    acted_on: date
    today: date
    available_on: date
    project_began_on: date
    early_reason: str | None = None

    def refusal(self) -> InvalidPaperAct | None:
        """Never in the future, never before the project; before the text only for a reason that is shown (rule 7)."""
        dated = f"L’acte est daté du {self.acted_on:%d/%m/%Y}"
        if self.acted_on > self.today:
            return InvalidPaperAct(f"{dated}, dans l’avenir : vérifiez la date portée sur le papier.")
        if self.acted_on < self.project_began_on:
            return InvalidPaperAct(
                f"{dated}, avant le début du projet ({self.project_began_on:%d/%m/%Y}) : il ne peut pas porter sur "
                "lui ; vérifiez la date portée sur le papier."
            )
        if self.acted_on < self.available_on and not (self.early_reason or "").strip():
            return InvalidPaperAct(
                f"{dated}, avant que le texte à valider ne soit déposé ({self.available_on:%d/%m/%Y}) : vérifiez la "
                "date, ou dites pourquoi l’acte est antérieur au texte (« Motif de l’antériorité ») ; ce motif est "
                "montré à tous."
            )
        return None


def paper_act_refusal(
    kind: ActKind, dates: PaperDates, deliberation: CouncilDeliberation | None, *, adopts: bool
) -> Refusal | None:
    """Why this act cannot stand as it is recorded (rule 7); for a council's, the rules of its deliberation too.

    ``adopts`` is False when it records a refusal. The first rule that is broken is the one that is told.
    """
    acted_on, today = dates.acted_on, dates.today
    if refusal := dates.refusal():
        return refusal
    if (kind is ActKind.deliberation) != (deliberation is not None):
        return InvalidPaperAct(
            "Une délibération s’enregistre avec ses données (numéro, séance, objet, matière), et elle seule : "
            "joignez-les, ou choisissez une autre sorte d’acte."
        )
    if deliberation is None:
        return None
    try:
        check_deliberation(deliberation, today=today, adopts=adopts)
    except UnlawfulDeliberation as refusal:
        return refusal
    if acted_on != deliberation.session_date:
        return InvalidPaperAct(
            f"L’acte est daté du {acted_on:%d/%m/%Y}, et la séance du conseil du "
            f"{deliberation.session_date:%d/%m/%Y} : donnez la date de la séance."
        )
    return None


class ActFileMissing(Refusal):
    """A council act is recorded with its file (rule 5)."""

    sentence = (
        "Une délibération s’enregistre avec ses données et son fichier : joignez l’extrait signé "
        "(« --proof FICHIER »)."
    )
