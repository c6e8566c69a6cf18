"""What follows a request for a link, behind its answer: the same conversation with the mail server for a stranger."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import anyio
import pytest
import sqlalchemy as sa
from cast import NIORT, Cast
from sqlmodel import select

from actions.access.sign_in_links import LinkRequest, link_recipients
from models.web_session import MOST_BY_ADDRESS, SignInLink
from notifications import mail as mails
from notifications.mail import local_catcher_url
from notifications.mail_catcher import MailCatcher
from notifications.outgoing_mail import OutgoingMail
from notifications.smtp_connection import SmtpConnection
from web.access import link_post
from web.access.link_post import REHEARSED_AT_ONCE, LinkPost

STRANGER = "personne@ailleurs.example"


@pytest.fixture
def cast(at: Callable[[str], Cast]) -> Cast:
    return at("met")


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[MailCatcher]:
    with MailCatcher(tmp_path / "mail") as catcher:
        yield catcher


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_post, "SOONEST", 0)
    monkeypatch.setattr(link_post, "LATEST", 1)


def post(cast: Cast, catcher: MailCatcher, *emails: str, is_within: bool = True) -> None:
    """Answer these requests, all at once."""
    sender = LinkPost(cast.db, "https://projets.example", local_catcher_url(catcher.port))

    async def answer() -> None:
        async with anyio.create_task_group() as requests:
            for email in emails:
                requests.start_soon(sender.answer, LinkRequest(email, "", "/a-faire"), is_within)

    anyio.run(answer)


def test_a_person_gets_a_link_that_opens_and_a_stranger_nothing(cast: Cast, catcher: MailCatcher) -> None:
    mayor = cast.mayor_email(NIORT)
    post(cast, catcher, mayor, STRANGER)
    (received,) = catcher.mails()
    assert received["To"].addresses[0].addr_spec == mayor
    token = re.search(r"/connexion/([\w-]+)", received.get_body(("plain",)).get_content())
    assert token
    assert link_recipients(cast.db, token[1], now=datetime.now(UTC))[0][0] == cast.mayor(NIORT).person_id


def test_for_a_stranger_a_mail_is_written_and_its_server_spoken_to(
    cast: Cast, catcher: MailCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    begin, write = SmtpConnection._begin, link_post.render

    def note(name: str, act: Callable[..., object]) -> Callable[..., object]:
        return lambda *args, **options: done.append(name) or act(*args, **options)

    monkeypatch.setattr(SmtpConnection, "_begin", note("begin", begin))
    monkeypatch.setattr(link_post, "render", note("render", write))
    each = []
    for email in (cast.mayor_email(NIORT), STRANGER):
        done.clear()
        post(cast, catcher, email)
        each.append(list(done))
    assert each == [["render", "begin"]] * 2
    assert len(catcher.mails()) == 1


def test_a_mail_that_does_not_leave_is_logged_and_its_link_is_forgotten(
    cast: Cast, catcher: MailCatcher, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(url: str, mail: OutgoingMail) -> None:
        raise mails.TransportError("Le serveur de messagerie refuse.", permanent=False)

    monkeypatch.setattr(link_post, "send", refuse)
    post(cast, catcher, cast.mayor_email(NIORT))
    assert "le lien de connexion n’est pas parti" in caplog.text
    with cast.db.read() as session:
        assert session.exec(select(SignInLink)).all() == []


def test_a_database_that_goes_away_after_the_answer_is_told_in_the_log(
    cast: Cast, catcher: MailCatcher, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise sa.exc.TimeoutError("no turn to write within 30 s")

    monkeypatch.setattr(link_post, "make_link", fail)
    post(cast, catcher, cast.mayor_email(NIORT))
    assert "un lien de connexion n’est pas parti : La base de données est occupée" in caplog.text
    assert cast.mayor_email(NIORT) not in caplog.text


def test_a_server_that_is_away_is_no_error_for_a_stranger(cast: Cast, catcher: MailCatcher) -> None:
    gone = LinkPost(cast.db, "https://projets.example", local_catcher_url(1))
    anyio.run(gone.answer, LinkRequest(STRANGER, "", "/"), True)


def test_a_flood_of_strangers_is_not_rehearsed_and_delays_nobody(
    cast: Cast, catcher: MailCatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    rehearsed: list[str] = []
    monkeypatch.setattr(link_post, "rehearse", lambda url, mail: rehearsed.append(url))
    flood = [f"{number}@ailleurs.example" for number in range(2 * REHEARSED_AT_ONCE)]
    post(cast, catcher, *flood, cast.mayor_email(NIORT))
    assert REHEARSED_AT_ONCE - 1 <= len(rehearsed) < len(flood)
    assert len(catcher.mails()) == 1


def test_beyond_the_limits_one_mail_at_a_time(cast: Cast, catcher: MailCatcher) -> None:
    for _ in range(MOST_BY_ADDRESS):
        post(cast, catcher, cast.mayor_email(NIORT), is_within=False)
    assert len(catcher.mails()) == 1
