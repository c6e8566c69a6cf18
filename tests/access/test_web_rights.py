"""Every route, every role, the outsider and nobody: exactly the table of rights."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from cast import NIORT
from every_route import Route, address, every_route, words_of
from shelf import Shelf
from site_of_tests import Site, Visitor, site_of

from models.person import Role
from web.rights import NotYours, Permission

PUBLIC_READS = {
    "/", "/connexion", "/connexion/{token}", "/courrier/frequence/{token}", "/courrier/arret/{token}",
    "/agenda/{token}.ics", "/demo", "/accessibilite", "/mentions-legales", "/donnees-personnelles", "/licence",
    "/robots.txt", "/.well-known/security.txt", "/connexion/proconnect/retour", "/deconnexion/proconnect",
    "/publics", "/publics/{slug}", "/publics/{slug}/documents/{publication_id}", "/aide", "/aide/{name}",
    "/aide/images/{name}.png", "/sitemap.xml", "/healthz", "/readyz",
}  # fmt: skip
"""What anybody may open; all else asks who is there."""


class Everybody:
    """A site with its people in front of it."""

    def __init__(self, site: Site, open_: ExitStack) -> None:
        cast = site.cast
        self.site, self.words = site, words_of(site)
        people = {
            Role.observer: cast.observer,
            Role.contractor: cast.contractor,
            Role.local_contact: cast.contact(NIORT),
            Role.signatory: cast.mayor(NIORT),
            Role.agency_agent: cast.agent,
        }
        self.roles = {role: open_.enter_context(site.client(who)) for role, who in people.items()}
        self.outsider = open_.enter_context(site.client(cast.outsider))
        self.nobody = open_.enter_context(site.client())
        self._tokens: dict[Visitor, str] = {}

    def ask(self, who: Visitor, route: Route) -> tuple[int, str, str]:
        """The status, the text, and where one is sent."""
        if route.method == "GET":
            answer = who.get(address(route, self.words))
        else:
            token = self._tokens.setdefault(who, who.token())
            answer = who.http.request(route.method, address(route, self.words), data={"jeton": token})
        return answer.status_code, answer.text, answer.headers.get("location", "")


@pytest.fixture(scope="module")
def everybody(sqlite_shelf: Shelf) -> Iterator[Everybody]:
    cast = sqlite_shelf.take("consultation open")
    with ExitStack() as open_:
        open_.callback(sqlite_shelf.give_back, cast)
        yield Everybody(open_.enter_context(site_of(cast)), open_)


@pytest.fixture(scope="module")
def routes() -> list[Route]:
    return every_route()


def test_what_a_role_may_never_do_is_in_the_table() -> None:
    """Signing is not: `tests/signing/test_same_rule_on_every_path.py` has who may not."""
    assert Role.contractor not in Permission.record_paper.roles
    for act in (
        Permission.open_stage,
        Permission.invite,
        Permission.appoint,
        Permission.convene,
        Permission.extend,
    ):
        assert act.roles == {Role.agency_agent}
    of_observers = {act for act in Permission if Role.observer in act.roles}
    assert of_observers == {Permission.read, Permission.comment, Permission.accede, Permission.leave}


def test_every_permission_is_asked_somewhere(routes: list[Route]) -> None:
    assert {route.act for route in routes} >= set(Permission)


def test_every_page_of_a_project_asks_the_table(routes: list[Route]) -> None:
    bare = [str(one) for one in routes if one.path.startswith(("/projets/{", "/recus/")) and not one.act]
    assert bare == []


def test_all_that_changes_something_takes_a_form_of_ours(routes: list[Route], everybody: Everybody) -> None:
    """A form with no token, or another's, is refused whatever its fields; a link by mail is a token of its own."""
    by_link = ("/courrier/",)
    agent = everybody.roles[Role.agency_agent]
    for route in routes:
        if route.method == "GET" or route.path.startswith(by_link) or "from_our_page" in route.guards:
            continue
        for jeton in ("", "0" * 64):
            path = address(route, everybody.words)
            as_form = agent.http.request(route.method, path, data={"jeton": jeton})
            as_upload = agent.http.request(
                route.method, path, data={"jeton": jeton}, files={"fichier": ("a.txt", b"a")}
            )
            assert as_form.status_code in (400, 403), f"{route}: {as_form.status_code}"
            assert as_upload.status_code in (400, 403), f"{route}: {as_upload.status_code}"


def test_anonymous_visitors_are_sent_to_sign_in_except_on_public_pages(
    routes: list[Route], everybody: Everybody
) -> None:
    for route in routes:
        status, _, location = everybody.ask(everybody.nobody, route)
        is_led_away = status == 303 and location.startswith("/connexion?suite=")
        if route.act or "signed_in" in route.guards:
            is_refused = route.method != "GET" and status in (400, 403)
            assert is_led_away or is_refused, f"{route}: {status}"
        elif route.method == "GET":
            assert not is_led_away, f"{route}: {status}"
            assert route.path in PUBLIC_READS, f"{route} s’ouvre à tout le monde : est-ce voulu ?"


def test_an_outsider_does_not_learn_that_there_is_such_a_project(
    routes: list[Route], everybody: Everybody
) -> None:
    for route in routes:
        if route.act and "{" in route.path:
            status, text, _ = everybody.ask(everybody.outsider, route)
            assert status == 404, f"{route}: {status}"
            assert everybody.site.cast.project().title not in text


def test_the_table_is_what_each_role_meets(routes: list[Route], everybody: Everybody) -> None:
    for route in routes:
        if route.act is None:
            continue
        no = str(NotYours(route.act)).split(" : ")[0].replace("’", "’")
        for role, who in everybody.roles.items():
            status, text, location = everybody.ask(who, route)
            if role in route.act.roles:
                assert no not in text, f"{route} refuse {role}"
                # What somebody else has just undone may be gone for the next one who asks.
                assert status != 500, f"{route}, {role}: {status}"
                assert status != 404 or route.method == "POST", f"{route}, {role}: {status}"
                assert not location.startswith("/connexion"), f"{route}, {role}"
            else:
                assert (status, no in text) == (403, True), f"{route}, {role}: {status}"
