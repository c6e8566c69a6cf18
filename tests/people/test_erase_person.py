"""Erasing who somebody was: what goes at once, what an act keeps, and who may not be forgotten yet."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from cast import LEAD, NIORT, Cast

from actions.access.sign_in import open_session
from actions.access.tokens import TokenRequest, create_token
from actions.people.erase_person import NOBODY, StillNeeded, erase_person
from models.api_token import ApiToken
from models.notice import Notice
from models.person import AuthMethod, NotAllowed, Person, Role, UnknownPerson
from models.web_session import WebSession
from queries.ledger.find import find_person
from queries.ledger.verify_journal import verify_journal
from queries.people.export_person import export_person

At = Callable[[str], Cast]
CURIOUS = "curieux@ailleurs.example"


def person(cast: Cast, person_id: int | None) -> Person:
    with cast.db.read() as session:
        return session.get_one(Person, person_id)


def replaced_mayor(cast: Cast) -> int:
    """The mayor of Niort signs, then another takes the office."""
    before = cast.mayor(NIORT)
    cast.sign("note_de_cadrage", NIORT)
    cast.give_role("nouveau@niort.example", "Nouveau Maire", Role.signatory, NIORT)
    return before.person_id


def test_who_signed_keeps_their_name_on_their_acts_and_nothing_else(at: At) -> None:
    cast = at("constitution in review")
    email = cast.mayor_email(NIORT)
    number = replaced_mayor(cast)
    name = person(cast, number).name
    create_token(cast.db, cast.person(email), TokenRequest("Essai"), now=cast.now)
    with cast.db.write() as session:
        open_session(session, number, AuthMethod.email_link, cast.now)
    before = person(cast, number).links_version
    assert erase_person(cast.db, cast.agent, email, now=cast.now) is True
    erased = person(cast, number)
    assert (erased.name, erased.email, erased.links_version) == (
        name,
        f"effacee-{number}@invalid",
        before + 1,
    )
    assert not cast.all(WebSession, WebSession.person_id == number)
    assert not cast.all(ApiToken, ApiToken.person_id == number)
    theirs: list[Notice] = list(cast.all(Notice, Notice.recipient_id == number))  # type: ignore[arg-type]
    assert theirs
    assert all(each.payload == {} and each.last_error is None for each in theirs)
    assert all(each.sent_at or each.failed_at or each.dropped_at for each in theirs)
    with cast.db.read() as session:
        assert email not in export_person(session, number, cast.now)
        with pytest.raises(UnknownPerson):
            find_person(session, email)


def test_a_person_who_never_acted_leaves_no_name_and_the_journals_stay_valid(at: At) -> None:
    cast = at("constitution in review")
    number = cast.outsider.person_id
    assert erase_person(cast.db, cast.agent, CURIOUS, now=cast.now) is False
    assert person(cast, number).name == NOBODY
    assert verify_journal(cast.db).tamperings == []
    with cast.db.read() as session:
        event = sa.text("SELECT payload FROM audit_entry WHERE event = 'person.erased'")
        (payload,) = session.connection().execute(event).scalars()
    assert CURIOUS not in str(payload)


def test_who_has_a_role_in_a_project_that_lives_is_not_forgotten(at: At) -> None:
    cast = at("constitution in review")
    for email in (cast.mayor_email(NIORT), "camille.roussel@anct.example", "contact-33281@ville.example"):
        with pytest.raises(StillNeeded, match="Démocratie culturelle"):
            erase_person(cast.db, cast.agent, email, now=cast.now)


def test_of_a_cancelled_project_all_may_be_forgotten(at: At) -> None:
    cast = at("diagnosis open")
    with pytest.raises(StillNeeded):
        erase_person(cast.db, cast.agent, LEAD.contact_email, now=cast.now)
    cast.change("cancel")
    number = cast.contractor.person_id
    erase_person(cast.db, cast.agent, LEAD.contact_email, now=cast.now)
    assert person(cast, number).name == NOBODY


def test_only_an_agent_erases(at: At) -> None:
    cast = at("constitution in review")
    for actor in (cast.outsider, cast.mayor(NIORT), cast.contact(NIORT), cast.observer):
        with pytest.raises(NotAllowed):
            erase_person(cast.db, actor, CURIOUS, now=cast.now)
    with pytest.raises(UnknownPerson):
        erase_person(cast.db, cast.agent, "personne@ailleurs.example", now=cast.now)


def test_twice_at_once_is_once(at: At) -> None:
    cast = at("constitution in review")
    erase_person(cast.db, cast.agent, CURIOUS, now=cast.now)
    with pytest.raises(UnknownPerson):
        erase_person(cast.db, cast.agent, CURIOUS, now=cast.now)
