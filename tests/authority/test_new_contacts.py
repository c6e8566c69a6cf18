"""An agent who names a contact of their own beside those of a city has no key by it for five days; the city is told."""

from collections.abc import Callable

import pytest
from cast import NIORT, SLUG, Cast, seed_file
from departures import propose

from actions.people.end_role import RoleEnd, end_role
from actions.people.invite_person import Invitation, invite_person
from actions.people.propose_holder import NewHolder, propose_holder
from actions.projects.create_project import ProjectRequest, create_project
from actions.signing.sign_off import SignOffRequest
from actions.signing.sign_on_paper import PaperSignOff, sign_on_paper
from models.person import Actor, Person, Role
from models.proposal_rules import NewContact
from models.sign_off import Decision
from models.stored_row import identity
from queries.people.held_roles import find_role

At = Callable[[str], Cast]
PUPPET = "complice@ailleurs.example"


@pytest.fixture
def cast(at: At) -> Cast:
    cast = at("charter in review")
    invitation = Invitation(SLUG, PUPPET, "Un Complice", Role.local_contact, NIORT)
    invite_person(cast.db, cast.agent, invitation, now=cast.now)
    return cast


def puppet(cast: Cast) -> Actor:
    return cast.person(PUPPET)


def test_the_city_s_people_and_the_agents_learn_at_once_of_another_contact(cast: Cast) -> None:
    told = cast.told("contact_named")
    assert {cast.mayor_email(NIORT), "hugo.texier@niort.example"} <= told
    assert PUPPET not in told


def test_a_new_contact_confirms_no_office_that_their_agent_proposes(cast: Cast) -> None:
    holder = NewHolder(NIORT, "usurpateur@ailleurs.example", "Un Usurpateur")
    proposal = propose_holder(cast.db, cast.agent, holder, now=cast.now)
    with pytest.raises(NewContact, match="depuis moins de cinq jours"):
        cast.confirm(proposal, puppet(cast))
    cast.wait(days=5)
    cast.confirm(proposal, puppet(cast))


def test_nor_proposes_an_act_or_a_departure_for_their_agent_to_confirm(cast: Cast) -> None:
    charter = cast.deliverable("charte")
    request = SignOffRequest(
        identity(charter), identity(cast.party(NIORT)), charter.sha256 or "", Decision.approved
    )
    with pytest.raises(NewContact):
        sign_on_paper(cast.db, puppet(cast), PaperSignOff(request, cast.council_act(NIORT)), now=cast.now)
    with pytest.raises(NewContact):
        propose(cast, NIORT, actor=puppet(cast))
    assert cast.open_proposals() == []


def test_who_has_long_been_a_contact_goes_on(cast: Cast) -> None:
    cast.confirm(propose(cast, NIORT))


def test_who_is_the_city_s_contact_elsewhere_is_known_in_another_project(cast: Cast) -> None:
    cast.wait(days=40)
    other = seed_file(cast.today).model_copy(update={"title": "Un autre projet"})
    slug = create_project(cast.db, None, ProjectRequest(other), now=cast.now).slug
    holder = NewHolder(NIORT, "ada@niort.example", "Ada Martin")
    propose_holder(cast.db, cast.contact(NIORT), holder, now=cast.now)
    elsewhere = Cast(cast.db, cast.folder, slug)
    elsewhere.set_clock(cast.now)
    propose(elsewhere, NIORT)


def test_ending_the_city_s_roles_first_does_not_make_a_puppet_the_first_whom_it_has(at: At) -> None:
    cast = at("charter in review")
    for who, role in ((cast.contact(NIORT), Role.local_contact), (cast.mayor(NIORT), Role.signatory)):
        with cast.db.read() as session:
            email = session.get_one(Person, who.person_id).email
            held = find_role(session, email, role, cast.now)
        end_role(cast.db, cast.agent, RoleEnd(held.mandate_id, None, "Un motif"), now=cast.now)
    invitation = Invitation(SLUG, PUPPET, "Un Complice", Role.local_contact, NIORT)
    invite_person(cast.db, cast.agent, invitation, now=cast.now)
    holder = NewHolder(NIORT, "usurpateur@ailleurs.example", "Un Usurpateur")
    proposal = propose_holder(cast.db, cast.agent, holder, now=cast.now)
    with pytest.raises(NewContact):
        cast.confirm(proposal, puppet(cast))
