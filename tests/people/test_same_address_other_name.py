"""Whoever names somebody at an address that is registered under another name is asked who is meant, on every path."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from api import Api, problem
from cast import GUICHEN, NIORT, SLUG, Cast, seed_file
from site_of_tests import Site, plain

from actions.people.add_person import Registration, add_person
from actions.people.hand_over import Handover, hand_over
from actions.people.invite_person import Invitation, invite_person
from actions.people.propose_holder import NewHolder, propose_holder
from actions.projects.appoint_contractor import AwardRequest, Firm, appoint_contractor
from actions.projects.create_project import ProjectRequest, create_project
from actions.projects.join_project import JoinRequest, join_project
from actions.signing.delegate_signature import DelegationRequest, delegate_signature
from models.handover_file import InvalidHandover, read_handover
from models.notice import Notice
from models.party import PartyRole
from models.person import Actor, AuthMethod, Person, Role
from models.person_name import OtherName
from models.project_file import PartyEntry, PersonEntry
from models.refusal import Refusal

At = Callable[..., Cast]
SiteAt = Callable[..., Site]
HUGO, OTHER = "hugo.texier@niort.example", "Malo Nouvel"
"""The contact of Niort, and somebody else who is named at this address."""


def register(cast: Cast, actor: Actor) -> object:
    return add_person(cast.db, Registration(HUGO, OTHER, Role.agency_agent, None), now=cast.now)


def invite(cast: Cast, actor: Actor) -> object:
    return invite_person(
        cast.db, actor, Invitation(SLUG, HUGO, OTHER, Role.local_contact, NIORT), now=cast.now
    )


def name_holder(cast: Cast, actor: Actor) -> object:
    return propose_holder(cast.db, actor, NewHolder(NIORT, HUGO, OTHER, "Maire"), now=cast.now)


def delegate(cast: Cast, actor: Actor) -> object:
    day = cast.today
    request = DelegationRequest(
        NIORT, HUGO, "Arrêté 7", "all", day, day + timedelta(days=9), to_elected=True, delegate_name=OTHER
    )
    return delegate_signature(cast.db, cast.mayor(NIORT), request, now=cast.now)


def appoint(cast: Cast, actor: Actor) -> object:
    firms = [Firm("Atelier (fictif)", "55208131766522", OTHER, HUGO)]
    return appoint_contractor(
        cast.db, actor, AwardRequest(SLUG, firms, Decimal(100), cast.today), now=cast.now
    )


def create(cast: Cast, actor: Actor) -> object:
    """Its agent is named as registered, one of its contacts is not."""
    file = seed_file(cast.today).model_copy(update={"title": "Un autre projet"})
    niort = file.parties[1].model_copy(update={"local_contact": PersonEntry(name=OTHER, email=HUGO)})
    parties = [file.parties[0], niort, *file.parties[2:]]
    return create_project(
        cast.db, actor, ProjectRequest(file.model_copy(update={"parties": parties})), now=cast.now
    )


def create_for_another_agent(cast: Cast, actor: Actor) -> object:
    agent = PersonEntry(name=OTHER, email="camille.roussel@anct.example")
    file = seed_file(cast.today).model_copy(update={"title": "Un autre projet", "agency_agent": agent})
    return create_project(cast.db, actor, ProjectRequest(file), now=cast.now)


def let_in(cast: Cast, actor: Actor) -> object:
    entry = PartyEntry(
        code="44109", role=PartyRole.observer, local_contact=PersonEntry(name=OTHER, email=HUGO.upper())
    )
    return join_project(cast.db, actor, JoinRequest(SLUG, entry), now=cast.now)


CALLERS = (
    register, invite, name_holder, delegate, appoint, create, create_for_another_agent, let_in
)  # fmt: skip


@pytest.mark.parametrize("caller", CALLERS, ids=lambda caller: caller.__name__)
def test_another_name_is_refused_and_nothing_is_written(
    at: At, caller: Callable[[Cast, Actor], object]
) -> None:
    cast = at("met")
    before = (len(cast.all(Person)), len(cast.entries()), len(cast.all(Notice)))
    with pytest.raises(OtherName, match=f"vous nommez «\u00a0{OTHER}\u00a0»"):
        caller(cast, cast.agent)
    assert (len(cast.all(Person)), len(cast.entries()), len(cast.all(Notice))) == before


def test_the_same_name_written_otherwise_is_the_same_person(at: At) -> None:
    cast = at("met")
    asked = Invitation(SLUG, HUGO.upper(), "M. TEXIER  Hugo", Role.local_contact, GUICHEN)
    assert invite_person(cast.db, cast.agent, asked, now=cast.now).name == "Hugo Texier"


def test_a_line_of_a_handover_is_refused_with_its_number(at: At) -> None:
    cast = at("met")
    rows = f"code;nom;adresse;qualite\n{GUICHEN};Ada Martin;ada@guichen.example;Maire\n{NIORT};{OTHER};{HUGO};Maire"
    with pytest.raises(InvalidHandover, match=r"ligne 3, champ nom\s: .*Hugo Texier"):
        hand_over(cast.db, cast.agent, Handover(tuple(read_handover(rows))), now=cast.now)
    assert not cast.open_proposals()


def refusal_of(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return str(refused.value)


def test_the_registered_name_is_told_only_to_whom_works_with_its_person(at: At) -> None:
    cast = at("met")
    day = cast.today

    def named_by_the_mayor(email: str) -> str:
        request = DelegationRequest(
            NIORT, email, "Arrêté 7", "all", day, day, to_elected=True, delegate_name=OTHER
        )
        mayor = replace(cast.mayor(NIORT), auth_method=AuthMethod.email_link)
        return refusal_of(lambda: delegate_signature(cast.db, mayor, request, now=cast.now))

    assert "Yann Le Goff" in named_by_the_mayor("yann.legoff@guichen.example")
    stranger = named_by_the_mayor("curieux@ailleurs.example")
    assert "Curieuse" not in stranger
    assert "d’une personne enregistrée sous un autre nom" in stranger


def test_a_page_says_who_is_known_and_keeps_what_was_typed(site: SiteAt) -> None:
    here = site("met")
    fields = {"partie": NIORT, "role": "local_contact", "nom": OTHER, "adresse": HUGO}
    with here.client(here.cast.agent) as agent:
        answer = agent.send(f"{here.project}/participants/inviter", fields)
    assert answer.status_code == 409
    assert "Hugo Texier" in plain(answer.text)
    assert f'value="{OTHER}"' in answer.text


def test_the_form_of_a_project_says_it_at_the_field(site: SiteAt) -> None:
    here = site("met")
    fields = {"titre": "Forêts habitées", "theme": "urbanisme", "debut": "2027-01-01", "fin": "2028-03-31"}
    for number, code in enumerate(("44109", "93066", "35238"), start=1):
        fields[f"s{number}-code"] = code
        for name in ("contact", "signataire"):
            fields[f"s{number}-{name}-nom"] = f"{name} {number}"
            fields[f"s{number}-{name}-adresse"] = f"{name}.{number}@ville.example"
    fields["s2-signataire-adresse"] = fields["s2-contact-adresse"]
    with here.client(here.cast.agent) as agent:
        answer = agent.send("/projets/nouveau", fields)
    assert answer.status_code == 422
    assert 'id="erreur-s2-signataire-adresse">«\u00a0contact.2@ville.example' in answer.text


def test_the_api_has_a_problem_for_it(api: Callable[..., Api]) -> None:
    here = api("met")
    project = (
        seed_file().model_copy(update={"title": "Un autre projet"}).model_dump(mode="json", by_alias=True)
    )
    project["parties"][0]["local_contact"]["name"] = OTHER
    answer = here.post(here.cast.agent, "/projects", json=project)
    assert (answer.status_code, problem(answer)["type"]) == (409, "/api/v1/problems/other-name")
