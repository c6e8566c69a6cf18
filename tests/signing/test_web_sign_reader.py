"""The word in a mail's address that says to whom it was sent: it fills in an address, and opens nothing."""

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from cast import NIORT
from site_of_tests import SECRET, Site

from actions.mail.claim_notices import claim_notices
from actions.mail.deliver import message_values
from actions.people.personal_link import renew_links
from models.person import SYSTEM, Person
from notifications.personal_links import LinkUse, PersonalLinks
from queries.mail.claimed import ClaimedNotice, WayOut

TakeSite = Callable[..., Site]
NOTE = "note_de_cadrage"


@pytest.fixture
def review(site: TakeSite) -> Site:
    return site("constitution in review")


def person(site: Site) -> Person:
    with site.cast.db.read() as session:
        return session.get_one(Person, site.cast.mayor(NIORT).person_id)


def links(site: Site) -> PersonalLinks:
    return PersonalLinks(SECRET, site.address)


def address(site: Site) -> str:
    """The address in the mail of the mayor, on this site."""
    mayor = person(site)
    return links(site).for_reader(site.deliverable(NOTE), mayor.id or 0, mayor.links_version)


def filled_in(site: Site, path: str) -> str:
    """What stands in the field of the way in, for somebody who opens this address."""
    with site.client() as visitor:
        led = visitor.get(path)
        assert led.status_code == 303
        page = visitor.read(led.headers["location"])
    field = re.search(r'name="adresse" value="([^"]*)"', page)
    assert field
    return field[1]


def test_the_mail_of_a_sign_off_leads_to_the_page_of_the_deliverable(review: Site) -> None:
    invitation = asked(review)
    values = message_values(invitation, invitation.payload, "https://projets.example", links(review))
    parts = urlsplit(values["link"])
    assert parts.path == review.deliverable(NOTE)
    mayor = person(review)
    (word,) = parse_qs(parts.query)["qui"]
    assert links(review).read(LinkUse.reader, word) == (mayor.id, mayor.links_version)


def asked(site: Site) -> ClaimedNotice:
    mayor = site.cast.mayor(NIORT).person_id
    owed = claim_notices(site.cast.db, now=site.cast.now, most=500)
    return next(each for each in owed if each.message == "sign_off_requested" and each.recipient_id == mayor)


def test_a_channel_that_many_read_tells_nobody_s_address(review: Site) -> None:
    shared = replace(asked(review), channel=WayOut(1, "Salon", "", False))
    values = message_values(shared, shared.payload, "https://projets.example", links(review))
    assert values["link"] == f"https://projets.example{review.deliverable(NOTE)}"


def test_the_address_is_filled_in_for_who_comes_from_the_mail(review: Site) -> None:
    assert filled_in(review, address(review)) == person(review).email
    assert filled_in(review, review.deliverable(NOTE)) == ""


def test_the_word_opens_nothing(review: Site) -> None:
    with review.client() as visitor:
        answer = visitor.get(address(review))
        assert answer.headers["location"].startswith("/connexion?")
        assert "set-cookie" not in answer.headers
        assert "suite=" in answer.headers["location"]
        assert "qui%3D" not in answer.headers["location"]


@pytest.mark.parametrize("word", ["faux", "WzEsMF0.AAAA", "", "\u00e9" * 300])
def test_a_word_that_is_not_ours_fills_in_nothing(review: Site, word: str) -> None:
    assert filled_in(review, f"{review.deliverable(NOTE)}?qui={word}") == ""


def test_a_word_for_another_use_or_of_before_new_links_fills_in_nothing(review: Site) -> None:
    mayor = person(review)
    other = links(review).frequency(mayor.id or 0, mayor.links_version).rpartition("/")[2]
    assert filled_in(review, f"{review.deliverable(NOTE)}?qui={other}") == ""
    old = address(review)
    renew_links(review.cast.db, SYSTEM, mayor.email, now=review.cast.now)
    assert filled_in(review, old) == ""


def test_who_is_in_goes_on_to_an_address_without_the_word(review: Site) -> None:
    with review.client(review.cast.mayor(NIORT)) as mayor:
        answer = mayor.get(f"{address(review)}&page=2")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{review.deliverable(NOTE)}?page=2")


def test_another_query_and_a_place_in_the_page_stay(review: Site) -> None:
    whole = links(review).for_reader("https://a.example/projets/x?page=2#livrable-1", 1, 0)
    assert whole.startswith("https://a.example/projets/x?page=2&qui=")
    assert whole.endswith("#livrable-1")
