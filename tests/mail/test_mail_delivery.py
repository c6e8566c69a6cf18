"""How mails leave: seen from the other end of a real SMTP conversation."""

import gc
import re
import signal
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from mail_examples import MAIL
from post_office import Hook, Post, free_port, open_hook, open_post

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


# What arrives


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


# The connection


def test_mails_of_a_thread_share_one_connection(post: Post) -> None:
    for number in range(20):
        send(post.url, replace(MAIL, key=str(number)))
    assert (len(post.received), post.connections) == (20, 1)


def test_each_thread_has_its_own_connection_and_leaves_none_open(post: Post) -> None:
    def some() -> None:
        for number in range(5):
            send(post.url, replace(MAIL, key=f"{threading.get_ident()}:{number}"))

    threads = [threading.Thread(target=some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    gc.collect()
    assert (len(post.received), post.connections) == (20, 4)


@pytest.mark.parametrize("answer", ["drop", "421 4.7.0 trop de mails sur cette connexion"])
def test_a_connection_the_server_let_go_is_opened_again_and_the_mail_leaves_once(
    post: Post, answer: str
) -> None:
    send(post.url, MAIL)
    post.answers["MAIL"] = [answer]
    send(post.url, replace(MAIL, key="suivant"))
    assert (len(post.received), post.connections) == (2, 2)


def test_a_drop_in_mid_message_is_not_tried_again_at_once(post: Post) -> None:
    post.answers["DATA"] = ["drop"]
    with pytest.raises(TransportError, match="a coupé la conversation") as dropped:
        send(post.url, MAIL)
    assert not dropped.value.permanent
    assert (len(post.received), post.connections) == (0, 1)
    send(post.url, MAIL)
    assert (len(post.received), post.connections) == (1, 2)


# What can go wrong


@pytest.mark.parametrize(
    ("verb", "answer", "permanent"),
    [
        ("RCPT", "550 5.1.1 boîte inconnue", True),
        ("RCPT", "450 4.2.1 boîte pleine", False),
        ("DATA", "554 5.7.1 message refusé", True),
        ("DATA", "451 4.3.0 plus tard", False),
        ("MAIL", "553 5.1.8 expéditeur refusé", False),
    ],
)
def test_a_refusal_says_why_and_whether_to_try_again(
    post: Post, verb: str, answer: str, permanent: bool
) -> None:
    post.answers[verb] = [answer]
    with pytest.raises(TransportError, match=re.escape(answer)) as refused:
        send(post.url, MAIL)
    assert refused.value.permanent is permanent
    send(post.url, MAIL)
    assert [len(envelope.rcpt_tos) for envelope in post.received] == [1], (
        "the refused mail left nothing behind"
    )


def test_a_server_that_is_down_is_worth_another_try() -> None:
    with pytest.raises(TransportError, match="refuse la connexion") as refused:
        send(local_catcher_url(free_port()), MAIL)
    assert not refused.value.permanent
    assert refused.value.all_are_held_up


@pytest.mark.parametrize(
    ("verb", "answer", "all_are_held_up"),
    [
        ("MAIL", "451 4.3.0 panne", True),
        ("MAIL", "421 4.7.0 trop de mails", True),
        ("RCPT", "450 4.2.1 boîte pleine", False),
        ("DATA", "451 4.3.0 plus tard", False),
        ("DATA", "drop", False),
    ],
)
def test_what_goes_wrong_before_the_recipient_is_named_holds_every_mail_up(
    post: Post, verb: str, answer: str, all_are_held_up: bool
) -> None:
    post.answers[verb] = [answer]
    with pytest.raises(TransportError) as refused:
        send(post.url, MAIL)
    assert refused.value.all_are_held_up is all_are_held_up


def test_a_server_that_hangs_is_given_up_after_the_timeout_and_worth_another_try(post: Post) -> None:
    post.delay = 60
    started = time.monotonic()
    with pytest.raises(TransportError, match="n’a pas répondu à temps") as refused:
        send(f"{post.url}&rto=0.3", MAIL)
    assert time.monotonic() - started < 30
    assert not refused.value.permanent


def test_a_server_that_takes_its_time_to_examine_a_mail_gets_it_once(post: Post) -> None:
    post.delay = 0.7
    send(f"{post.url}&cto=0.3", MAIL)
    post.delay = 0
    send(f"{post.url}&cto=0.3", replace(MAIL, key="suivant"))
    assert (len(post.received), post.connections) == (2, 1)


def test_over_tls_nothing_leaves_in_clear(post: Post) -> None:
    url = post.url.replace("projetpartage://127", "projetpartages://moi:s3cret@127")
    with pytest.raises(TransportError) as refused:
        send(url, MAIL)
    assert not refused.value.permanent
    assert "s3cret" not in str(refused.value)
    assert post.received == []


@pytest.mark.parametrize(
    "url", ["", "rien", "rien://moi:s3cret@hote", "projetpartage://", "mailto://moi:s3cret@/", "json://"]
)
def test_an_apprise_address_that_means_nothing_keeps_the_mail_for_later_and_its_secrets_to_itself(
    url: str,
) -> None:
    with pytest.raises(TransportError, match="n’est pas comprise") as refused:
        send(url, MAIL)
    assert not refused.value.permanent
    assert "s3cret" not in str(refused.value)


# Other channels


@pytest.fixture
def hook() -> Iterator[int]:
    with open_hook() as port:
        yield port


def test_another_channel_gets_the_subject_and_the_text_part(hook: int) -> None:
    send(f"json://127.0.0.1:{hook}/", MAIL)
    (body,) = Hook.bodies
    assert "https://projets-partages.example/livrables/2?a=b&c=d" in body
    assert "Votre validation est attendue" in body
    assert "<p>" not in body


def test_another_channel_that_fails_is_an_error_without_the_secrets_of_its_address(hook: int) -> None:
    Hook.status = 500
    with pytest.raises(TransportError, match="json://") as failed:
        send(f"json://moi:s3cret@127.0.0.1:{hook}/jeton-s3cret", MAIL)
    assert not failed.value.permanent
    assert "s3cret" not in str(failed.value)


# The local catcher


def test_the_catcher_keeps_mails_in_a_maildir_that_outlives_it(tmp_path: Path) -> None:
    for number in range(2):
        with MailCatcher(folder=tmp_path / "boîte") as catcher:
            send(local_catcher_url(catcher.port), replace(MAIL, key=str(number)))
            hang_up()
    assert len(catcher.mails()) == 2
    assert {folder.name for folder in (tmp_path / "boîte").iterdir()} == {"cur", "new", "tmp"}


def test_the_catcher_ends_although_somebody_is_still_connected(tmp_path: Path) -> None:
    with MailCatcher(folder=tmp_path / "mail") as catcher:
        client = smtplib.SMTP("127.0.0.1", catcher.port)
        started = time.monotonic()
    assert time.monotonic() - started < 30
    client.close()


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_the_catcher_runs_as_a_program_and_ends_cleanly(tmp_path: Path, sign: signal.Signals) -> None:
    port, folder = free_port(), tmp_path / "mail"
    command = [
        sys.executable,
        "-m",
        "notifications.mail_catcher",
        "--port",
        str(port),
        "--folder",
        str(folder),
    ]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as program:
        assert program.stderr is not None
        is_announced = str(port) in program.stderr.readline()
        if is_announced:
            send(local_catcher_url(port), MAIL)
        program.send_signal(sign)
        out, err = program.communicate(timeout=60)
    hang_up()
    assert is_announced
    assert (program.returncode, out, err) == (0, "", "")
    assert len(list((folder / "new").iterdir())) == 1


def test_a_mail_that_the_catcher_cannot_keep_now_is_put_off_not_given_up(
    tmp_path: Path, catcher: MailCatcher
) -> None:
    folder = tmp_path / "mail" / "tmp"  # where a Maildir begins each mail
    folder.rmdir()
    with pytest.raises(TransportError, match="451") as refused:
        send(local_catcher_url(catcher.port), MAIL)
    assert not refused.value.permanent
    folder.mkdir()
    send(local_catcher_url(catcher.port), MAIL)
    assert len(catcher.mails()) == 1


def test_a_taken_port_is_told_in_one_sentence(tmp_path: Path, catcher: MailCatcher) -> None:
    command = [sys.executable, "-m", "notifications.mail_catcher", "--port", str(catcher.port)]
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [*command, "--folder", str(tmp_path / "other")], cwd=root, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"Le port {catcher.port} n’est pas libre")
    assert "Traceback" not in ended.stderr
