"""Every page there is, with a real address and somebody in front of it: what judges the pages goes through them all.

The routes are found in the application: a page that is added and has no address here makes a test fail.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import httpx
from asked_links import ask_for_link
from cast import NIORT, Cast
from every_route import Route, address, every_route, words_of
from shelf import Shelf
from site_of_tests import SECRET, Site, site_of

from actions.people.add_person import ensure_person
from models.person import SYSTEM, Actor, Person, Role
from models.publication import Publication
from notifications.personal_links import PersonalLinks
from web.access.signed_in import COOKIE

AT_WORK = "diagnosis in review"
ELSEWHEN = {"/publics": "over", "/projets/{slug}/etapes/consultation/volets/": "consultation open"}
"""Where pages of these beginnings have something to show: not while the diagnosis is in review."""
NO_PAGES = ("/connexion/proconnect/retour", "/deconnexion/proconnect", "/healthz", "/readyz")
"""Where ProConnect sends one back, who is sent on at once: tested with a real provider; and what a monitor reads."""
GUIDES = {"/aide/{name}": "/aide/villes", "/aide/images/{name}.png": "/aide/images/villes-a-faire.png"}
Who = Callable[[Cast], Actor]
PEOPLE: dict[str, tuple[Role | None, Who | None]] = {
    "agent": (Role.agency_agent, lambda cast: cast.agent),
    "mayor": (Role.signatory, lambda cast: cast.mayor(NIORT)),
    "contact": (Role.local_contact, lambda cast: cast.contact(NIORT)),
    "contractor": (Role.contractor, lambda cast: cast.contractor),
    "observer": (Role.observer, lambda cast: cast.observer),
    "nobody": (None, None),
}


class Visits:
    """The project at each moment that the pages need, served, with its people."""

    def __init__(self, shelf: Shelf, open_: ExitStack, **settings: object) -> None:
        self._sites: dict[str, Site] = {}
        for point in dict.fromkeys((AT_WORK, *ELSEWHEN.values())):
            cast = shelf.take(point)
            if point == AT_WORK:
                cast.submit("diagnostic", NIORT)  # a second version: there is something to compare
            open_.callback(shelf.give_back, cast)
            self._sites[point] = open_.enter_context(site_of(cast, **settings))
        self._words = {point: _words(point, site) for point, site in self._sites.items()}
        self._cookies: dict[tuple[str, str], dict[str, str]] = {}
        self._clients: dict[str, httpx.Client] = {}
        for site in self._sites.values():
            client = httpx.Client(base_url=site.address, trust_env=False, timeout=60)
            self._clients[site.address] = open_.enter_context(client)

    def sites(self) -> list[Site]:
        """The project at each moment."""
        return list(self._sites.values())

    def site(self, route: Route) -> Site:
        """Where the page has something to show."""
        return self._sites[_point(route)]

    def address(self, route: Route) -> str:
        """A real address of the page."""
        return address(route, self._words[_point(route)])

    def cookies(self, site: Site, name: str) -> dict[str, str]:
        """Of one of ``PEOPLE``, signed in there."""
        _, who = PEOPLE[name]
        if (site.address, name) not in self._cookies:
            self._cookies[site.address, name] = {COOKIE: site.session_of(who(site.cast))} if who else {}
        return self._cookies[site.address, name]

    def ask(self, route: Route, name: str) -> httpx.Response:
        """What one of ``PEOPLE`` is answered there; no redirection is followed."""
        return self.request(self.site(route), route.method, self.address(route), name)

    def request(self, site: Site, method: str, path: str, name: str) -> httpx.Response:
        """The same of any address."""
        cookie_header = "; ".join(f"{key}={value}" for key, value in self.cookies(site, name).items())
        # Each time anew: what an answer puts among the cookies is its reader's alone.
        self._clients[site.address].cookies.clear()
        headers = {"Cookie": cookie_header} if cookie_header else {}
        return self._clients[site.address].request(method, path, headers=headers)

    def other_faces(self) -> list[tuple[Site, str, str, int]]:
        """What some routes show besides, at an address of its own: its site, its path, its reader, its status."""
        site = self._sites[AT_WORK]
        asks_who = f"/connexion/{_link_of_a_shared_mailbox(site.cast)}"
        return [
            (site, asks_who, "nobody", 200),
            (site, asks_who, "mayor", 200),
            (site, "/connexion/perdu", "nobody", 404),
            (site, "/nulle-part", "nobody", 404),
            (site, "/publics/nulle-part", "nobody", 404),
        ]


def pages() -> list[Route]:
    """The routes that somebody reads."""
    return [route for route in every_route() if route.method == "GET" and route.path not in NO_PAGES]


def _point(route: Route) -> str:
    return next((point for start, point in ELSEWHEN.items() if route.path.startswith(start)), AT_WORK)


def _words(point: str, site: Site) -> dict[str, str]:
    """Beside what every address may hold: whole addresses that are secret, or depend on the moment."""
    cast = site.cast
    published = [str(row.id) for row in cast.all(Publication)]  # type: ignore[attr-defined]
    own = {"publication_id": published[0]} if published else {}
    if point == AT_WORK:
        cast.submit("synthese_croisee")
        twice = cast.deliverable("synthese_croisee").id
        own["/projets/{slug}/livrables/{deliverable_id}/comparer"] = (
            f"{site.project}/livrables/{twice}/comparer"
        )
        cast.sign("synthese_croisee", NIORT)
        cast.submit("synthese_croisee", minor="Une coquille")  # Niort may object to it
        own["/projets/{slug}/livrables/{deliverable_id}/objection"] = (
            f"{site.project}/livrables/{twice}/objection"
        )
    return words_of(site) | GUIDES | own | dict(_secrets(cast))


def _secrets(cast: Cast) -> Iterator[tuple[str, str]]:
    """The secret addresses of the contact of Niort."""
    number = cast.contact(NIORT).person_id
    with cast.db.read() as session:
        person = session.get_one(Person, number)
    links = PersonalLinks(SECRET, "")
    owner = (number, person.links_version)
    yield "/courrier/frequence/{token}", links.frequency(*owner)
    yield "/courrier/arret/{token}", links.one_click(*owner)
    yield "/agenda/{token}.ics", links.calendar(*owner)
    asked = ask_for_link(cast.db, person.email, now=datetime.now(UTC))
    assert asked
    yield "/connexion/{token}", f"/connexion/{asked.token}"


def _link_of_a_shared_mailbox(cast: Cast) -> str:
    """The token of a link that asks which of two persons enters."""
    now = datetime.now(UTC)
    with cast.db.write() as session:
        for name in ("Rose Guillou", "Malo Nouvel"):
            ensure_person(session, "mairie@lannion.example", name, now, SYSTEM, shares_mailbox=True)
    asked = ask_for_link(cast.db, "mairie@lannion.example", now=now)
    assert asked
    return asked.token
