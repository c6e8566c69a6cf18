"""The mails that a project owes, as the outbox holds them and as they are written."""

from dataclasses import replace

import sqlalchemy as sa
from cast import Cast
from mail_examples import NOW, unbroken

from actions.mail.claim_notices import claim_notices
from actions.mail.deliver import write_letter
from queries.mail.claimed import ClaimedNotice
from queries.receipts.attestation import receipt_values


def owed(cast: Cast) -> list[ClaimedNotice]:
    return claim_notices(cast.db, now=cast.now, most=5000)


def filled(cast: Cast, notice: ClaimedNotice) -> ClaimedNotice:
    """A receipt with what it attests; anything else as it is."""
    if not notice.is_receipt:
        return notice
    with cast.db.read() as session:
        return replace(
            notice, payload=receipt_values(session, notice.payload, "https://projets.example", NOW)
        )


def write(notice: ClaimedNotice) -> str:
    """The mail as the post writes it; gives both its parts."""
    mail = write_letter(notice, notice.payload, "https://projets.example", "secret", now=NOW).words
    assert "\n" not in mail.subject
    return mail.text + unbroken(mail.html)


def addresses_of(cast: Cast, code: str) -> set[str]:
    """The addresses of a city's mayor and of its local contact."""
    with cast.db.read() as session:
        people = [cast.mayor(code).person_id, cast.contact(code).person_id]
        rows = session.connection().execute(
            sa.text("SELECT email FROM person WHERE id IN (:mayor, :contact)"),
            {"mayor": people[0], "contact": people[1]},
        )
        return set(rows.scalars())
