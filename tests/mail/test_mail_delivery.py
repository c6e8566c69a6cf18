"""What arrives of a mail: seen from the other end of a real SMTP conversation."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from mail_examples import MAIL
from post_office import Post, open_post

from actions.people.add_person import InvalidEmail, check_email
from notifications.mail import OutgoingMail, TransportError, hang_up, local_catcher_url, send
from notifications.mail_catcher import MailCatcher
from notifications.mime import as_bytes, message_id, thread_id, usable_address
from notifications.outgoing_mail import CalendarPart


@pytest.fixture
def post() -> Iterator[Post]:
    with open_post() as post:
        yield post


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[MailCatcher]:
    with MailCatcher(folder=tmp_path / "mail") as catcher:
        yield catcher
        hang_up()


def caught(catcher: MailCatcher, mail: OutgoingMail, url: str = "") -> EmailMessage:
    send(url or local_catcher_url(catcher.port), mail)
    return catcher.mails()[-1]


def words(part: EmailMessage) -> str:
    """The content of a part, its line ends those of Python (CRLF on the wire)."""
    return str(part.get_content()).replace("\r\n", "\n")


def test_the_mail_arrives_with_both_parts_as_they_were_written(catcher: MailCatcher) -> None:
    arrived = caught(catcher, MAIL)
    text, html = arrived.iter_parts()
    assert arrived.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in (text, html)] == ["text/plain", "text/html"]
    assert words(text) == MAIL.text
    assert words(html) == MAIL.html
    assert not arrived.defects + text.defects + html.defects


def test_the_headers_say_who_writes_to_whom_when_and_that_a_machine_did(catcher: MailCatcher) -> None:
    arrived = caught(catcher, MAIL)
    assert arrived["Subject"] == MAIL.subject
    assert arrived["To"] == "Hélène Marchand <helene.marchand@niort.example>"
    assert arrived["From"] == "Projets partagés <bonjour@projets-partages.example>"
    assert arrived["Reply-To"] == "camille.renaud@anct.example"
    assert arrived["Date"].datetime == MAIL.sent_at
    assert arrived["Auto-Submitted"] == "auto-generated"
    assert arrived["Delivered-To"] == "helene.marchand@niort.example"
    once = ("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type")
    assert [len(arrived.get_all(name)) for name in once] == [1] * len(once)


def test_the_message_id_depends_on_the_key_alone(catcher: MailCatcher) -> None:
    first = caught(catcher, MAIL)
    again = caught(catcher, replace(MAIL, subject="Autre objet", sent_at=datetime(2026, 11, 23, tzinfo=UTC)))
    other = caught(catcher, replace(MAIL, key="sign_off_requested:7:2:42"))
    assert first["Message-ID"] == again["Message-ID"] == message_id(MAIL.key, "projets-partages.example")
    assert other["Message-ID"] != first["Message-ID"]
    assert re.fullmatch(r"<[0-9a-f]{40}@projets-partages\.example>", first["Message-ID"])


def test_the_address_may_name_the_sender(catcher: MailCatcher) -> None:
    url = f"mailto://127.0.0.1:{catcher.port}/?from=rappels@anct.example&name=ANCT, projets partagés"
    assert caught(catcher, MAIL, url)["From"] == '"ANCT, projets partagés" <rappels@anct.example>'


def test_no_line_on_the_wire_is_longer_than_smtp_allows() -> None:
    raw = as_bytes(replace(MAIL, subject="é" * 400, to_name="ô" * 300), "a@b.example", "ç" * 200)
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert raw.isascii()


@pytest.mark.parametrize("field", ["subject", "to_name"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "\x0b", "\u2028", "\x85"])
def test_nobody_can_inject_a_header(catcher: MailCatcher, field: str, line_end: str) -> None:
    typed = f"Mairie{line_end}Bcc: tous@example.org{line_end}{line_end}<b>corps</b>"
    arrived = caught(catcher, replace(MAIL, **{field: typed}))
    assert arrived["Bcc"] is None
    assert arrived["Delivered-To"] == MAIL.to_address
    assert "Bcc: tous@example.org" in str(arrived["Subject" if field == "subject" else "To"])
    assert words(next(arrived.iter_parts())) == MAIL.text


@pytest.mark.parametrize(
    "name", ['Jean "Le Grand" <a@b.example>', "Martin, Paul", "=?utf-8?q?x?=", "Ville (79)"]
)
def test_a_name_stays_a_name(catcher: MailCatcher, name: str) -> None:
    (to,) = caught(catcher, replace(MAIL, to_name=name))["To"].addresses
    assert (to.display_name, to.addr_spec) == (name, MAIL.to_address)


@pytest.mark.parametrize(
    "address",
    ["", "niort", "a@b", "a b@niort.example", "a@niort.example\r\nBcc: x@y.example", "<a@b.fr>", "é@b.fr"],
)
@pytest.mark.parametrize("field", ["to_address", "reply_to"])
def test_an_address_that_is_none_is_refused_for_good(post: Post, field: str, address: str) -> None:
    if field == "reply_to" and not address:
        address = "@"
    with pytest.raises(TransportError, match="n’est pas une adresse") as refused:
        send(post.url, replace(MAIL, **{field: address}))
    assert refused.value.permanent
    assert post.received == []


@pytest.mark.parametrize(
    "typed",
    [
        "helene.marchand@niort.example",
        " Helene@Niort.Example ",
        "o'neil+projets@niort.example",
        "a@é.example",
    ],
)
def test_an_address_that_was_registered_can_be_written_to(typed: str) -> None:
    assert usable_address(check_email(typed)).isascii()


@pytest.mark.parametrize(
    "typed",
    [
        *("", "niort", "a@b", "a b@niort.example", "é@niort.example", "a@niort.example\r\nBcc: x@y.example"),
        *('"a b"@niort.example', "a,b@niort.example", "a;b@niort.example", ".a@niort.example", "<a@b.fr>"),
        *("a@-b.example", "a@[127.0.0.1]", "a\u200b@niort.example", "a" * 65 + "@niort.example"),
    ],
)
def test_an_address_is_checked_as_it_is_typed(typed: str) -> None:
    with pytest.raises(InvalidEmail, match=r"n’est pas une adresse électronique.*par exemple") as refused:
        check_email(typed)
    assert "\n" not in str(refused.value)


def test_a_domain_with_accents_travels_in_ascii(post: Post) -> None:
    send(post.url, replace(MAIL, to_address="mairie@évry.example"))
    assert post.received[0].rcpt_tos == ["mairie@xn--vry-9la.example"]


def headers(arrived: EmailMessage) -> list[str]:
    return [name.lower() for name in arrived.keys()]  # noqa: SIM118


def test_mails_of_a_project_are_read_together(catcher: MailCatcher) -> None:
    first = caught(catcher, replace(MAIL, thread="democratie-culturelle"))
    second = caught(catcher, replace(MAIL, key="suivant", thread="democratie-culturelle"))
    other = caught(catcher, replace(MAIL, key="autre", thread="autre-projet"))
    assert first["References"] == "<projet-democratie-culturelle@projets-partages.example>"
    assert second["References"] == first["References"] != other["References"]
    assert caught(catcher, MAIL)["References"] is None


def test_what_nobody_has_to_receive_is_stopped_in_one_click(catcher: MailCatcher) -> None:
    url = f"https://projets.example/courrier/arret/{'a' * 120}.{'b-_' * 20}"
    arrived = caught(catcher, replace(MAIL, unsubscribe_url=url))
    assert arrived["List-Unsubscribe"] == f"<{url}>"
    assert arrived["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    raw = as_bytes(replace(MAIL, unsubscribe_url=url), "a@b.example", "Nous")
    assert f"\r\nList-Unsubscribe: <{url}>\r\n".encode() in raw, "on one line, as its readers want it"
    legal = caught(catcher, MAIL)
    assert legal["List-Unsubscribe"] is legal["List-Unsubscribe-Post"] is None


def test_the_headers_come_in_the_order_people_read_them(catcher: MailCatcher) -> None:
    mail = replace(MAIL, thread="projet", unsubscribe_url="https://projets.example/x")
    written = as_bytes(mail, "a@b.example", "Nous").split(b"\r\n\r\n")[0].decode()
    names = [line.split(":")[0] for line in written.split("\r\n") if not line.startswith(" ")]
    assert names == [
        *("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "References", "Auto-Submitted"),
        *("List-Unsubscribe", "List-Unsubscribe-Post", "Content-Language", "MIME-Version", "Content-Type"),
    ]


@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "\x0b", "\u2028", "\x85", "\x00"])
@pytest.mark.parametrize("field", ["thread", "unsubscribe_url", "key"])
def test_nobody_can_inject_a_header_by_what_we_make_either(
    catcher: MailCatcher, field: str, line_end: str
) -> None:
    typed = f"https://x.example/{line_end}Bcc: tous@example.org{line_end}{line_end}<b>corps</b>"
    arrived = caught(catcher, replace(MAIL, **{field: typed}))
    assert arrived["Bcc"] is None
    assert arrived["List-Unsubscribe"] is None
    assert words(next(arrived.iter_parts())) == MAIL.text


def test_a_thread_is_named_by_a_slug_and_by_nothing_else() -> None:
    assert re.fullmatch(r"<projet-[0-9a-f]{40}@b\.example>", thread_id("a> <b@c.example", "b.example"))


ICS = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Comit\xc3\xa9\r\nEND:VCALENDAR\r\n"


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_an_invitation_travels_twice_to_be_answered_and_to_be_kept(catcher: MailCatcher, method: str) -> None:
    arrived = caught(catcher, replace(MAIL, calendar=CalendarPart(ICS, method, "réunion.ics")))  # type: ignore[arg-type]
    assert arrived.get_content_type() == "multipart/mixed"
    body, file = arrived.iter_parts()
    text, html, answered = body.iter_parts()
    assert [words(text), words(html)] == [MAIL.text, MAIL.html]
    assert (answered.get_content_type(), answered["Content-Type"].params["method"]) == (
        "text/calendar",
        method,
    )
    assert answered.get_payload(decode=True) == ICS
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "reunion.ics")
    assert file.get_content_disposition() == "attachment"
    assert file.get_payload(decode=True) == ICS
    assert not arrived.defects + body.defects + answered.defects + file.defects


def test_a_deadline_travels_as_a_file_to_keep(catcher: MailCatcher) -> None:
    arrived = caught(catcher, replace(MAIL, calendar=CalendarPart(ICS, "PUBLISH", "echeance.ics")))
    body, file = arrived.iter_parts()
    assert [part.get_content_type() for part in body.iter_parts()] == ["text/plain", "text/html"]
    assert (file.get_content_type(), file["Content-Type"].params["method"]) == ("text/calendar", "PUBLISH")
    assert (file.get_filename(), file.get_payload(decode=True)) == ("echeance.ics", ICS)


@pytest.mark.parametrize("name", ['a";\r\nBcc: x@y.example;"', "../../etc/passwd", "é" * 300 + ".ics"])
def test_the_name_of_a_file_is_a_plain_name(catcher: MailCatcher, name: str) -> None:
    arrived = caught(catcher, replace(MAIL, calendar=CalendarPart(ICS, "PUBLISH", name)))
    (_, file) = arrived.iter_parts()
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,60}", str(file.get_filename()))
    assert headers(file) == ["content-type", "content-transfer-encoding", "content-disposition"]
    assert arrived["Bcc"] is None
