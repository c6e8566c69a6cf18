"""The addresses in a digest say for whom it was, as those of the other mails do; in a channel they tell nobody."""

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from cast import NIORT
from other_readers import person
from site_of_tests import SECRET, Site

from actions.mail.claim_notices import claim_notices
from actions.mail.deliver import message_values
from notifications.personal_links import LinkUse, PersonalLinks
from queries.mail.claimed import ClaimedNotice, WayOut


@pytest.fixture
def review(site: Callable[..., Site]) -> Site:
    return site("constitution in review")


def owed(site: Site, message: str) -> ClaimedNotice:
    claimed = claim_notices(site.cast.db, now=site.cast.now, most=500)
    return next(each for each in claimed if each.message == message)


def test_each_address_of_a_digest_says_to_whom_it_was_sent(review: Site) -> None:
    mayor = person(review, review.cast.mayor(NIORT))
    request = owed(review, "sign_off_requested")
    project = {
        "title": "Un projet", "slug": "un-projet", "agent_name": "Camille", "agent_email": "c@anct.example",
        "state": None, "link_path": "/projets/un-projet",
        "items": [{"text": "La charte", "path": "/projets/un-projet/livrables/1#commentaire-2"}], "news": [],
    }  # fmt: skip
    payload = {"day": "2026-11-30", "path": "/a-faire", "projects": [project]}
    digest = replace(
        request,
        message="daily_digest",
        payload=payload,
        recipient_id=mayor.id or 0,
        links_version=mayor.links_version,
    )
    links = PersonalLinks(SECRET, "https://projets.example")
    values = message_values(digest, payload, "https://projets.example", links)
    told = values["projects"][0]
    addresses = [values["link"], told["link"], told["items"][0]["link"]]
    for address in addresses:
        (word,) = parse_qs(urlsplit(address).query)["qui"]
        assert links.read(LinkUse.reader, word) == (mayor.id, mayor.links_version)
    assert addresses[2].endswith("#commentaire-2")
    shared = replace(digest, channel=WayOut(1, "Salon", "", False))
    assert "qui=" not in str(message_values(shared, payload, "https://projets.example", links)["projects"])
