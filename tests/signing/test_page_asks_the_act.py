"""What a page offers, or says in its place, is what the act would answer: one check, asked by both."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from cast import MANTES, NIORT, Cast
from departures import leave
from site_of_tests import Site

from actions.commitments.settle_commitment import Evidence, keep_commitment
from models.commitment import CommitmentStatus
from models.person import Actor, AuthMethod
from models.refusal import Refusal
from models.sign_off import Decision
from models.stored_row import identity
from models.tables import MANDATE
from queries.commitments.reservations import read_reservations
from queries.deliverables.deliverable import read_deliverable
from queries.deliverables.my_seats import MySeat, signed_in_as
from queries.projects.participants import read_participants
from queries.receipts.receipt import read_receipt

At = Callable[[str], Cast]
TakeSite = Callable[..., Site]
NOTE = "note_de_cadrage"
SIREN = {MANTES: "217803618", NIORT: "217901917"}
REVIEW = "constitution in review"


def of_organisation(actor: Actor, code: str) -> Actor:
    return replace(actor, auth_method=AuthMethod.proconnect, acr="eidas1", organisation_siren=SIREN[code])


def plain(text: str) -> str:
    """A page, or a sentence, with its entities and its spaces as they are typed."""
    return " ".join(unescape(text).replace("\u00a0", " ").replace("\u202f", " ").split())


def sentence(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refused:
        act()
    return str(refused.value)


def seat_of(cast: Cast, actor: Actor) -> MySeat:
    """The seat of Niort before the note, as the page shows it to this person as they are signed in."""
    number = identity(cast.deliverable(NOTE))
    with cast.db.read() as session:
        page = read_deliverable(session, cast.slug, number, actor.person_id, cast.now)
    (seat,) = signed_in_as(page.my_seats, actor)
    return seat


def test_who_answered_hears_after_the_closing_that_the_stage_is_closed(at: At) -> None:
    cast = at("charter open")
    seat = seat_of(cast, cast.mayor(NIORT))
    assert seat.live is not None
    assert seat.refusal == sentence(lambda: cast.sign(NOTE, NIORT, Decision.refused))
    assert "close" in seat.refusal


def test_another_organisation_is_named_before_the_decision_that_stands(at: At) -> None:
    cast = at(REVIEW)
    cast.sign(NOTE, NIORT)
    actor = of_organisation(cast.mayor(NIORT), MANTES)
    assert seat_of(cast, actor).refusal == sentence(
        lambda: cast.sign(NOTE, NIORT, Decision.refused, actor=actor)
    )


def test_a_withdrawal_is_offered_to_the_account_of_the_city_only(at: At) -> None:
    cast = at(REVIEW)
    number = cast.sign(NOTE, NIORT)
    mayor = cast.mayor(NIORT)
    with cast.db.read() as session:
        receipt = read_receipt(session, number, mayor.person_id, cast.now)
    assert receipt.may_withdraw(mayor)
    assert receipt.may_withdraw(of_organisation(mayor, NIORT))
    assert not receipt.may_withdraw(of_organisation(mayor, MANTES))
    assert "autre organisation" in sentence(
        lambda: cast.withdraw(NOTE, NIORT, actor=of_organisation(mayor, MANTES))
    )


def test_an_act_on_paper_is_not_asked_for_while_it_would_be_refused(site: TakeSite) -> None:
    here = site("charter in review")
    here.cast.pause()
    path = here.deliverable("charte")
    with here.client(here.cast.contact(NIORT)) as contact:
        form = plain(contact.read(f"{path}/acte-papier"))
        assert "acte-papier" not in contact.read(path)
    assert plain(sentence(lambda: here.cast.sign("charte", NIORT))) in form
    assert "Quelle sorte d’acte" not in form


def test_an_act_on_paper_is_not_asked_of_the_account_of_another_organisation(at: At) -> None:
    cast = at("charter in review")
    contact = cast.contact(NIORT)
    with cast.db.read() as session:
        number = identity(cast.deliverable("charte"))
        page = read_deliverable(session, cast.slug, number, contact.person_id, cast.now)
    (seat,) = page.records_for
    elsewhere = of_organisation(contact, MANTES)
    assert seat.refusal(contact) is None
    assert str(seat.refusal(elsewhere)) == sentence(lambda: cast.sign("charte", NIORT, actor=elsewhere))


def test_a_departure_is_not_offered_to_the_account_of_another_organisation(at: At) -> None:
    cast = at("constitution in review")
    contact = cast.contact(NIORT)
    with cast.db.read() as session:
        page = read_participants(session, cast.slug, contact.person_id, cast.now)
    (niort,) = [each for each in page.parties if each.code == NIORT]
    elsewhere = of_organisation(contact, MANTES)
    assert page.departure_refusal(niort, contact) is None
    assert str(page.departure_refusal(niort, elsewhere)) == sentence(
        lambda: leave(cast, NIORT, actor=elsewhere)
    )


def test_a_departure_is_not_asked_for_while_it_would_be_refused(site: TakeSite) -> None:
    here = site("charter in review")
    path = f"{here.project}/participants"
    with here.client(here.cast.contact(NIORT)) as contact:
        assert f"{path}/depart?partie={NIORT}" in contact.read(path)
        here.cast.change("cancel")
        assert f"{path}/depart" not in contact.read(path)
        form = contact.read(f"{path}/depart")
    assert plain(sentence(lambda: leave(here.cast, NIORT))) in plain(form)
    assert "<form" not in form.partition("<h1>")[2].partition("</main>")[0]


def test_who_is_a_contractor_by_the_contract_alone_keeps_what_it_promised(at: At) -> None:
    cast = at("diagnosis in review")
    cast.sign("synthese_croisee", NIORT, Decision.approved_with_reservations)
    contractor = cast.contractor
    with cast.db.write() as session:
        held = sa.update(MANDATE).where(MANDATE.c.person_id == contractor.person_id)
        session.connection().execute(held.values(until=cast.now))
    with cast.db.read() as session:
        number = identity(cast.deliverable("synthese_croisee"))
        (asked,) = read_reservations(session, cast.slug, number, contractor.person_id, cast.now)
    assert asked.commitment.may_keep
    evidence = Evidence(asked.commitment.id, "La place des jeunes est en page 4.")
    assert keep_commitment(cast.db, contractor, evidence, now=cast.now).status is CommitmentStatus.kept


def test_the_charter_is_not_to_be_signed_in_a_paused_project(site: TakeSite) -> None:
    here = site("charter in review")
    here.cast.sign_all("charter")
    path = f"{here.project}/etapes/charter"
    with here.client(here.cast.agent) as agent:
        assert f"{path}/signature" in agent.read(path)
        here.cast.pause()
        paused = agent.read(path)
    assert f"{path}/signature" not in paused
    assert "est en pause" in plain(paused)


def test_more_time_is_not_offered_in_a_paused_project(site: TakeSite) -> None:
    here = site("charter in review")
    path = f"{here.project}/etapes/charter"
    with here.client(here.cast.agent) as agent:
        assert f"{path}/echeance" in agent.read(path)
        here.cast.pause()
        assert f"{path}/echeance" not in agent.read(path)
    later = here.cast.today + timedelta(days=90)
    assert "est en pause" in plain(sentence(lambda: here.cast.extend("charter", later)))


def test_a_report_is_not_to_be_submitted_before_its_strands_are_held(site: TakeSite) -> None:
    here = site("consultation open")
    cast = here.cast
    with here.client(cast.contact(NIORT)) as contact:
        page = contact.read(here.deliverable("bilan_de_concertation", NIORT))
        assert plain(sentence(lambda: cast.submit("bilan_de_concertation", NIORT))) in plain(page)
        assert "/depot" not in page
        cast.hold_strands(NIORT)
        assert "/depot" in contact.read(here.deliverable("bilan_de_concertation", NIORT))
