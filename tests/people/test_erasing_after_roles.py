"""Erasing becomes possible once the roles have ended, and takes the name out of where it stood as words."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cast import BOURGES, LEAD, NIORT, PARTNER, SLUG, Cast
from owed_mails import filled, owed, write

from actions.deliverables.add_comment import CommentRequest, add_comment
from actions.people.change_address import ask_for_address
from actions.people.correct_name import NameCorrection, correct_name
from actions.people.end_role import RoleEnd, end_role
from actions.people.erase_person import NOBODY, StillNeeded, erase_person
from actions.projects.take_charge import take_charge
from actions.signing.revoke_delegation import revoke_delegation
from models.address_change import AddressChange
from models.commitment import Commitment, CommitmentOrigin
from models.former_name import FormerName
from models.notice import Notice
from models.person import Actor, Mandate, Person, Role
from models.sign_off import Decision
from models.signature_delegation import SignatureDelegation
from models.stored_row import identity
from queries.ledger.verify_journal import verify_journal
from queries.receipts.attested import receipt_of

At = Callable[[str], Cast]
SECOND = "suppleant@niort.example"


def end_all_roles(cast: Cast, who: Actor, days: int | None = None) -> None:
    with cast.db.read() as session:
        query = sa.select(Mandate.id).where(Mandate.person_id == who.person_id)  # type: ignore[call-overload, arg-type]
        numbers = session.connection().execute(query).scalars().all()
    last_day = None if days is None else cast.today + timedelta(days=days)
    for number in numbers:
        end_role(cast.db, cast.agent, RoleEnd(number, last_day, "Départ"), now=cast.now)


def erase(cast: Cast, email: str, by: Actor | None = None) -> bool:
    return erase_person(cast.db, by or cast.agent, email, now=cast.now)


def name_of(cast: Cast, number: int) -> str:
    with cast.db.read() as session:
        return session.get_one(Person, number).name


def payloads(cast: Cast) -> str:
    """All that the mails say, of everybody."""
    return str([each.payload for each in cast.all(Notice)])  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "email",
    [
        "hugo.texier@niort.example",
        "solene.guerin@niort.example",
        "contact-33281@ville.example",
        LEAD.contact_email,
        PARTNER.contact_email,
    ],
)
def test_each_may_be_erased_once_their_roles_have_ended_and_not_before(at: At, email: str) -> None:
    cast = at("diagnosis open")
    who = cast.person(email)
    with pytest.raises(StillNeeded, match="role end"):
        erase(cast, email)
    end_all_roles(cast, who, days=3)
    with pytest.raises(StillNeeded):
        erase(cast, email)
    cast.wait(days=5)
    erase(cast, email)
    assert verify_journal(cast.db).tamperings == []


def test_an_agent_too_once_another_conducts_their_projects(at: At) -> None:
    cast = at("constitution in review")
    camille = cast.agent
    for email, name in (("lea.fabre@anct.example", "Léa Fabre"), ("noe.petit@anct.example", "Noé Petit")):
        cast.give_role(email, name, Role.agency_agent)
        take_charge(cast.db, cast.person(email), SLUG, now=cast.now)
    lea, noe = cast.person("lea.fabre@anct.example"), cast.person("noe.petit@anct.example")
    end_all_roles(cast, lea)
    erase(cast, "lea.fabre@anct.example", by=noe)
    assert name_of(cast, lea.person_id) == NOBODY
    end_all_roles(cast, camille)
    erase(cast, "camille.roussel@anct.example", by=noe)
    assert name_of(cast, camille.person_id) == camille.name, "the mayors whom she proposed"


def test_a_delegate_once_the_delegation_is_revoked(at: At) -> None:
    cast = at("constitution in review")
    deputy = cast.delegate(NIORT)
    with pytest.raises(StillNeeded):
        erase(cast, "adjointe@niort.example")
    (delegation,) = cast.all(SignatureDelegation)
    revoke_delegation(cast.db, cast.mayor(NIORT), identity(delegation), now=cast.now)  # type: ignore[arg-type]
    assert erase(cast, "adjointe@niort.example") is True
    assert name_of(cast, deputy.person_id) == "Odile Fournier", "the order names them"


def test_commitments_lose_the_name_even_of_who_signed(at: At) -> None:
    cast = at("diagnosis in review")
    cast.sign("synthese_croisee", NIORT, Decision.approved_with_reservations)
    (answered,) = cast.commitments(origin=CommitmentOrigin.reservation)
    assert answered.holder == cast.contractor.name
    end_all_roles(cast, cast.contractor)
    erase(cast, LEAD.contact_email)
    (answered,) = cast.commitments(origin=CommitmentOrigin.reservation)
    assert (answered.holder, answered.holder_id) == (NOBODY, None)


def test_an_action_of_a_plan_loses_the_name_in_the_person_s_city_only(at: At) -> None:
    cast = at("over")
    hugo = cast.contact(NIORT)
    with cast.db.write() as session:
        for city in (NIORT, BOURGES):
            action = next(each for each in cast.commitments(owner=city, origin=CommitmentOrigin.action))
            session.get_one(Commitment, action.id).holder = hugo.name
    end_all_roles(cast, hugo)
    erase(cast, "hugo.texier@niort.example")
    holders = {
        city: {each.holder for each in cast.commitments(owner=city, origin=CommitmentOrigin.action)}
        for city in (NIORT, BOURGES)
    }
    assert NOBODY in holders[NIORT]
    assert hugo.name not in holders[NIORT]
    assert hugo.name in holders[BOURGES], "somebody else of the same name"


def test_the_mails_of_others_lose_the_name_and_the_address_and_can_still_be_written(at: At) -> None:
    cast = at("diagnosis open")
    paul = second_contact(cast)
    cast.submit("diagnostic", NIORT, actor=paul)
    number = identity(cast.deliverable("diagnostic", NIORT))
    for who in (cast.contact(BOURGES), paul):
        add_comment(cast.db, who, CommentRequest(SLUG, number, "Très juste."), now=cast.now)
    assert paul.name in payloads(cast)
    end_all_roles(cast, paul)
    erase(cast, SECOND)
    assert paul.name not in payloads(cast)
    assert SECOND not in payloads(cast)
    pending = [each for each in owed(cast) if NOBODY in str(each.payload)]
    assert pending
    assert all(NOBODY in write(filled(cast, each)) for each in pending)


def test_who_signed_keeps_the_name_of_each_act_and_loses_the_address_everywhere(at: At) -> None:
    cast = at("constitution in review")
    mayor, email = cast.mayor(NIORT), cast.mayor_email(NIORT)
    number = cast.sign("note_de_cadrage", NIORT)
    correct_name(cast.db, mayor, NameCorrection(email, "Solène Roy"), now=cast.now)
    ask_for_address(cast.db, mayor, "ailleurs@niort.example", now=cast.now)
    end_all_roles(cast, mayor)
    assert erase(cast, email) is True
    with cast.db.read() as session:
        receipt = receipt_of(session.connection(), number)
    assert receipt is not None
    assert receipt.sign_off.signed_by_name == mayor.name
    assert not cast.all(AddressChange)
    assert email not in payloads(cast)


def test_who_never_acted_leaves_no_former_name(at: At) -> None:
    cast = at("constitution in review")
    paul = second_contact(cast)
    correct_name(cast.db, paul, NameCorrection(SECOND, "Paul Simond"), now=cast.now)
    end_all_roles(cast, paul)
    erase(cast, SECOND)
    assert not cast.all(FormerName)
    assert paul.name not in payloads(cast)
    assert "Paul Simond" not in payloads(cast)


def test_who_confirmed_a_mayor_keeps_the_name_on_it(at: At) -> None:
    cast = at("constitution in review")
    hugo = cast.contact(NIORT)
    end_all_roles(cast, hugo)
    assert erase(cast, "hugo.texier@niort.example") is True
    assert name_of(cast, hugo.person_id) == hugo.name


def second_contact(cast: Cast) -> Actor:
    """A contact of Niort who has confirmed nothing."""
    cast.give_role(SECOND, "Paul Simon", Role.local_contact, NIORT)
    return cast.person(SECOND)
