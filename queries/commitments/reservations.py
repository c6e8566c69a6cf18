"""The reservations made on a deliverable, each with the commitment to answer it and the answer."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from database.bound import among
from models.commitment import CommitmentOrigin, reservation_reference
from models.project_shapes import SignOffShown
from models.sign_off import Decision
from models.tables import COMMITMENT, DELIVERABLE, SIGN_OFF, STAGE
from queries.access.project_access import NotVisible, access_to_project
from queries.commitments.commitments import CommitmentLine, commitment_line, owners_of
from queries.signing.sign_offs import sign_offs

_DELIVERABLE = (
    sa.select(DELIVERABLE.c.id)
    .join(STAGE, STAGE.c.id == DELIVERABLE.c.stage_id)
    .where(DELIVERABLE.c.id == sa.bindparam("deliverable"), STAGE.c.project_id == sa.bindparam("project"))
)
_MADE = (
    sign_offs()
    .where(
        SIGN_OFF.c.deliverable_id == sa.bindparam("deliverable"),
        SIGN_OFF.c.decision == Decision.approved_with_reservations,
    )
    .order_by(SIGN_OFF.c.id)
)
_PROMISED = sa.select(COMMITMENT).where(
    COMMITMENT.c.project_id == sa.bindparam("project"),
    COMMITMENT.c.origin == CommitmentOrigin.reservation,
    among(COMMITMENT.c.reference, "references"),
)


@dataclass(frozen=True, slots=True)
class ReservationShown:
    """What a party asked for while it approved, and what became of it.

    A reservation stays, and is answered, even when its sign-off is withdrawn or voided since.
    """

    sign_off: SignOffShown
    commitment: CommitmentLine


def read_reservations(
    session: Session, slug: str, deliverable_id: int, person_id: int, now: datetime
) -> tuple[ReservationShown, ...]:
    """Oldest first, as this person may see them; raises ``NotVisible``. Writes nothing.

    They are answered with ``keep_commitment``.
    """
    access = access_to_project(session, slug, person_id, now)
    connection = session.connection()
    values = {"deliverable": deliverable_id, "project": access.project_id}
    if connection.execute(_DELIVERABLE, values).first() is None:
        raise NotVisible
    made = connection.execute(_MADE, {"deliverable": deliverable_id})
    sign_offs_made = [SignOffShown.model_validate(row) for row in made]
    references = [reservation_reference(each.id) for each in sign_offs_made]
    promised = connection.execute(_PROMISED, {"project": access.project_id, "references": references})
    owners = owners_of(connection, access)
    lines = {row.reference: commitment_line(row, owners, access) for row in promised}
    return tuple(
        ReservationShown(each, lines[reference])
        for each, reference in zip(sign_offs_made, references, strict=True)
        if reference in lines
    )
