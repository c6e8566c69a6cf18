"""Who holds an office, a role or a delegation at an instant: pages, mails, reminders and acts all agree."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from cast import BOURGES, LEAD, NIORT, PARTNER, Cast

from actions.access.demo_people import people_to_be
from actions.authority.mandates import IncompatibleRoles
from actions.projects.appoint_contractor import Firm
from actions.signing.delegate_signature import DelegationRequest, delegate_signature
from models.person import Actor, Mandate, Role
from models.sign_off import NoAuthority
from models.signature_delegation import InvalidDelegation
from models.stored_row import identity
from queries.access.standing import standing_in, standings
from queries.ledger.find import find_party, find_project
from queries.people.people_of_projects import People
from queries.people.recipients import contacts_of, contractor_people, signatories_of
from queries.projects.participants import read_participants
from queries.reminders.awaited import awaited_in
from queries.reminders.calendar import calendar_of

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"
SUBSTITUTE = "suppleant@niort.example"


@pytest.fixture
def cast(at: At) -> Cast:
    """The framing note is about to be written; nobody is asked to sign yet."""
    return at("constitution open")


def hire(cast: Cast, person: Actor, email: str) -> None:
    """The person becomes the contact of the project's contractor."""
    firm = Firm("Atelier (fictif)", LEAD.siret, person.name, email)
    cast.award(firms=[firm])


def set_mandate(cast: Cast, email: str, role: Role, **values: datetime | None) -> None:
    person = cast.person(email).person_id
    with cast.db.write() as session:
        held = sa.update(Mandate).where(Mandate.person_id == person, Mandate.role == role)  # type: ignore[arg-type]
        assert session.connection().execute(held.values(**values)).rowcount


def signers(cast: Cast) -> list[int]:
    with cast.db.read() as session:
        party = find_party(session, find_project(session, cast.slug), NIORT)
        return signatories_of(session, party, "constitution", NOTE, cast.now)


def contacts(cast: Cast) -> tuple[list[int], tuple[int, ...]]:
    """Those of Niort that the mails of a fact go to, and those that reminders go to."""
    with cast.db.read() as session:
        project = find_project(session, cast.slug)
        party = find_party(session, project, NIORT)
        people = People.of(session.connection(), [identity(project)], cast.now)
        return contacts_of(session, party, cast.now), people.contacts(people.parties[identity(party)])


def reminded(cast: Cast) -> tuple[int, ...]:
    """Those of Niort who are reminded of the framing note: the delegates, else the mayor."""
    with cast.db.read() as session:
        people = People.of(session.connection(), [identity(cast.project())], cast.now)
        party = people.parties[identity(cast.party(NIORT))]
        return people.delegates(party, "constitution", NOTE) or people.holder(party)


def roles(cast: Cast, who: Actor) -> set[Role]:
    """The roles of a person in the project, asked for it alone and among all."""
    with cast.db.read() as session:
        connection, number, project = session.connection(), who.person_id or 0, identity(cast.project())
        now = cast.now
        alone = standing_in(connection, number, project, now)
        held = standings(connection, number, now)
        assert held.get(project, alone) == alone
        assert (project in held) is not alone.is_outsider
        return set(alone.roles)


def shown(cast: Cast) -> tuple[list[str], list[str]]:
    """The people of Niort on the page of the participants, and the delegates of the city there."""
    with cast.db.read() as session:
        page = read_participants(session, cast.slug, cast.agent.person_id or 0, cast.now)
    (niort,) = (each for each in page.parties if each.code == NIORT)
    return [each.name for each in niort.people], [each.delegate for each in page.delegations]


def entries(cast: Cast, who: Actor) -> int:
    with cast.db.read() as session:
        return len(calendar_of(session.connection(), who.person_id or 0, now=cast.now))


def awaited(cast: Cast) -> set[str]:
    """The kinds of all that is awaited in the project."""
    with cast.db.read() as session:
        awaited = awaited_in(session.connection(), [identity(cast.project())], cast.now)
        return {each.kind.value for each in awaited}


# A delegate who may not sign any more


def test_a_delegate_who_becomes_a_contractor_is_no_more_asked_to_sign(cast: Cast) -> None:
    deputy = cast.delegate()
    assert deputy.person_id in signers(cast)
    hire(cast, deputy, "adjointe@niort.example")
    cast.review("constitution")
    assert cast.mayor_email(NIORT) in cast.told("sign_off_requested")
    assert "adjointe@niort.example" not in cast.told("sign_off_requested")
    assert reminded(cast) == (cast.mayor(NIORT).person_id,)
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=deputy)


def test_a_delegate_who_becomes_a_contractor_stands_as_a_contractor_only(cast: Cast) -> None:
    deputy = cast.delegate()
    assert roles(cast, deputy) == {Role.signatory}
    hire(cast, deputy, "adjointe@niort.example")
    assert roles(cast, deputy) == {Role.contractor}
    people, delegates = shown(cast)
    assert deputy.name not in people
    assert deputy.name not in delegates


def test_who_is_a_contractor_by_the_contract_alone_never_signs(cast: Cast) -> None:
    deputy = cast.delegate()
    hire(cast, deputy, "adjointe@niort.example")
    set_mandate(cast, "adjointe@niort.example", Role.contractor, until=cast.now)
    assert signers(cast) == [cast.mayor(NIORT).person_id]
    assert roles(cast, deputy) == {Role.contractor}
    with pytest.raises(IncompatibleRoles, match="est prestataire"):
        cast.give_role("adjointe@niort.example", deputy.name, Role.signatory, NIORT)
    order = DelegationRequest(
        NIORT, "adjointe@niort.example", "Arrêté 2026-200", "all", cast.today, cast.today, to_elected=True
    )
    with pytest.raises(InvalidDelegation, match="est prestataire"):
        delegate_signature(cast.db, cast.mayor(NIORT), order, now=cast.now)


