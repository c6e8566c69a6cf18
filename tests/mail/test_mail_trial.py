"""The mail settings are tried against real servers as far as a sender goes, and what is wrong is named."""

import shutil
import threading
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from post_office import free_port
from strict_post import PASSWORD, SENDER, USER, make_certificate, no_mail_server, strict_post

from commands.mail_at_start import MailAtStart
from notifications import mail_trial
from notifications.mail_trial import MailProbe, try_ways_out
from notifications.way_out import check_ways_out


def address(
    port: int, *, schema: str = "mailto", password: str = PASSWORD, more: str = "", sender: str = SENDER
) -> str:
    login = f"{quote(USER, safe='')}:{quote(password, safe='')}"
    url = f"{schema}://{login}@127.0.0.1:{port}?from={sender}{more}"
    check_ways_out(url)
    return url


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("openssl n’est pas là pour faire un certificat")
    return make_certificate(tmp_path_factory.mktemp("certificate"))


def only(troubles: list[str]) -> str:
    (trouble,) = troubles
    assert PASSWORD not in trouble
    assert "s3cr" not in trouble
    return trouble.replace("\u00a0", " ")


def test_a_server_that_takes_us_is_told_of_no_recipient() -> None:
    with strict_post() as (post, port):
        assert try_ways_out([address(port), "json://127.0.0.1:9"]) == []
    assert (post.logins, post.senders, post.recipients) == ([(USER, PASSWORD)], [SENDER], [])


@pytest.mark.parametrize("mode", ["starttls", "ssl"])
def test_a_server_over_tls_is_tried_over_tls(certificate: Path, mode: str) -> None:
    with strict_post(mode, certificate) as (post, port):
        url = address(port, schema="mailtos", more=f"&mode={mode}")
        assert "certificat qui n’est pas valable" in only(try_ways_out([url]))
        assert post.logins == []
        assert try_ways_out([f"{url}&verify=no"]) == []
        assert post.logins == [(USER, PASSWORD)]


def test_tls_spoken_the_wrong_way_says_which_mode_goes_with_which_port() -> None:
    with strict_post() as (post, port):
        at_once = only(try_ways_out([address(port, schema="mailtos", more="&mode=ssl")]))
        later = only(try_ways_out([address(port, schema="mailtos")]))
    assert "« mode=ssl » avec le port 465" in at_once
    assert "rien ne part en clair" in later
    assert post.logins == []


def test_a_login_that_is_refused_is_named() -> None:
    with strict_post() as (_, port):
        trouble = only(try_ways_out([address(port, password="another")]))
    assert "refuse notre identification (535) : vérifiez l’identifiant et le mot de passe" in trouble
    assert "PROJET_PARTAGE_APPRISE_URLS" in trouble


def test_a_sender_that_is_refused_is_named() -> None:
    with strict_post() as (_, port):
        trouble = only(try_ways_out([address(port, sender="maire@ailleurs.example")]))
    assert (
        "refuse l’expéditeur maire@ailleurs.example : corrigez « from » dans PROJET_PARTAGE_APPRISE_URLS"
        in trouble
    )


@pytest.mark.parametrize(
    ("first_words", "reason"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "ne parle pas SMTP : vérifiez le port"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", "ne parle pas SMTP"),
        (b"554 5.7.1 go away\r\n", "ne veut pas de nous (554)"),
        (b"", "a coupé la conversation"),
    ],
)
def test_what_is_no_mail_server_is_named(first_words: bytes, reason: str) -> None:
    with no_mail_server(first_words) as port:
        assert reason in only(try_ways_out([address(port)]))


def test_a_closed_port_and_a_name_that_nobody_has_are_named() -> None:
    closed, unknown = (
        f"mailto://127.0.0.1:{free_port()}?from={SENDER}",
        f"mailto://nobody.invalid?from={SENDER}",
    )
    troubles = [each.replace("\u00a0", " ") for each in try_ways_out([closed, unknown])]
    assert "refuse la connexion" in troubles[0]
    assert "nobody.invalid:25 est introuvable : vérifiez son nom" in troubles[1]


def test_silent_servers_are_tried_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_trial, "SECONDS_PER_WORD", 0.5)
    with no_mail_server(None) as port:
        began = time.monotonic()
        troubles = try_ways_out([address(port)] * 8)
    assert time.monotonic() - began < 3, "one after the other they take 4 s"
    assert len(troubles) == 8
    assert all("n’a pas répondu à temps" in each for each in troubles)


def test_a_server_that_never_ends_is_left_when_the_time_is_over() -> None:
    with no_mail_server(None) as port:
        assert try_ways_out([address(port)], seconds=0.1) == [mail_trial.NO_ANSWER]


def test_at_start_what_is_wrong_is_said_and_the_mail_waits() -> None:
    (line,) = MailAtStart(f"mailto://127.0.0.1:{free_port()}?from={SENDER}").lines()
    assert line.startswith("Attention\u00a0: Le serveur de messagerie 127.0.0.1:")
    assert line.endswith("il partira de lui-même dès que ce sera réparé.")
    assert MailAtStart("").lines() == []


def test_the_probe_never_waits_and_tries_again_what_was_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail_trial, "SECONDS_ILL", 0.0)
    answers = iter([["Il est en panne."], []])
    tried = threading.Semaphore(0)

    def tries(urls: object) -> list[str]:
        tried.release()
        return next(answers)

    probe = MailProbe([f"mailto://127.0.0.1?from={SENDER}"], tries)
    assert probe() == ""
    wait_for(lambda: probe._text == "Il est en panne.")
    assert probe() == "Il est en panne."
    wait_for(lambda: probe._text == "")
    for _ in range(20):
        assert probe() == ""  # well: not tried again for a while
    assert tried._value == 2  # type: ignore[attr-defined]


def wait_for(is_so: object) -> None:
    until = time.monotonic() + 30
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < until
        time.sleep(0.01)
