"""Send the mails that are owed: claim, write, send, mark; as long as some are due."""

from datetime import UTC, datetime

from prefect import flow
from prefect.logging import get_run_logger

from actions.claim_notices import ClaimedNotice, claim_notices, mark_failed, mark_sent
from models.database import Database
from notifications.mail import OutgoingMail, TransportError, hang_up, local_catcher_url, send
from notifications.messages import message_from, render
from settings import settings


@flow(name="deliver_notices", flow_run_name="Envoi du courrier", persist_result=False)
async def deliver_notices() -> None:
    """Empty the post box; what cannot leave now stays for later, with its reason."""
    db = Database(settings().domain_url)
    sent = kept = 0
    try:
        while claimed := claim_notices(db, now=_now()):
            for notice in claimed:
                if _deliver(db, notice):
                    sent += 1
                else:
                    kept += 1
    finally:
        hang_up()
        db.close()
    get_run_logger().info("%d message(s) parti(s), %d gardé(s) pour plus tard", sent, kept)


def _deliver(db: Database, notice: ClaimedNotice) -> bool:
    try:
        mail = write_mail(notice, settings().public_url, now=_now())
        first, *others = _ways_out()
        send(first, mail)
    except TransportError as error:
        mark_failed(db, notice, str(error), error.permanent, now=_now())
        return False
    except (KeyError, ValueError) as error:
        mark_failed(db, notice, f"message impossible à écrire : {error}", True, now=_now())
        return False
    mark_sent(db, notice.id, now=_now())
    for url in others:
        _copy(url, mail)
    return True


def _copy(url: str, mail: OutgoingMail) -> None:
    """The other ways are copies, best effort: trying them again would send the first one twice."""
    try:
        send(url, mail)
    except TransportError as error:
        get_run_logger().warning("copie non partie : %s", error)


def write_mail(notice: ClaimedNotice, public_url: str, *, now: datetime) -> OutgoingMail:
    """The mail of a notice. Raises ``KeyError`` or ``ValueError`` when its values do not make its message."""
    values = dict(notice.payload)
    values |= {
        "link": public_url + values.pop("path", "/"),
        "recipient_name": notice.recipient_name,
        "project_title": notice.project_title,
        "project_slug": notice.project_slug,
        "agent_name": notice.agent_name,
        "agent_email": notice.agent_email,
    }
    written = render(message_from(notice.message, values))
    return OutgoingMail(
        to_address=notice.recipient_email,
        to_name=notice.recipient_name,
        subject=written.subject,
        html=written.html,
        text=written.text,
        key=notice.key,
        reply_to=notice.agent_email or None,
        sent_at=now,
    )


def _ways_out() -> list[str]:
    given = settings().apprise_urls.replace(",", " ").split()
    return given or [local_catcher_url(settings().mail_port)]


def _now() -> datetime:
    return datetime.now(UTC)
