"""Somebody who acts or signs for two parties (a mayor who presides over the EPCI) is asked for each, distinctly."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from api import Api
from cast import BOURGES, NIORT, Cast
from owed_mails import filled, owed, write
from reminding import moment
from site_of_tests import Site
from sqlmodel import col

from actions.stages.ask import ask_for_strands
from models.person import Actor, Mandate, Role
from notifications.digest_messages import DigestItem
from queries.reminders.preview import preview_reminders

At = Callable[[str], Cast]
NOTE, NAMES = "note_de_cadrage", {"Niort", "Bourges"}


def acts_for_both(cast: Cast) -> tuple[Actor, Actor]:
    """The mayor and the contact of Niort are those of Bourges too."""
    people = {Role.signatory: cast.mayor(NIORT), Role.local_contact: cast.contact(NIORT)}
    with cast.db.write() as session:
        for role, who in people.items():
            theirs = sa.update(Mandate).where(
                col(Mandate.role) == role, col(Mandate.authority_code) == BOURGES
            )
            session.connection().execute(theirs.values(person_id=who.person_id))
    return people[Role.signatory], people[Role.local_contact]


class Mails:
    """All that is owed, in words."""

    def __init__(self, cast: Cast) -> None:
        self._mails = [
            (each.message, each.recipient_id, write(filled(cast, each)).replace("\u00a0", " "))
            for each in owed(cast)
            if not each.is_receipt
        ]

    def parties(self, who: Actor, message: str, words: str) -> set[str]:
        """The parties that the mails of this message to this person are about, one each; ``words`` names them."""
        mails = [text for name, reader, text in self._mails if (name, reader) == (message, who.person_id)]
        found = [name for text in mails for name in NAMES if words.format(name) in text]
        assert len(found) == len(mails), mails
        assert len(set(found)) == len(found), mails
        return set(found)


def test_each_mail_that_asks_something_is_sent_for_each_party_and_names_it(at: At) -> None:
    cast = at("met")
    mayor, contact = acts_for_both(cast)
    cast.review("constitution")
    cast.sign(NOTE, NIORT, actor=mayor)
    cast.submit(NOTE)
    mails = Mails(cast)
    assert mails.parties(contact, "stage_opened_for_contact", "s’ouvrir pour {} et") == NAMES
    assert mails.parties(mayor, "stage_opened_for_signatory", "vous validerez pour {} :") == NAMES
    assert mails.parties(mayor, "sign_off_requested", "attend la validation de {}") == NAMES
    assert mails.parties(mayor, "sign_off_fell", "votre validation pour {} est à redonner") == {"Niort"}
    assert mails.parties(mayor, "new_version_submitted", "est à lire pour {}") == {"Bourges"}


def test_the_contact_of_two_cities_is_asked_for_the_strands_of_each_and_hears_what_each_promises(
    at: At,
) -> None:
    cast = at("charter in review")
    cast.sign_all("charter")
    _, contact = acts_for_both(cast)
    cast.end("charter")
    assert Mails(cast).parties(contact, "commitments_created", "{} y prend") == NAMES
    cast = at("consultation open")
    _, contact = acts_for_both(cast)
    ask_for_strands(cast.db, cast.stage_id("consultation"), now=cast.now)
    assert Mails(cast).parties(contact, "strands_requested", "concertation de {} peut") == NAMES


def test_the_digest_has_a_line_for_each_party(at: At) -> None:
    cast = at("charter in review")
    mayor, _ = acts_for_both(cast)
    day = cast.stage("charter").due_on or cast.today
    cast.set_clock(moment(day, 7))
    (digest,) = (
        each for each in preview_reminders(cast.db, day=day, now=cast.now)
        if each.email == cast.mayor_email(NIORT)
    )  # fmt: skip
    assert {line.party for line in digest.lines} == NAMES
    assert len(digest.lines) == 2
    assert mayor.person_id == digest.lines[0].recipient_id


def test_the_page_of_the_deliverable_and_the_list_have_both_seats(site: Callable[..., Site]) -> None:
    review = site("constitution in review")
    mayor, _ = acts_for_both(review.cast)
    with review.client(mayor) as visitor:
        page = visitor.read(review.deliverable(NOTE))
        assert {name for name in NAMES if f"Votre réponse pour {name}" in page} == NAMES
        assert pending_of(visitor.read("/a-faire")) == NAMES
        review.cast.sign(NOTE, NIORT, actor=mayor)
        assert pending_of(visitor.read("/a-faire")) == {"Bourges"}


def pending_of(page: str) -> set[str]:
    return {name for name in NAMES if f"pour {name}</a>" in page}


def test_the_api_lists_both_seats_and_takes_an_answer_for_each(api: Callable[..., Api]) -> None:
    here = api("constitution in review")
    mayor, _ = acts_for_both(here.cast)
    asked = here.get(mayor, "/me/pending").json()
    assert {each["party"] for each in asked if each["kind"] == "sign_off"} == NAMES
    assert len({each["subject"] for each in asked}) == len(asked)
    sha256 = here.cast.deliverable(NOTE).sha256
    for code in (NIORT, BOURGES):
        body = {"party": code, "sha256": sha256, "decision": "approved"}
        answer = here.post(mayor, f"./stages/constitution/deliverables/{NOTE}/sign-offs", json=body)
        assert answer.status_code == 201, answer.text
    assert [each.party_id for each in here.cast.sign_offs(NOTE)] == [
        here.cast.party(code).id for code in (NIORT, BOURGES)
    ]


@pytest.mark.parametrize("kind", ["sign_off", "commitment", "confirmation"])
def test_a_line_of_a_digest_names_the_party(kind: str) -> None:
    item = DigestItem.model_validate(
        {
            "subject": "x-1", "kind": kind, "text": "Charte", "due_on": "2027-03-04",
            "link": "https://projets.example/x", "party": "Niort",
        }
    )  # fmt: skip
    assert item.label.endswith(" pour Niort")
