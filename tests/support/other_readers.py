"""A mail of the mayor of Niort, opened by somebody else: its address, and what the pages then hold."""

import re
from html import unescape

from asked_links import ask_for_link
from cast import BOURGES, NIORT
from site_of_tests import SECRET, Site

from models.person import Actor, Person
from notifications.personal_links import PersonalLinks

NOTE = "note_de_cadrage"


def person(site: Site, who: Actor) -> Person:
    with site.cast.db.read() as session:
        return session.get_one(Person, who.person_id)


def mail_link(site: Site, who: Actor, secret: str = SECRET, path: str = "") -> str:
    """The address of the deliverable's page in a mail to this person."""
    own = person(site, who)
    links = PersonalLinks(secret, site.address)
    return links.for_reader(path or site.deliverable(NOTE), own.id or 0, own.links_version)


def names(site: Site) -> tuple[str, str]:
    """Whose the mail was, and who is there."""
    return person(site, site.cast.mayor(NIORT)).name, person(site, site.cast.mayor(BOURGES)).name


def fields(page: str) -> dict[str, str]:
    """The hidden fields of the page's own form."""
    main = page[page.index("<main") :]
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', main)
    return {name: unescape(value) for name, value in hidden}


def link_of(site: Site, who: Actor) -> str:
    """The path of a sign-in link mailed to this person."""
    link = ask_for_link(site.cast.db, person(site, who).email, now=site.cast.now)
    assert link
    return f"/connexion/{link.token}"
