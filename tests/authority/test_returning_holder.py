"""A delegation ends with the office that gave it: it does not come back with a later office of the same person."""

from collections.abc import Callable

import pytest
from cast import NIORT, Cast

from actions.files.store_file import ReceivedFile
from actions.people.propose_holder import NewHolder, propose_holder
from actions.signing.delegate_signature import DelegationRequest, delegate_signature
from models.proposal import Proposal
from models.sign_off import NoAuthority
from models.signature_delegation import InvalidDelegation, SignatureDelegation

NOTE, DEPUTY = "note_de_cadrage", "adjointe@niort.example"


@pytest.fixture
def cast(at: Callable[[str], Cast]) -> Cast:
    return at("constitution in review")


def goes_and_comes_back(cast: Cast) -> None:
    """Another mayor, then the former one again; the city's contact confirms both."""
    former = cast.mayor_email(NIORT)
    for email in ("successeur@niort.example", former):
        holder = NewHolder(NIORT, email, cast.name_of(email))
        cast.confirm(propose_holder(cast.db, cast.agent, holder, now=cast.now))


def order(cast: Cast, reference: str) -> DelegationRequest:
    file: ReceivedFile = cast.files.receive_path(cast.write(reference, "arrete.pdf"))
    return DelegationRequest(
        NIORT, DEPUTY, reference, "all", cast.today, cast.today, True, "Odile Fournier", file
    )


def test_a_delegation_does_not_come_back_with_its_delegator(cast: Cast) -> None:
    deputy = cast.delegate(NIORT, email=DEPUTY)
    goes_and_comes_back(cast)
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=deputy)
    delegate_signature(cast.db, cast.mayor(NIORT), order(cast, "Arrêté 2026-200"), now=cast.now)
    assert cast.sign(NOTE, NIORT, actor=deputy), "by a new order"


def test_a_delegation_proposed_under_an_office_is_not_confirmed_under_the_next(cast: Cast) -> None:
    proposal: Proposal = delegate_signature(
        cast.db, cast.contact(NIORT), order(cast, "Arrêté 2026-201"), now=cast.now
    )
    goes_and_comes_back(cast)
    for who in (cast.agent, cast.mayor(NIORT)):
        with pytest.raises(InvalidDelegation, match="finit avec la fonction"):
            cast.confirm(proposal, who)
    assert cast.all(SignatureDelegation) == []
