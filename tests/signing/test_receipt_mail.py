"""The signer is mailed the receipt with its attestation, and told when somebody else withdraws the sign-off."""

from collections.abc import Callable
from dataclasses import replace
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO

import pytest
import sqlalchemy as sa
from cast import BOURGES, MANTES, NIORT, SLUG, Cast
from mail_examples import MAIL
from post_office import PUBLIC_URL, empty_the_box, notices, open_post, round_of
from pypdf import PdfReader

from actions.people.channels import ChannelRequest, add_project_channel
from database.address_lock import AddressLock
from models.notice import RECEIPT, Notice
from models.outbox import Nudge, NudgeKind
from models.person import MailFrequency, Person
from models.sign_off import Decision
from models.tables import NOTICE
from notifications.mime import as_bytes
from notifications.outgoing_mail import CalendarPart, DocumentPart

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"
on_sqlite = pytest.mark.parametrize("shelf", ["sqlite"], indirect=True)


@pytest.fixture
def cast(at: At) -> Cast:
    cast = at("constitution in review")
    empty_the_box(cast.db)
    return cast


def received(cast: Cast) -> list[EmailMessage]:
    """The receipts that leave now."""
    with open_post() as post:
        round_of(cast.db, post.url, cast.now)
        return [mail for mail in post.mails if "enregistrée" in mail["Subject"]]


def attestation(mail: EmailMessage) -> str:
    """The words of the document that came with it."""
    (file,) = mail.iter_attachments()
    assert (file.get_content_type(), file.get_content_disposition()) == ("application/pdf", "attachment")
    (page,) = PdfReader(BytesIO(file.get_content())).pages
    return " ".join(page.extract_text().split())


def text(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\u00a0", " ").replace("\r\n", "\n")


def test_who_signs_gets_the_receipt_and_its_attestation(cast: Cast) -> None:
    number = cast.sign(NOTE, NIORT, Decision.approved_with_reservations, reason="Et l’œuvre <à 12 €> ?")
    (mail,) = received(cast)
    assert mail["To"].addresses[0].addr_spec == cast.mayor_email(NIORT)
    assert f"Voir le reçu :\n{PUBLIC_URL}/recus/{number}" in text(mail)
    assert "Niort a approuvé avec réserves la version 1 du document" in text(mail)
    (file,) = mail.iter_attachments()
    assert file.get_filename() == f"attestation-{number}.pdf"
    page = attestation(mail)
    assert "Et l’œuvre <à 12 €> ?" in page
    assert f"{PUBLIC_URL}/recus/{number}" in page
    (entry,) = [each for each in cast.entries() if each["event"] == "sign_off.recorded"]
    assert f"Inscription n° {entry['seq']}" in page
    assert mail["List-Unsubscribe"] is None


def test_it_leaves_at_once_and_is_owed_once(cast: Cast) -> None:
    with cast.db.write_statements() as connection:
        connection.execute(sa.update(Person).values(mail_frequency=MailFrequency.never))
    before = len(cast.all(Nudge))
    cast.sign(NOTE, NIORT)
    cast.sign(NOTE, NIORT)
    woken = [each.kind for each in cast.all(Nudge)[before:]]  # type: ignore[attr-defined]
    assert woken == [NudgeKind.wake_stage, NudgeKind.send_notices]
    (owed,) = cast.notices(RECEIPT)
    assert (owed.recipient_id, owed.is_held, owed.dropped_at) == (cast.mayor(NIORT).person_id, False, None)
    assert set(owed.payload) == {"deliverable", "party", "at", "is_recorder"}


def test_a_sign_off_given_again_after_its_withdrawal_has_a_receipt_of_its_own(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    cast.withdraw(NOTE, NIORT)
    second = cast.sign(NOTE, NIORT, Decision.refused, reason="Non")
    first, last = received(cast)
    assert "Cette validation ne compte plus : Niort l’a retirée le 22/11/2026" in text(first)
    assert "elle ne compte plus" in attestation(first)
    assert f"/recus/{second}" in text(last)
    assert "elle compte" in attestation(last)


@on_sqlite
def test_who_records_an_act_on_paper_gets_it_too_each_in_their_own_words(at: At) -> None:
    cast = at("charter in review")
    empty_the_box(cast.db)
    cast.sign("charte", NIORT, actor=cast.contact(NIORT))
    mayor, contact = received(cast)
    assert mayor["Subject"].startswith("Votre validation est enregistrée")
    assert f"{cast.contact(NIORT).name} a enregistré ce que vous aviez décidé sur papier le" in text(mayor)
    assert contact["Subject"].startswith("La validation de Niort est enregistrée")
    assert f"Vous avez enregistré ce que {cast.mayor(NIORT).name} a décidé sur papier" in text(contact)
    assert f"enregistré par {cast.contact(NIORT).name}" in attestation(contact)


@on_sqlite
def test_who_records_their_own_act_gets_one(at: At) -> None:
    cast = at("charter in review")
    empty_the_box(cast.db)
    cast.sign("charte", NIORT, actor=cast.mayor(NIORT))
    (mail,) = received(cast)
    assert "Votre décision est enregistrée" in text(mail)


@on_sqlite
def test_a_receipt_is_for_its_reader_and_for_no_channel(cast: Cast) -> None:
    request = ChannelRequest(SLUG, "json://127.0.0.1:1/", "Salon")
    add_project_channel(cast.db, cast.agent, request, AddressLock("secret"), now=cast.now)
    cast.sign(NOTE, NIORT)
    assert [row["channel_id"] for row in notices(cast.db, NOTICE.c.message == RECEIPT)] == [None]


@on_sqlite
def test_a_delegate_whose_sign_off_the_mayor_withdraws_is_told(cast: Cast) -> None:
    deputy = cast.delegate()
    cast.sign(NOTE, NIORT, actor=deputy)
    cast.withdraw(NOTE, NIORT)
    readers = {each.recipient_id for each in cast.notices("sign_off_withdrawn")}
    assert deputy.person_id in readers
    assert cast.mayor(NIORT).person_id not in readers
    assert len(readers) == len(cast.notices("sign_off_withdrawn"))


@on_sqlite
def test_a_receipt_that_names_no_sign_off_stops_nothing(cast: Cast) -> None:
    cast.sign(NOTE, MANTES)
    with cast.db.write_statements() as connection:
        connection.execute(sa.update(Notice).where(Notice.message == RECEIPT).values(payload={}))  # type: ignore[arg-type]
    cast.sign(NOTE, BOURGES)
    (mail,) = received(cast)
    assert "Bourges" in text(mail)
    (lost,) = notices(cast.db, NOTICE.c.failed_at.is_not(None))
    assert "n’a pas pu être écrit" in lost["last_error"]


def test_a_mail_carries_a_document_beside_a_calendar() -> None:
    calendar = CalendarPart(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "REQUEST", "réunion.ics")
    document = DocumentPart(b"%PDF-1.7\n\x00\xff", 'a"b\r\né.pdf')
    raw = as_bytes(replace(MAIL, calendar=calendar, document=document), "a@b.example", "Nous")
    mail = message_from_bytes(raw, policy=policy.default)
    first, second = mail.iter_attachments()  # type: ignore[attr-defined]
    assert (first.get_content_type(), first.get_filename()) == ("application/ics", "reunion.ics")
    assert (second.get_content_type(), second.get_filename()) == ("application/pdf", "a-b-e.pdf")
    assert second.get_content() == document.content
    assert "multipart/alternative" in [part.get_content_type() for part in mail.walk()]
