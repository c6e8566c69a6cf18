"""The connections that mails leave by, and what can go wrong on them."""

import gc
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from mail_examples import MAIL
from post_office import Post, free_port, open_post

from notifications.mail import TransportError, local_catcher_url, send


@pytest.fixture
def post() -> Iterator[Post]:
    with open_post() as post:
        yield post


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
    with pytest.raises(TransportError, match="PROJET_PARTAGE_APPRISE_URLS") as refused:
        send(url, MAIL)
    assert not refused.value.permanent
    assert "s3cret" not in str(refused.value)
