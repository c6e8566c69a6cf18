"""A city comes in after the charter, comes back, or stops observing: by its council's act and two keys (rule 6)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from cast import BOURGES, GUICHEN, NEWCOMER, NIORT, OBSERVER, Cast, city_file
from departures import leave, roster

from actions.confirmation.settle import Drop, confirm_proposal, drop_proposal
from actions.mail.notify import RECEIPT
from actions.projects import carry_out_accession
from actions.projects.accession import propose_accession
from actions.projects.adhesion import AdhesionRequest, propose_adhesion
from actions.projects.join_project import JoinRequest, join_project
from models.accession import CharterSigned, NotAccepted
from models.act_kind import ActKind
from models.commitment import Commitment, CommitmentStatus
from models.evidence import Evidence
from models.party import Party, PartyDeparture, PartyRole, UnknownParty, WrongNumberOfSignatories
from models.person import Actor
from models.project_file import PersonEntry
from models.proposal import Proposal, ProposalKind, ProposalState
from models.proposal_rules import NotYourKey, ProposalSettled, SamePerson, UnknownProposal
from models.recorded_act import InvalidPaperAct, RecordedAct
from models.shared_project import ProjectStatus
from models.sign_off import SignOff
from models.stored_row import identity
from queries.access.standing import standing_in
from queries.ledger.verify_journal import verify_journal

At = Callable[[str], Cast]
MAYOR = PersonEntry(name="Maire de Mérignac", email=f"maire-{OBSERVER}@ville.example", quality="Maire")


def come_back(cast: Cast, actor: Actor | None = None) -> Proposal:
    """The ANCT proposes that Guichen comes back."""
    request = cast.accession(ProposalKind.comeback, GUICHEN)
    return propose_accession(cast.db, actor or cast.agent, request, now=cast.now)


def stop_observing(cast: Cast, actor: Actor | None = None) -> Proposal:
    request = cast.accession(ProposalKind.become_signatory, OBSERVER, signatory=MAYOR)
    return propose_accession(cast.db, actor or cast.observer, request, now=cast.now)


def open_of(cast: Cast, code: str) -> set[str]:
    """What the charter asks of a city, and is still open."""
    found = cast.commitments(owner=code)
    return {each.reference.partition("@")[0] for each in found if each.status is CommitmentStatus.to_do}


def charter_approvals(cast: Cast, code: str) -> list[SignOff]:
    return [each for each in cast.sign_offs("charte") if each.party_id == cast.party(code).id]


# A city that left comes back


def test_a_city_that_left_comes_back_by_its_councils_act_confirmed_by_its_contact(at: At) -> None:
    cast = at("charter closed")
    leave(cast, GUICHEN)
    proposal = come_back(cast)
    asked = {each.recipient_id for each in cast.notices("authority_to_confirm")}
    assert cast.contact(GUICHEN).person_id in asked
    with pytest.raises(UnknownParty):
        cast.party(GUICHEN)  # nothing changes before
    cast.confirm(proposal, cast.contact(GUICHEN))
    party = cast.party(GUICHEN)
    assert (party.role, party.left_at) == (PartyRole.signatory, None)
    assert ("party.returned", GUICHEN) in cast.journal()
    cast.open("terms_of_reference")
    assert GUICHEN in roster(cast, "terms_of_reference")


def test_its_departure_stays_recorded_and_it_may_leave_again(at: At) -> None:
    cast = at("charter closed")
    leave(cast, GUICHEN)
    cast.confirm(come_back(cast), cast.contact(GUICHEN))
    cast.wait(days=1)
    leave(cast, GUICHEN, reason="Une seconde fois")
    assert [each.reason for each in cast.all(PartyDeparture)] == [
        "Changement de majorité",
        "Une seconde fois",
    ]  # type: ignore[attr-defined]
    cast.confirm(come_back(cast), cast.contact(GUICHEN))
    assert cast.party(GUICHEN).left_at is None


def test_it_takes_its_commitments_up_again_and_its_signature_of_the_charter_stands(at: At) -> None:
    cast = at("charter closed")
    before = open_of(cast, GUICHEN)
    leave(cast, GUICHEN)
    assert open_of(cast, GUICHEN) == set()
    cast.confirm(come_back(cast), cast.contact(GUICHEN))
    assert open_of(cast, GUICHEN) == before
    assert len(before) == 9
    due = {each.due_on for each in cast.commitments(owner=GUICHEN) if each.due_on}
    assert min(due) >= cast.today + timedelta(days=30)
    (signature,) = charter_approvals(cast, GUICHEN)
    assert signature.withdrawn_at is None
    acts = cast.all(RecordedAct, RecordedAct.party_id == cast.party(GUICHEN).id)
    assert len(acts) == 2, "the charter's, and that of the return"
    assert ("commitments.taken_up", GUICHEN) in cast.journal()


def test_what_ended_with_a_stage_it_missed_stays_waived(at: At) -> None:
    cast = at("charter closed")
    leave(cast, GUICHEN)
    cast.open("terms_of_reference")
    cast.confirm(come_back(cast), cast.contact(GUICHEN))
    mine = open_of(cast, GUICHEN)
    assert "communicate/terms_of_reference" not in mine, "it has no seat there"
    assert "communicate/territorial_diagnosis" in mine
    assert GUICHEN not in roster(cast, "terms_of_reference")


def test_an_act_older_than_the_departure_does_not_decide_the_return(at: At) -> None:
    cast = at("charter closed")
    old = cast.own_act(GUICHEN)
    cast.wait(days=3)
    leave(cast, GUICHEN)
    request = replace(cast.accession(ProposalKind.comeback, GUICHEN), act=old)
    with pytest.raises(NotAccepted, match="quitté le projet le"):
        propose_accession(cast.db, cast.agent, request, now=cast.now)


def test_a_city_that_is_there_does_not_come_back(at: At) -> None:
    cast = at("charter closed")
    with pytest.raises(NotAccepted, match="n’a pas quitté"):
        come_back(cast)


def test_below_three_its_return_lets_the_project_resume(at: At) -> None:
    cast = at("constitution in review")
    leave(cast, GUICHEN)
    leave(cast, BOURGES)
    assert cast.project().status is ProjectStatus.paused
    with pytest.raises(WrongNumberOfSignatories):
        cast.change("resume")
    cast.confirm(come_back(cast), cast.contact(GUICHEN))
    cast.change("resume")
    assert cast.project().status is ProjectStatus.active
    assert GUICHEN not in roster(cast, "constitution"), "the roster stays as it was frozen"


# An observer becomes a signatory


def test_an_observer_becomes_a_signatory_by_its_councils_act_confirmed_by_the_anct(at: At) -> None:
    cast = at("constitution in review")
    proposal = stop_observing(cast)
    assert cast.party(OBSERVER).role is PartyRole.observer
    cast.confirm(proposal, cast.agent)
    assert cast.party(OBSERVER).role is PartyRole.signatory
    assert ("party.became_signatory", OBSERVER) in cast.journal()
    assert OBSERVER not in roster(cast, "constitution")
    with cast.db.read() as session:
        number = cast.observer.person_id
        standing = standing_in(session.connection(), number, identity(cast.project()), cast.now)
    assert standing.acts_for == {OBSERVER}
    assert standing.observes_for == frozenset()


def test_the_anct_may_propose_it_and_its_person_confirms(at: At) -> None:
    cast = at("charter closed")
    proposal = stop_observing(cast, cast.agent)
    cast.confirm(proposal, cast.observer)
    assert cast.party(OBSERVER).role is PartyRole.signatory
    (signature,) = charter_approvals(cast, OBSERVER)
    assert signature.sha256 == cast.deliverable("charte").sha256
    assert len(open_of(cast, OBSERVER)) == 9


def test_an_observer_already_signatory_does_not_become_one_again(at: At) -> None:
    cast = at("constitution in review")
    cast.confirm(stop_observing(cast), cast.agent)
    with pytest.raises(NotAccepted, match="déjà signataire"):
        stop_observing(cast, cast.agent)


# Who joins after the charter signs it


def newcomer(cast: Cast) -> Proposal:
    entry = city_file(NEWCOMER, "Nantes")
    request = cast.accession(
        ProposalKind.entry, NEWCOMER, contact=entry.local_contact, signatory=entry.signatory
    )
    return propose_accession(cast.db, cast.agent, request, now=cast.now)


def contact_of_newcomer(cast: Cast) -> Actor:
    return cast.person(f"contact-{NEWCOMER}@ville.example")


def test_who_joins_after_the_charter_joins_by_its_councils_act(at: At) -> None:
    cast = at("charter closed")
    with pytest.raises(CharterSigned, match="Nantes"):
        join_project(cast.db, cast.agent, JoinRequest(cast.slug, city_file(NEWCOMER, "Nantes")), now=cast.now)


def test_its_signature_is_bound_to_the_content_of_the_charter_with_its_act_and_a_receipt(at: At) -> None:
    cast = at("charter closed")
    proposal = newcomer(cast)
    cast.confirm(proposal, contact_of_newcomer(cast))
    (signature,) = charter_approvals(cast, NEWCOMER)
    charter = cast.deliverable("charte")
    assert (signature.sha256, signature.version_id) == (charter.sha256, charter.version_id)
    assert (signature.act_kind, signature.evidence) == (ActKind.deliberation, Evidence.act)
    assert signature.signed_by == cast.person(f"maire-{NEWCOMER}@ville.example").person_id
    assert signature.recorded_by == cast.agent.person_id
    (act,) = cast.all(RecordedAct, RecordedAct.id == signature.act_id)
    assert act.confirmed_by == contact_of_newcomer(cast).person_id  # type: ignore[attr-defined]
    receipts = [each for each in cast.notices(RECEIPT) if each.payload["party"] == signature.party_id]
    assert {each.recipient_id for each in receipts} == {signature.signed_by, signature.recorded_by}
    assert cast.status("charter").value == "closed"
    assert verify_journal(cast.db).tamperings == []


def test_its_mayor_is_confirmed_with_it_and_signs_what_follows(at: At) -> None:
    cast = at("charter closed")
    cast.confirm(newcomer(cast), contact_of_newcomer(cast))
    assert cast.open_proposals(ProposalKind.office) == []
    cast.review("terms_of_reference")
    cast.sign("cahier_des_charges", NEWCOMER)


def test_who_joins_before_the_charter_signs_it_with_the_others(at: At) -> None:
    cast = at("met")
    cast.let_in(NEWCOMER, "Nantes")
    assert cast.commitments(owner=NEWCOMER) == []


def test_who_joins_while_the_charter_is_signed_adheres_to_it_afterwards(at: At) -> None:
    cast = at("charter in review")
    cast.let_in(NEWCOMER, "Nantes")
    request = AdhesionRequest(cast.slug, NEWCOMER, cast.own_act(NEWCOMER))
    with pytest.raises(NotAccepted, match="pas encore signée"):
        propose_adhesion(cast.db, contact_of_newcomer(cast), request, now=cast.now)
    cast.finish("charter")
    assert cast.commitments(owner=NEWCOMER) == []
    cast.open("terms_of_reference")
    assert cast.commitments(owner=NEWCOMER) == [], "not some of them"
    request = AdhesionRequest(cast.slug, NEWCOMER, cast.own_act(NEWCOMER))
    proposal = propose_adhesion(cast.db, contact_of_newcomer(cast), request, now=cast.now)
    assert charter_approvals(cast, NEWCOMER) == []
    cast.confirm(proposal, cast.agent)
    assert len(charter_approvals(cast, NEWCOMER)) == 1
    assert len(open_of(cast, NEWCOMER)) == 9
    again = AdhesionRequest(cast.slug, NEWCOMER, cast.own_act(NEWCOMER))
    with pytest.raises(NotAccepted, match="déjà signé"):
        propose_adhesion(cast.db, cast.agent, again, now=cast.now)


# Who could misuse it


def test_an_agent_alone_brings_nobody_in(at: At) -> None:
    cast = at("charter closed")
    for proposal in (newcomer(cast), stop_observing(cast, cast.agent)):
        with pytest.raises((SamePerson, NotYourKey)):
            cast.confirm(proposal, cast.agent)


def test_a_second_address_of_the_agent_is_no_second_key(at: At) -> None:
    cast = at("charter closed")
    alias = PersonEntry(name="Camille R.", email="camille.roussel+nantes@anct.example")
    entry = city_file(NEWCOMER, "Nantes")
    request = cast.accession(ProposalKind.entry, NEWCOMER, contact=alias, signatory=entry.signatory)
    proposal = propose_accession(cast.db, cast.agent, request, now=cast.now)
    with pytest.raises(SamePerson):
        confirm_proposal(cast.db, cast.person(alias.email), identity(proposal), now=cast.now)


def test_where_somebody_is_known_a_new_contact_has_no_key(at: At) -> None:
    cast = at("charter closed")
    leave(cast, GUICHEN)
    stranger = PersonEntry(name="Un Inconnu", email="inconnu@ailleurs.example")
    request = cast.accession(ProposalKind.comeback, GUICHEN, contact=stranger)
    proposal = propose_accession(cast.db, cast.agent, request, now=cast.now)
    with pytest.raises(UnknownProposal):
        cast.confirm(proposal, cast.person(stranger.email))
    cast.confirm(proposal, cast.mayor(GUICHEN))
    assert cast.party(GUICHEN).left_at is None


def test_an_observer_alone_becomes_nothing(at: At) -> None:
    cast = at("charter closed")
    proposal = stop_observing(cast)
    with pytest.raises(SamePerson):
        cast.confirm(proposal, cast.observer)
    assert cast.party(OBSERVER).role is PartyRole.observer


def test_nobody_else_proposes_or_confirms(at: At) -> None:
    cast = at("charter closed")
    for who in (cast.contact(NIORT), cast.mayor(NIORT), cast.outsider):
        with pytest.raises(NotYourKey):
            stop_observing(cast, who)
    proposal = stop_observing(cast)
    for who in (cast.contact(NIORT), cast.mayor(NIORT)):
        with pytest.raises(NotYourKey):
            cast.confirm(proposal, who)


def test_the_act_of_another_citys_council_is_refused(at: At) -> None:
    cast = at("charter closed")
    request = cast.accession(ProposalKind.become_signatory, OBSERVER, signatory=MAYOR)
    with pytest.raises(NotAccepted, match="PREF079"):
        propose_accession(cast.db, cast.agent, replace(request, act=cast.council_act(NIORT)), now=cast.now)
    of_niort = cast.council_act(NIORT, prefecture_id=None)
    with pytest.raises(NotAccepted, match="l’acte de Niort"):
        propose_accession(cast.db, cast.agent, replace(request, act=of_niort), now=cast.now)


def test_another_sort_of_act_than_the_councils_is_refused(at: At) -> None:
    cast = at("charter closed")
    decision = replace(cast.own_act(OBSERVER), kind=ActKind.mayoral_decision, deliberation=None)
    request = cast.accession(ProposalKind.become_signatory, OBSERVER, signatory=MAYOR)
    with pytest.raises(NotAccepted, match="conseil"):
        propose_accession(cast.db, cast.agent, replace(request, act=decision), now=cast.now)


def test_an_act_dated_in_the_future_or_before_the_project_is_refused(at: At) -> None:
    cast = at("charter closed")
    for days in (1, -400):
        day = cast.today + timedelta(days=days)
        act = cast.own_act(OBSERVER, session_date=day, published_on=None, transmitted_on=None)
        request = cast.accession(ProposalKind.become_signatory, OBSERVER, signatory=MAYOR)
        with pytest.raises(InvalidPaperAct):
            propose_accession(
                cast.db, cast.agent, replace(request, act=replace(act, acted_on=day)), now=cast.now
            )


def test_proposed_twice_in_the_same_words_it_is_one_and_confirmed_twice_too(at: At) -> None:
    cast = at("charter closed")
    request = cast.accession(ProposalKind.become_signatory, OBSERVER, signatory=MAYOR)
    first = propose_accession(cast.db, cast.observer, request, now=cast.now)
    file = cast.files.receive_path(cast.folder / f"acte-{OBSERVER}.pdf")
    again = replace(request, act=replace(request.act, proof=file))
    assert propose_accession(cast.db, cast.observer, again, now=cast.now).id == first.id
    cast.confirm(first, cast.agent)
    cast.confirm(first, cast.agent)
    assert len(charter_approvals(cast, OBSERVER)) == 1
    assert len([each for each in cast.journal() if each == ("party.became_signatory", OBSERVER)]) == 1


def test_a_sixth_signatory_is_refused_when_it_is_confirmed_too(at: At) -> None:
    cast = at("charter closed")
    proposal = stop_observing(cast)
    cast.let_in(NEWCOMER, "Nantes")
    with pytest.raises(WrongNumberOfSignatories):
        cast.confirm(proposal, cast.agent)
    assert cast.party(OBSERVER).role is PartyRole.observer


def test_two_confirmed_at_once_do_not_make_six(at: At) -> None:
    cast = at("charter closed")
    one, other = identity(stop_observing(cast)), identity(newcomer(cast))
    agent, contact, now = cast.agent, contact_of_newcomer(cast), cast.now

    def confirm(number: int, who: Actor) -> str:
        try:
            return str(confirm_proposal(cast.db, who, number, now=now).state)
        except WrongNumberOfSignatories:
            return "too many"

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(confirm, one, agent), pool.submit(confirm, other, contact)]
        assert sorted(each.result() for each in answers) == ["confirmed", "too many"]
    assert len([each for each in cast.all(Party) if each.role is PartyRole.signatory]) == 5  # type: ignore[attr-defined]


def test_dropped_or_expired_it_changes_nothing(at: At) -> None:
    cast = at("charter closed")
    proposal = stop_observing(cast)
    drop_proposal(cast.db, cast.agent, Drop(identity(proposal), "Pas avant l’été"), now=cast.now)
    again = stop_observing(cast)
    cast.wait(days=31)
    with pytest.raises(ProposalSettled, match="expirée"):
        confirm_proposal(cast.db, cast.agent, identity(again), now=cast.now)
    assert cast.party(OBSERVER).role is PartyRole.observer


def test_killed_at_the_last_line_nothing_is_half_done(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    cast = at("charter closed")
    proposal = stop_observing(cast)
    before, entries = cast.sign_offs("charte"), len(cast.entries())

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(carry_out_accession, "wake_all", killed)
        with pytest.raises(KeyboardInterrupt):
            cast.confirm(proposal, cast.agent)
    assert cast.party(OBSERVER).role is PartyRole.observer
    assert cast.sign_offs("charte") == before
    assert len(cast.entries()) == entries
    assert cast.all(Commitment, Commitment.owner == OBSERVER) == []
    (waiting,) = cast.open_proposals(ProposalKind.become_signatory)
    assert waiting.state is ProposalState.proposed
    cast.confirm(proposal, cast.agent)
    assert len(charter_approvals(cast, OBSERVER)) == 1
