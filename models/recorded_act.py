"""A formal act behind a sign-off: a council's deliberation or a mayor's decision, with its data and its file."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.act_kind import ActKind
from models.columns import LONGEST_FILE_NAME, UtcDateTime, stored
from models.council_deliberation import CouncilDeliberation
from models.deliberation_rules import UnlawfulDeliberation, check_deliberation
from models.refusal import Refusal


class RecordedAct(SQLModel, table=True):
    """The act as recorded. ``data`` holds the fields of a ``CouncilDeliberation``; unknown ones are empty."""

    __tablename__ = "recorded_act"

    id: int | None = Field(default=None, primary_key=True)
    project_id: int = Field(foreign_key="shared_project.id", index=True)
    party_id: int = Field(foreign_key="party.id")
    kind: ActKind = Field(sa_type=stored(ActKind))
    data: dict[str, Any] = Field(sa_type=sa.JSON)
    file_sha256: str = Field(max_length=64)
    file_name: str = Field(max_length=LONGEST_FILE_NAME)
    recorded_by: int = Field(foreign_key="person.id")
    recorded_at: datetime = Field(sa_type=UtcDateTime)

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


def paper_act_refusal(
    kind: ActKind, acted_on: date, deliberation: CouncilDeliberation | None, *, adopts: bool, today: date
) -> Refusal | None:
    """Why this act cannot stand as it is recorded (rule 7); for a council's, the rules of its deliberation too.

    ``adopts`` is False when it records a refusal. The first rule that is broken is the one that is told.
    """
    if acted_on > today:
        return InvalidPaperAct(
            f"L’acte est daté du {acted_on:%d/%m/%Y}, dans l’avenir : vérifiez la date portée sur le papier."
        )
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
