"""A link received in a shared mailbox asks who enters, before anything is read or signed as one of them."""

from datetime import datetime

import pytest
from asked_links import ask_for_link
from cast import START

from actions.access.enter_by_proconnect import enter_by_proconnect
from actions.access.sign_in import SignedIn, who_is_signed_in
from actions.access.sign_in_links import LinkRequest, count_request, link_recipients, make_link, use_link
from actions.people.add_person import ensure_person
from database.engine import Database
from models.person import SYSTEM, AuthMethod
from models.proconnect import ProvenPerson
from models.stored_row import identity
from models.web_session import WhoAreYou

MAILBOX, ROSE, MALO = "mairie@lannion.example", "Rose Guillou", "Malo Nouvel"


@pytest.fixture
def people(db: Database) -> dict[str, int]:
    with db.write() as session:
        return {
            name: identity(ensure_person(session, MAILBOX, name, START, SYSTEM, shares_mailbox=True))
            for name in (ROSE, MALO)
        }


def entered(db: Database, secret: str, now: datetime = START) -> SignedIn:
    signed_in = who_is_signed_in(db, secret, now=now)
    assert signed_in
    return signed_in


def test_a_link_asked_for_by_the_address_asks_who_enters(db: Database, people: dict[str, int]) -> None:
    link = ask_for_link(db, MAILBOX, now=START)
    assert link
    assert link.name == f"{ROSE} ou {MALO}"
    assert link_recipients(db, link.token, now=START) == [(people[ROSE], ROSE), (people[MALO], MALO)]
    for who in (None, 0, people[MALO] + 1):
        with pytest.raises(WhoAreYou):
            use_link(db, link.token, person_id=who, now=START)
    secret, _ = use_link(db, link.token, person_id=people[MALO], now=START)
    actor = entered(db, secret).actor
    assert (actor.name, actor.auth_method) == (MALO, AuthMethod.shared_mailbox)


def test_the_link_of_a_mail_to_one_of_them_is_theirs(db: Database, people: dict[str, int]) -> None:
    request = LinkRequest(MAILBOX, "192.0.2.7", "/a-faire", people[MALO])
    is_within = count_request(db, request, secret="a secret", now=START)
    link = make_link(db, request, is_within=is_within, now=START)
    assert link
    assert link.name == MALO
    secret, _ = use_link(db, link.token, person_id=people[ROSE], now=START)
    assert entered(db, secret).actor.name == MALO
    assert entered(db, secret).actor.auth_method is AuthMethod.shared_mailbox


def test_the_word_of_a_mail_to_somebody_else_chooses_nobody(db: Database, people: dict[str, int]) -> None:
    with db.write() as session:
        stranger = ensure_person(session, "a@b.example", "Ana Ruiz", START, SYSTEM).id
    link = make_link(db, LinkRequest(MAILBOX, "x", "/", stranger), is_within=True, now=START)
    assert link
    assert link.asks_who
    assert link.email == MAILBOX


def proven(name: str) -> ProvenPerson:
    return ProvenPerson(name, MAILBOX, "21220113400010", "eidas2", "en-tête.corps.signature")


def test_proconnect_says_who_by_its_name(db: Database, people: dict[str, int]) -> None:
    entrance = enter_by_proconnect(db, proven("NOUVEL Malo"), now=START)
    actor = entered(db, entrance.secret).actor
    assert (actor.name, actor.auth_method, actor.organisation_siren) == (
        MALO, AuthMethod.proconnect, "212201134",
    )  # fmt: skip


def test_proconnect_with_another_name_proves_nobody_and_asks(db: Database, people: dict[str, int]) -> None:
    entrance = enter_by_proconnect(db, proven("Zoé Blanc"), next_path="/projets", now=START)
    assert entrance.asks_who
    secret, next_path = use_link(db, entrance.secret, person_id=people[ROSE], now=START)
    actor = entered(db, secret).actor
    assert next_path == "/projets"
    assert (actor.name, actor.auth_method, actor.organisation_siren) == (
        ROSE, AuthMethod.shared_mailbox, None,
    )  # fmt: skip