def test_the_end_of_a_delegation_that_gives_nothing_any_more_is_not_reminded(cast: Cast) -> None:
    deputy = cast.delegate(days=(cast.today, cast.today + timedelta(days=20)))
    assert "delegation" in awaited(cast)
    hire(cast, deputy, "adjointe@niort.example")
    assert "delegation" not in awaited(cast)


def test_a_delegation_of_a_former_mayor_is_shown_to_nobody(cast: Cast) -> None:
    deputy = cast.delegate()
    cast.review("constitution")
    assert deputy.name in shown(cast)[1]
    assert entries(cast, deputy) > 0
    cast.give_role("nouvelle@niort.example", "Nadège Roy", Role.signatory, NIORT)
    people, delegates = shown(cast)
    assert deputy.name not in [*people, *delegates]
    assert roles(cast, deputy) == set()
    assert entries(cast, deputy) == 0


# A role that is to begin or to end


def test_a_contact_whose_role_has_not_begun_is_not_one_yet(cast: Cast) -> None:
    cast.give_role(SUBSTITUTE, "Paul Simon", Role.local_contact, NIORT)
    cast.review("constitution")
    substitute, contact = cast.person(SUBSTITUTE), cast.contact(NIORT).person_id
    set_mandate(cast, SUBSTITUTE, Role.local_contact, since=cast.now + timedelta(days=10))
    assert contacts(cast) == ([contact], (contact,))
    assert roles(cast, substitute) == set()
    assert "Paul Simon" not in shown(cast)[0]
    assert entries(cast, substitute) == 0
    with cast.db.read() as session:
        assert "Paul Simon" not in {each.name for each in people_to_be(session, cast.now)}
    cast.wait(days=11)
    assert contacts(cast) == ([contact, substitute.person_id], (contact, substitute.person_id))
    assert roles(cast, substitute) == {Role.local_contact}
    assert entries(cast, substitute) > 0


def test_a_contact_whose_role_is_to_end_is_one_until_then(cast: Cast) -> None:
    contact = cast.contact(NIORT)
    email = "hugo.texier@niort.example"
    set_mandate(cast, email, Role.local_contact, until=cast.now + timedelta(days=10))
    assert contacts(cast) == ([contact.person_id], (contact.person_id,))
    assert roles(cast, contact) == {Role.local_contact}
    assert contact.name in shown(cast)[0]
    cast.wait(days=11)
    assert contacts(cast) == ([], ())
    assert roles(cast, contact) == set()
    assert contact.name not in shown(cast)[0]


def test_the_delegations_of_a_mayor_who_is_to_leave_run_until_then(cast: Cast) -> None:
    deputy, mayor = cast.delegate(), cast.mayor(NIORT)
    set_mandate(cast, cast.mayor_email(NIORT), Role.signatory, until=cast.now + timedelta(days=10))
    assert signers(cast) == [mayor.person_id, deputy.person_id]
    assert reminded(cast) == (deputy.person_id,)
    assert roles(cast, deputy) == {Role.signatory}
    assert deputy.name in shown(cast)[0]
    cast.wait(days=11)
    assert signers(cast) == []
    assert reminded(cast) == ()
    assert roles(cast, deputy) == set()
    assert deputy.name not in shown(cast)[0]


def test_an_office_has_one_holder_even_when_the_one_before_was_to_leave_later(cast: Cast) -> None:
    set_mandate(cast, cast.mayor_email(NIORT), Role.signatory, until=cast.now + timedelta(days=10))
    former = cast.mayor(NIORT)
    cast.give_role("nouvelle@niort.example", "Nadège Roy", Role.signatory, NIORT)
    assert signers(cast) == [cast.person("nouvelle@niort.example").person_id]
    assert roles(cast, former) == set()


def test_a_mayor_who_is_to_leave_is_not_made_an_agent_meanwhile(cast: Cast) -> None:
    set_mandate(cast, cast.mayor_email(BOURGES), Role.signatory, until=cast.now + timedelta(days=10))
    with pytest.raises(IncompatibleRoles):
        cast.give_role(cast.mayor_email(BOURGES), cast.mayor(BOURGES).name, Role.agency_agent)


def test_the_constitution_awaits_a_contact_while_nobody_is_one(cast: Cast) -> None:
    missing = "Niort : nommer son interlocuteur privilégié"
    set_mandate(cast, "hugo.texier@niort.example", Role.local_contact, until=cast.now + timedelta(days=10))
    assert missing not in {each.text for each in cast.missing("constitution")}
    cast.wait(days=11)
    assert missing in {each.text for each in cast.missing("constitution")}
    cast.give_role(SUBSTITUTE, "Paul Simon", Role.local_contact, NIORT)
    set_mandate(cast, SUBSTITUTE, Role.local_contact, since=cast.now + timedelta(days=10))
    assert missing in {each.text for each in cast.missing("constitution")}
    cast.wait(days=11)
    assert missing not in {each.text for each in cast.missing("constitution")}


# The contacts of a consortium


def test_the_contacts_of_a_consortium_stand_in_one_order_in_mails_and_reminders(cast: Cast) -> None:
    cast.award(firms=[LEAD, PARTNER])
    leader, partner = (cast.person(firm.contact_email).person_id for firm in (LEAD, PARTNER))
    with cast.db.read() as session:
        project = find_project(session, cast.slug)
        people = People.of(session.connection(), [identity(project)], cast.now)
        assert contractor_people(session, project, cast.now) == [leader, partner]
        assert people.contractors(identity(project)) == (leader, partner)
