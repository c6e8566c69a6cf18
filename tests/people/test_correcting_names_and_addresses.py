"""A name is corrected without touching what was signed; an address changes by both mailboxes only (rule 11)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from asked_links import ask_for_link
from cast import BOURGES, LEAD, NIORT, SLUG, Cast, seed_file

from actions.access.sign_in import open_session, who_is_signed_in
from actions.access.sign_in_links import use_link
from actions.people.add_person import InvalidEmail
from actions.people.change_address import (
    AddressToConfirm,
    Confirmation,
    ask_for_address,
    confirm_address,
    forget_old_changes,
)
from actions.people.correct_name import NameCorrection, correct_name
from actions.reminders.set_frequency import set_my_frequency
from models.address_change import (
    AddressChange,
    AddressIsTheirs,
    AddressLinkGone,
    AddressTaken,
    SameAddress,
    TooManyAddressChanges,
    address_change_refusal,
)
from models.commitment import CommitmentOrigin
from models.former_name import InvalidName
from models.person import Actor, AuthMethod, MailFrequency, Mandate, NotAllowed, Person, Role
from models.sign_off import Decision
from models.web_session import LinkGone, hash_of
from queries.ledger.verify_journal import verify_journal
from queries.receipts.attestation import read_attestation
from queries.receipts.attested import receipt_of
from queries.stages.stage import read_stage

At = Callable[[str], Cast]
NEW = "s.guerin@niort.example"
MARRIED = "Solène Guérin-Roy"


def rename(cast: Cast, email: str, name: str, by: Actor | None = None) -> Person:
    return correct_name(cast.db, by or cast.agent, NameCorrection(email, name), now=cast.now)


def ask(cast: Cast, who: Actor, email: str = NEW) -> AddressToConfirm:
    return ask_for_address(cast.db, who, email, now=cast.now)


def confirm(cast: Cast, who: Actor, token: str, session_id: int | None = None) -> None:
    confirm_address(cast.db, who, Confirmation(token, session_id), now=cast.now)


# Names


def test_a_receipt_and_an_attestation_keep_the_name_of_the_day(at: At) -> None:
    cast = at("constitution in review")
    mayor, email = cast.mayor(NIORT), cast.mayor_email(NIORT)
    first = cast.sign("note_de_cadrage", NIORT)
    rename(cast, email, MARRIED, by=mayor)
    rename(cast, email, "Solène Roy", by=mayor)
    cast.withdraw("note_de_cadrage", NIORT)
    second = cast.sign("note_de_cadrage", NIORT)
    with cast.db.read() as session:
        for number, name in ((first, mayor.name), (second, "Solène Roy")):
            receipt = receipt_of(session.connection(), number)
            assert receipt is not None
            assert receipt.sign_off.signed_by_name == name
            values = read_attestation(session, number, cast.agent.person_id, "https://x.example", cast.now)
            assert values["signed_by"] == name
    assert cast.mayor(NIORT).name == "Solène Roy"
    assert verify_journal(cast.db).tamperings == []


def test_a_paper_act_keeps_the_names_of_both(at: At) -> None:
    cast = at("charter in review")
    mayor, contact = cast.mayor(NIORT), cast.contact(NIORT)
    number = cast.sign("charte", NIORT, actor=contact)
    rename(cast, "hugo.texier@niort.example", "Hugo Tessier")
    rename(cast, cast.mayor_email(NIORT), MARRIED)
    with cast.db.read() as session:
        receipt = receipt_of(session.connection(), number)
    assert receipt is not None
    names = (receipt.sign_off.signed_by_name, receipt.sign_off.recorded_by_name)
    assert names == (mayor.name, contact.name)


def test_it_is_told_at_once_and_the_journal_has_it_without_a_name(at: At) -> None:
    cast = at("constitution in review")
    for who in (cast.mayor(NIORT), cast.contact(NIORT)):
        set_my_frequency(cast.db, who, MailFrequency.never, now=cast.now)
    rename(cast, cast.mayor_email(NIORT), MARRIED)
    assert cast.told("name_corrected_for_person") == {cast.mayor_email(NIORT)}
    assert cast.told("name_corrected_for_others") == {"hugo.texier@niort.example"}
    assert all(each.dropped_at is None for each in cast.notices("name_corrected_for_person"))
    (entry,) = [each for each in cast.entries() if each["event"] == "person.renamed"]
    assert MARRIED not in str(entry["payload"])


def test_only_the_person_or_an_agent_of_their_project_corrects_a_name(at: At) -> None:
    cast = at("constitution in review")
    cast.create(seed_file(cast.today), slug="autre-projet")
    elsewhere = agent_of_the_other_project(cast)
    email = "curieux@ailleurs.example"
    for by in (cast.contact(NIORT), cast.mayor(NIORT), cast.observer, elsewhere):
        with pytest.raises(NotAllowed):
            rename(cast, email, "Un Autre", by=by)
    with pytest.raises(NotAllowed):
        rename(cast, cast.mayor_email(NIORT), "Un Autre", by=cast.contact(NIORT))
    for name in ("", "   ", cast.mayor(NIORT).name):
        with pytest.raises(InvalidName):
            rename(cast, cast.mayor_email(NIORT), name)
    assert not cast.notices("name_corrected_for_person")


def agent_of_the_other_project(cast: Cast) -> Actor:
    """An agent of the second project only."""
    cast.register("local@anct.example", "Agent d’un Projet")
    local = cast.person("local@anct.example")
    with cast.db.write() as session:
        query = sa.text("SELECT id FROM shared_project WHERE slug = 'autre-projet'")
        project_id = session.connection().execute(query).scalar_one()
        session.add(
            Mandate(person_id=local.person_id, role=Role.agency_agent, project_id=project_id, since=cast.now)
        )
    return local


def test_open_commitments_bear_the_new_name_and_settled_ones_the_former(at: At) -> None:
    cast = at("diagnosis in review")
    cast.sign("synthese_croisee", NIORT, Decision.approved_with_reservations)
    (commitment,) = cast.commitments(origin=CommitmentOrigin.reservation)
    assert commitment.holder == cast.contractor.name
    rename(cast, LEAD.contact_email, "Jeanne Arnal-Petit")
    (commitment,) = cast.commitments(origin=CommitmentOrigin.reservation)
    assert commitment.holder == "Jeanne Arnal-Petit"


def test_a_version_and_the_charter_of_the_anct_keep_the_name_of_the_day(at: At) -> None:
    cast = at("charter closed")
    camille = cast.agent.name
    rename(cast, "camille.roussel@anct.example", "Camille Roussel-Petit")
    with cast.db.read() as session:
        page = read_stage(session, SLUG, "charter", cast.agent.person_id, cast.now)
    assert page.agency_signature is not None
    assert page.agency_signature.by == camille
    assert {each.submitted_by_name for one in page.deliverables for each in one.versions} == {camille}


# Addresses


def test_both_mailboxes_take_part_and_the_old_one_is_told_before_anything_changes(at: At) -> None:
    cast = at("constitution in review")
    mayor, old = cast.mayor(NIORT), cast.mayor_email(NIORT)
    asked = ask(cast, mayor, NEW.upper())
    assert (asked.email, asked.former_email) == (NEW, old)
    assert cast.told("address_asked_for_person") == {old}
    assert cast.person(old).person_id == mayor.person_id, "nothing has changed yet"
    (row,) = cast.all(AddressChange)
    assert row.token_hash == hash_of(asked.token)  # type: ignore[attr-defined]
    confirm(cast, mayor, asked.token)
    assert cast.person(NEW).person_id == mayor.person_id
    assert cast.told("address_changed_for_others") == {
        "camille.roussel@anct.example",
        "hugo.texier@niort.example",
    }
    cast.sign("note_de_cadrage", NIORT, actor=cast.person(NEW))
    assert [each[0] for each in cast.journal()].count("address.changed") == 1
    assert verify_journal(cast.db).tamperings == []
    assert all(NEW not in str(each["payload"]) for each in cast.entries())


def test_the_old_mailbox_opens_nothing_any_more(at: At) -> None:
    cast = at("constitution in review")
    mayor, old = cast.mayor(NIORT), cast.mayor_email(NIORT)
    link = ask_for_link(cast.db, old, now=cast.now)
    assert link is not None
    with cast.db.write() as session:
        here, elsewhere = (
            open_session(session, mayor.person_id, AuthMethod.email_link, cast.now) for _ in range(2)
        )
    signed_in = who_is_signed_in(cast.db, here, now=cast.now)
    assert signed_in is not None
    asked = ask(cast, mayor)
    before = links_version(cast, mayor)
    confirm(cast, mayor, asked.token, signed_in.session_id)
    assert who_is_signed_in(cast.db, here, now=cast.now) is not None
    assert who_is_signed_in(cast.db, elsewhere, now=cast.now) is None
    with pytest.raises(LinkGone):
        use_link(cast.db, link.token, now=cast.now)
    assert ask_for_link(cast.db, old, now=cast.now) is None
    assert links_version(cast, mayor) == before + 1


def links_version(cast: Cast, who: Actor) -> int:
    with cast.db.read() as session:
        return session.get_one(Person, who.person_id).links_version


def test_a_link_serves_once_in_a_day_the_last_one_and_its_person_only(at: At) -> None:
    cast = at("constitution in review")
    mayor = cast.mayor(NIORT)
    first, last = ask(cast, mayor), ask(cast, mayor, "autre@niort.example")
    for who, token in ((mayor, first.token), (cast.agent, last.token), (mayor, "rien"), (mayor, "")):
        with pytest.raises(AddressLinkGone):
            confirm(cast, who, token)
    cast.wait(hours=25)
    with pytest.raises(AddressLinkGone):
        confirm(cast, mayor, last.token)
    again = ask(cast, mayor)
    confirm(cast, mayor, again.token)
    with pytest.raises(AddressLinkGone):
        confirm(cast, mayor, again.token)
    cast.wait(hours=25)
    forget_old_changes(cast.db, now=cast.now)
    assert not cast.all(AddressChange)


def test_nobody_takes_somebody_else_s_address_not_even_meanwhile(at: At) -> None:
    cast = at("constitution in review")
    mayor = cast.mayor(NIORT)
    with pytest.raises(AddressTaken):
        ask(cast, mayor, cast.mayor_email(BOURGES))
    with pytest.raises(SameAddress):
        ask(cast, mayor, cast.mayor_email(NIORT))
    with pytest.raises(InvalidEmail):
        ask(cast, mayor, "pas une adresse")
    asked = ask(cast, mayor)
    cast.register(NEW, "Quelqu’un d’Autre")
    with pytest.raises(AddressTaken):
        confirm(cast, mayor, asked.token)
    assert cast.mayor(NIORT).person_id == mayor.person_id


def test_two_who_want_one_address_at_once_do_not_both_get_it(at: At) -> None:
    cast = at("constitution in review")
    people = [cast.mayor(NIORT), cast.mayor(BOURGES)]
    tokens, now = [ask(cast, each).token for each in people], cast.now

    def try_it(place: int) -> bool:
        try:
            confirm_address(cast.db, people[place], Confirmation(tokens[place]), now=now)
        except AddressTaken:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(try_it, range(2))) == [False, True]


def test_a_person_asks_for_a_few_addresses_a_day(at: At) -> None:
    cast = at("constitution in review")
    mayor = cast.mayor(NIORT)
    for number in range(5):
        ask(cast, mayor, f"boite-{number}@niort.example")
    with pytest.raises(TooManyAddressChanges):
        ask(cast, mayor)
    cast.wait(hours=25)
    ask(cast, mayor)


def test_nobody_else_changes_an_address_without_a_second_key(at: At) -> None:
    cast = at("constitution in review")
    mayor, agent, contact = cast.mayor(NIORT), cast.agent, cast.contact(NIORT)
    whose = mayor.person_id, mayor.name
    assert address_change_refusal(mayor, *whose) is None
    for who, key in ((agent, None), (contact, None), (agent, agent.person_id)):
        assert isinstance(address_change_refusal(who, *whose, confirmed_by=key), AddressIsTheirs)
    assert address_change_refusal(agent, *whose, confirmed_by=contact.person_id) is None


def test_an_invitation_to_the_old_address_is_for_somebody_new(at: At) -> None:
    cast = at("constitution in review")
    mayor, old = cast.mayor(NIORT), cast.mayor_email(NIORT)
    confirm(cast, mayor, ask(cast, mayor).token)
    cast.give_role(old, "Nouvelle Arrivée", Role.local_contact, NIORT)
    assert cast.person(old).person_id != mayor.person_id
