"""The values of an attestation and of the receipt sent by mail: those of a receipt, as they are printed."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session

from models.paris_time import paris_day
from models.tables import SIGN_OFF
from queries.access.project_access import NotVisible, access_to_project
from queries.receipts.attested import Receipt, receipt_of

LONGEST_REASON = 160


def read_attestation(
    session: Session, sign_off_id: int, person_id: int, public_url: str, now: datetime
) -> dict[str, Any]:
    """The values of ``notifications.attestation.Attestation``, for anyone with a role in that project.

    Raises ``NotVisible``. Writes nothing.
    """
    receipt = receipt_of(session.connection(), sign_off_id)
    if receipt is None:
        raise NotVisible
    access_to_project(session, receipt.slug, person_id, now)
    return attestation_values(receipt, public_url, now)


def attestation_values(receipt: Receipt, public_url: str, now: datetime) -> dict[str, Any]:
    """As ``read_attestation``, of a receipt that one may read. ``public_url`` begins the address of the receipt."""
    sign_off = receipt.sign_off
    return {
        "number": sign_off.id,
        "project_title": receipt.project_title,
        "stage_title": receipt.stage_title,
        "deliverable_title": receipt.deliverable_title,
        "deliverable_party": receipt.owner_name,
        "version": sign_off.version,
        "file_name": receipt.file_name,
        "sha256": sign_off.sha256,
        "decision": sign_off.decision.label,
        "reason": sign_off.reason,
        "act": sign_off.act_kind.label,
        "party_name": sign_off.party_name,
        "signed_by": sign_off.signed_by_name,
        "quality": receipt.quality,
        "recorded_by": sign_off.recorded_by_name,
        "acted_on": paris_day(sign_off.acted_on) if sign_off.acted_on else None,
        "signed_at": sign_off.at,
        "authenticated": f"{sign_off.authenticated} ; autorité {sign_off.evidence.label}",
        "entry": receipt.entry,
        "entry_hash": receipt.entry_hash,
        "ended": _ended(receipt),
        "revised": _revised(receipt),
        "receipt_link": public_url + sign_off.path,
        "read_at": now,
    }


def _ended(receipt: Receipt) -> str | None:
    """Why it counts no more, as the end of a sentence."""
    sign_off = receipt.sign_off
    if sign_off.withdrawn_at is not None:
        reason = " ".join((sign_off.withdrawn_reason or "").split())
        cut = f"{reason[:LONGEST_REASON]}…" if len(reason) > LONGEST_REASON else reason
        return f"{sign_off.party_name} l’a retirée le {paris_day(sign_off.withdrawn_at):%d/%m/%Y} ({cut})."
    if sign_off.voided_at is not None:
        return f"une nouvelle version a remplacé celle-ci le {paris_day(sign_off.voided_at):%d/%m/%Y}."
    return None


def _revised(receipt: Receipt) -> str | None:
    """The last minor revision of what was signed, and how many there were."""
    if not receipt.revisions:
        return None
    last, count = receipt.revisions[-1], len(receipt.revisions)
    which = f"la dernière de {count} révisions mineures" if count > 1 else "révision mineure"
    reason = " ".join(last.reason.split())
    cut = f"{reason[:LONGEST_REASON]}…" if len(reason) > LONGEST_REASON else reason
    return f"Version {last.number}, {which}, du {paris_day(last.at):%d/%m/%Y} ({cut})"


def receipt_values(
    session: Session, payload: dict[str, Any], public_url: str, now: datetime
) -> dict[str, Any]:
    """The values of the message, as the sign-off stands at ``now``. ``public_url`` begins the address of the receipt.

    Raises ``KeyError`` when the payload names none.
    """
    connection = session.connection()
    query = sa.select(SIGN_OFF.c.id).where(
        SIGN_OFF.c.deliverable_id == payload["deliverable"],
        SIGN_OFF.c.party_id == payload["party"],
        SIGN_OFF.c.at == datetime.fromisoformat(payload["at"]),
    )
    receipt = receipt_of(connection, connection.execute(query).scalar_one())
    if receipt is None:
        raise KeyError("receipt")
    return {
        "stage_title": receipt.stage_title,
        "deliverable_title": receipt.deliverable_title,
        "deliverable_party": receipt.owner_name,
        "path": receipt.sign_off.path,
        "is_recorder": payload["is_recorder"],
        "attestation": attestation_values(receipt, public_url, now),
    }
