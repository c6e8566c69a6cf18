"""A city that joins after the charter signs it too, outside its gate, by its council's act (rule 6)."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from actions.ledger.journal import append
from actions.mail.notify import owe_receipt
from actions.signing.paper_act import ConfirmedAct, record_act
from actions.signing.sign_off import (
    EVENT,
    SignOffRequest,
    UnknownSeat,
    sign_off_payload,
    sign_off_row,
)
from models.act_kind import ActKind
from models.deliverable import Deliverable
from models.evidence import Evidence
from models.person import Actor
from models.sign_off import Decision
from models.sign_off_rules import Authority, other_content
from models.stored_row import identity
from models.tables import SIGN_OFF
from queries.signing.matrix import lock_and_load_seat, versions_of


def adhere(
    session: Session,
    charter: Deliverable,
    party_id: int,
    act: ConfirmedAct,
    sha256: str,
    signed_by: int,
    actor: Actor,
    now: datetime,
) -> int:
    """Record the council's approval of the closed charter, bound to its content; returns the id of the sign-off.

    The stage stays as it is, its gate too: it asked for those of its roster. The receipt is owed to the signer and the
    recorder, as any other. Does not commit; the project is locked. Raises ``OtherContent``, ``UnknownSeat``.
    """
    session.flush()
    connection = session.connection()
    charter_id = identity(charter)
    loaded = lock_and_load_seat(connection, charter_id, party_id, now)
    if loaded is None:
        raise UnknownSeat
    end, seat, _ = loaded
    if sha256 != seat.sha256:
        raise other_content(seat.title, sha256, versions_of(connection, charter_id))
    request = SignOffRequest(charter_id, party_id, sha256, Decision.approved)
    authority = Authority(signed_by, None, ActKind.deliberation, Evidence.act)
    row = sign_off_row(actor, seat, authority, request, now)
    row |= record_act(connection, seat, act) | {"auth_method": act.recorded_with}
    written = sa.insert(SIGN_OFF).returning(SIGN_OFF.c.id)
    number: int = connection.execute(written, row).scalar_one()
    payload = sign_off_payload(seat, authority, request, actor, act, seat.stage_status)
    payload["adhesion"] = True
    append(connection, end, EVENT, actor=actor, now=now, party_code=seat.party_code, payload=payload)
    owe_receipt(connection, end, seat, (signed_by, act.recorded_by), now)
    return number
