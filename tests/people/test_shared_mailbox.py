"""Two people share a mailbox: said when one is named, told to the other, two persons for every rule."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from cast import NIORT, SLUG, Cast
from site_of_tests import Site, plain

from actions.authority.mandates import IncompatibleRoles
from actions.confirmation.settle import confirm_proposal
from actions.people.add_person import Registration, add_person
from actions.people.correct_name import NameCorrection, correct_name
from actions.people.hand_over import Handover, hand_over
from actions.people.invite_person import Invitation, invite_person
from actions.people.propose_holder import NewHolder, propose_holder
from actions.signing.delegate_signature import DelegationRequest, delegate_signature
from actions.signing.sign_off import SignOffRequest, sign_off
from models.former_name import InvalidName
from models.handover_file import read_handover
from models.person import AuthMethod, Person, Role, SharedMailbox
from models.person_name import OtherName
from models.proposal_rules import SamePerson, UnknownProposal
from models.refusal import Refusal
from models.sign_off import Decision
from models.signature_delegation import InvalidDelegation
from models.stored_row import identity
from queries.ledger.find import find_person, people_at
from queries.receipts.attestation import read_attestation

At = Callable[..., Cast]
SiteAt = Callable[..., Site]
HUGO, MALO = "hugo.texier@niort.example", "Malo Nouvel"
"""The contact of Niort, and who shares their mailbox."""


def share(cast: Cast, role: Role = Role.local_contact) -> Person:
    asked = Invitation(SLUG, HUGO, MALO, role, NIORT, takes_over=True, shares_mailbox=True)
    return invite_person(cast.db, cast.agent, asked, now=cast.now)


def test_two_people_have_one_address_and_the_first_is_told(at: At) -> None:
    cast = at("met")
    malo = share(cast)
    assert (malo.name, malo.email) == (MALO, HUGO)
    assert malo.id != cast.person(f"Hugo Texier <{HUGO}>").person_id
    assert cast.told("mailbox_shared_for_person") == {HUGO}
    (notice,) = cast.notices("mailbox_shared_for_person")
    assert notice.recipient_id != malo.id
    assert share(cast).id == malo.id, "twice is once"


def test_an_address_alone_no_longer_says_who(at: At) -> None:
    cast = at("met")
    share(cast)
    with cast.db.read() as session:
        with pytest.raises(SharedMailbox, match=f"Hugo Texier, {MALO}"):
            find_person(session, HUGO)
        assert find_person(session, f'"nouvel malo" <{HUGO.upper()}>').name == MALO
        with pytest.raises(SharedMailbox):
            find_person(session, f"Autre Nom <{HUGO}>")


def test_a_third_name_is_asked_about_too(at: At) -> None:
    cast = at("met")
    share(cast)
    asked = Invitation(SLUG, HUGO, "Zoé Blanc", Role.local_contact, NIORT)
    with pytest.raises(OtherName, match=f"de Hugo Texier et de {MALO}"):
        invite_person(cast.db, cast.agent, asked, now=cast.now)


def test_neither_confirms_what_the_other_proposes(at: At) -> None:
    """The abuse: a contact names somebody at their own mailbox, and turns the second key as that person."""
    cast = at("met")
    hugo = cast.contact(NIORT)
    malo = share(cast)
    other = cast.person(f"{MALO} <{HUGO}>")
    order = DelegationRequest(
        NIORT, "adjointe@niort.example", "Arrêté 7", "all", cast.today, cast.today, to_elected=True,
        delegate_name="Odile Fournier",
    )  # fmt: skip
    proposal = delegate_signature(cast.db, hugo, order, now=cast.now)
    for who in (hugo, other):
        with pytest.raises((SamePerson, UnknownProposal, Refusal)):
            confirm_proposal(cast.db, who, identity(proposal), now=cast.now)
    itself = replace(order, delegate_email=HUGO, delegate_name=MALO, order_reference="Arrêté 8")
    with pytest.raises(InvalidDelegation, match="s’enregistrer soi-même"):
        delegate_signature(cast.db, hugo, itself, now=cast.now)
    holder = NewHolder(NIORT, HUGO, MALO, "Maire", shares_mailbox=True)
    office = propose_holder(cast.db, cast.agent, holder, now=cast.now)
    with pytest.raises(SamePerson):
        confirm_proposal(cast.db, hugo, identity(office), now=cast.now)
    assert malo.id == office.subject_id


def test_an_agent_s_mailbox_signs_for_no_city(at: At) -> None:
    cast = at("met")
    agent = "camille.roussel@anct.example"
    for act in (
        lambda: propose_holder(
            cast.db, cast.agent, NewHolder(NIORT, agent, MALO, shares_mailbox=True), now=cast.now
        ),
        lambda: add_person(
            cast.db,
            Registration(cast.mayor_email(NIORT), MALO, Role.agency_agent, None, shares_mailbox=True),
            now=cast.now,
        ),
    ):
        with pytest.raises(IncompatibleRoles, match="qui partage sa boîte"):
            act()
    order = DelegationRequest(
        NIORT, agent, "Arrêté 7", "all", cast.today, cast.today, to_elected=True, delegate_name=MALO,
        shares_mailbox=True,
    )  # fmt: skip
    with pytest.raises(InvalidDelegation, match="ne signent jamais"):
        delegate_signature(cast.db, cast.mayor(NIORT), order, now=cast.now)


def test_a_mailbox_passes_to_the_new_mayor_and_each_act_has_its_own_signer(at: At) -> None:
    cast = at("constitution in review")
    former = cast.mayor(NIORT)
    mailbox = cast.mayor_email(NIORT)
    note = cast.deliverable("note_de_cadrage")
    rows = f"code;nom;adresse;qualite;boîte partagée\n{NIORT};{MALO};{mailbox};Maire;Oui"
    (outcome,) = hand_over(cast.db, cast.agent, Handover(tuple(read_handover(rows))), now=cast.now)
    confirm_proposal(cast.db, cast.contact(NIORT), outcome.proposal or 0, now=cast.now)
    present = replace(cast.person(f"{MALO} <{mailbox}>"), auth_method=AuthMethod.shared_mailbox)

    def signs(actor: object) -> int:
        asked = SignOffRequest(note.id, cast.party(NIORT).id, note.sha256, Decision.approved)  # type: ignore[arg-type]
        return sign_off(cast.db, actor, asked, now=cast.now)  # type: ignore[arg-type]

    with pytest.raises(Refusal):
        signs(former)
    number = signs(present)
    with cast.db.read() as session:
        shown = read_attestation(session, number, cast.agent.person_id, "https://x.example", cast.now)
    assert shown["signed_by"] == MALO
    assert "boîte partagée" in shown["authenticated"]


def test_a_name_is_not_corrected_into_the_one_of_who_shares_the_mailbox(at: At) -> None:
    cast = at("met")
    share(cast)
    with pytest.raises(InvalidName, match="quelqu’un d’autre à la même adresse"):
        correct_name(
            cast.db, cast.agent, NameCorrection(f"Hugo Texier <{HUGO}>", "nouvel MALO"), now=cast.now
        )
    renamed = correct_name(
        cast.db, cast.agent, NameCorrection(f"{MALO} <{HUGO}>", "Malo Nouvelle"), now=cast.now
    )
    with cast.db.read() as session:
        assert [each.name for each in people_at(session, HUGO)] == ["Hugo Texier", renamed.name]


def test_a_page_asks_and_takes_either_answer(site: SiteAt) -> None:
    here = site("met")
    form = f"{here.project}/participants/inviter"
    fields = {"partie": NIORT, "role": "local_contact", "nom": MALO, "adresse": HUGO}
    with here.client(here.cast.agent) as agent:
        asked = agent.send(form, fields)
        assert "Une autre personne, qui partage cette boîte" in plain(asked.text)
        same = agent.send(form, fields | {"boite": "meme", "boite-adresse": HUGO})
        assert same.status_code == 409
        other = {"boite": "autre", "boite-adresse": HUGO}
        wrong = agent.send(form, fields | other | {"partie": "99999"})
        assert f'name="boites-partagees" value="{HUGO}"' in wrong.text
        assert agent.send(form, fields | {"boites-partagees": HUGO}).status_code == 303
        page = agent.read(f"{here.project}/participants/noms")
        assert f"{MALO} &lt;{HUGO}&gt;" in page
        renamed = agent.send(
            f"{here.project}/participants/noms", {"personne": f"{MALO} <{HUGO}>", "nom": "Malo N."}
        )
        assert renamed.status_code == 303
