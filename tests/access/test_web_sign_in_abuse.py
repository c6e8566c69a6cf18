"""A thousand links are asked for in a mayor's place, from one network and from many: the mayor still enters."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import anyio
import httpx
import pytest
from cast import NIORT, Cast
from fastapi import FastAPI, Request
from site_of_tests import SECRET

from models.web_session import MOST_BY_ADDRESS, MOST_BY_ORIGIN, SignInAttempt
from notifications.mail_catcher import MailCatcher
from settings import Settings
from web.access import link_post
from web.app import make_app
from web.server.protections import FORMS_AT_ONCE, network_of

AT_HOME = "198.51.100.20"


class Street:
    """The published pages, in front of which anybody stands at a network address of their own."""

    def __init__(self, cast: Cast, post: MailCatcher) -> None:
        self.cast, self.post, self.email = cast, post, cast.mayor_email(NIORT)
        settings = Settings(
            _env_file=None, data_dir=cast.folder, secret_key=SECRET, base_url="https://projets.example",
            mail_port=post.port,
        )  # fmt: skip
        self.app = make_app(cast.db, settings)

    def send(self, calls: list[tuple[str, str, dict[str, str]]]) -> list[httpx.Response]:
        """POST each ``(from, path, fields)``, one after the other."""

        async def all_of_them() -> list[httpx.Response]:
            return [await self._post(*call) for call in calls]

        return anyio.run(all_of_them)

    async def _post(self, host: str, path: str, fields: dict[str, str]) -> httpx.Response:
        way = httpx.ASGITransport(self.app, client=(host, 4000))
        async with httpx.AsyncClient(transport=way, base_url="https://projets.example") as client:
            return await client.post(path, data=fields)

    def ask(self, *hosts: str, email: str | None = None) -> list[int]:
        """The statuses of as many requests for a link as there are network addresses."""
        fields = {"adresse": email or self.email}
        return [answer.status_code for answer in self.send([(host, "/connexion", fields) for host in hosts])]

    def mayor_enters(self) -> bool:
        """The mayor asks from home, opens the newest mail they have, and presses the button."""
        assert self.ask(AT_HOME) == [200]
        newest = self.post.mails()[-1]
        assert newest["To"].addresses[0].addr_spec == self.email
        path = re.search(r"/connexion/[\w-]+", newest.get_body(("plain",)).get_content())
        assert path
        (answer,) = self.send([(AT_HOME, path[0], {})])
        return answer.status_code == 303 and "session=" in answer.headers["set-cookie"]


@pytest.fixture
def street(at: Callable[[str], Cast], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Street]:
    monkeypatch.setattr(link_post, "SOONEST", 0)
    monkeypatch.setattr(link_post, "LATEST", 1)
    with MailCatcher(tmp_path / "mail") as post:
        yield Street(at("met"), post)


def attempts(street: Street) -> int:
    return len(street.cast.all(SignInAttempt))


@pytest.mark.trials
def test_a_thousand_requests_from_one_network_do_not_keep_the_mayor_out(street: Street) -> None:
    """Each from another address of one /64: beyond what its forms may send, they are not even counted."""
    statuses = street.ask(*(f"2001:db8:1:2:{number:x}::1" for number in range(1000)))
    assert statuses[:FORMS_AT_ONCE] == [200] * FORMS_AT_ONCE
    assert statuses.count(429) > 800
    assert attempts(street) == MOST_BY_ADDRESS
    assert len(street.post.mails()) == MOST_BY_ADDRESS
    assert street.mayor_enters()


def test_requests_from_hundreds_of_networks_do_not_keep_the_mayor_out(street: Street) -> None:
    statuses = street.ask(*(f"2001:db8:1:{number:x}::1" for number in range(300)))
    assert set(statuses) == {200}
    assert len(street.post.mails()) == MOST_BY_ADDRESS
    assert street.mayor_enters()


def test_who_asks_for_many_people_from_one_network_reaches_each_once_at_a_time(street: Street) -> None:
    """Beyond the limit of the network, each mailbox that has no link gets one, and no second one."""
    for number in range(MOST_BY_ORIGIN):
        street.ask(f"2001:db8:1:2::{number:x}", email=f"{number}@ailleurs.example")
    street.ask(*["2001:db8:1:2::5"] * 10)
    assert len(street.post.mails()) == 1
    assert attempts(street) == MOST_BY_ORIGIN
    assert street.mayor_enters()


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("un-nom", "un-nom"),
    ],
)
def test_one_origin_is_an_ipv4_address_or_an_ipv6_network(host: str, network: str) -> None:
    assert (
        network_of(Request({"type": "http", "app": FastAPI(), "client": (host, 1), "headers": []})) == network
    )
