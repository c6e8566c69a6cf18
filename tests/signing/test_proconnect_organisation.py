"""A decision given in a ProConnect session is that of the organisation ProConnect names, and of no other."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from cast import BOURGES, MANTES, NIORT, Cast
from departures import leave, propose
from sqlmodel import select

from actions.access.enter_by_proconnect import enter_by_proconnect, id_token_of
from actions.access.sign_in import SignedIn, forget_old_sessions, sign_out, who_is_signed_in
from actions.signing.sign_off import SignOffRequest
from actions.signing.sign_on_paper import PaperSignOff, sign_on_paper
from models.local_authority import siren_of
from models.party import PartyDeparture
from models.person import Actor, AuthMethod
from models.proconnect import ProvenPerson, UnknownToUs
from models.proposal import Proposal
from models.sign_off import Decision, NoAuthority, OtherOrganisation
from models.sign_off_rules import organisation_refusal
from models.stored_row import identity
from models.web_session import IDLE_LIFE, WebSession

NOTE = "note_de_cadrage"
SIREN = {MANTES: "217803618", NIORT: "217901917", BOURGES: "211800339"}
NIORT_SIRET = SIREN[NIORT] + "00013"
DEPARTEMENT, EPCI = "79", "200041317"

At = Callable[[str], Cast]


def by_proconnect(actor: Actor, siren: str | None) -> Actor:
    return replace(actor, auth_method=AuthMethod.proconnect, acr="eidas1", organisation_siren=siren)


def proven(email: str, siret: str | None = NIORT_SIRET) -> ProvenPerson:
    return ProvenPerson("Camille Essai", email, siret, "eidas2", "en-tête.corps.signature")


def enter(cast: Cast, email: str, siret: str | None = NIORT_SIRET) -> SignedIn:
    signed_in = who_is_signed_in(
        cast.db, enter_by_proconnect(cast.db, proven(email, siret), now=cast.now).secret, now=cast.now
    )
    assert signed_in is not None
    return signed_in


def test_the_mayor_signs_with_the_account_of_the_city_and_the_journal_says_how(cast: Cast) -> None:
    cast.sign(NOTE, NIORT, actor=by_proconnect(cast.mayor(NIORT), SIREN[NIORT]))
    (recorded,) = cast.sign_offs(NOTE)
    assert recorded.auth_method is AuthMethod.proconnect
    entry = cast.entries()[-1]
    payload = entry["payload"] if isinstance(entry["payload"], dict) else json.loads(entry["payload"])
    assert (entry["event"], entry["auth_method"]) == ("sign_off.recorded", AuthMethod.proconnect)
    assert (payload["acr"], payload["organisation"]) == ("eidas1", SIREN[NIORT])


def test_with_the_account_of_another_organisation_the_mayor_does_not_sign(cast: Cast) -> None:
    with pytest.raises(OtherOrganisation) as refused:
        cast.sign(NOTE, NIORT, actor=by_proconnect(cast.mayor(NIORT), SIREN[BOURGES]))
    assert str(refused.value) == (
        "Votre compte ProConnect est celui d’une autre organisation (SIREN 211800339)\u00a0: pour valider "
        "«\u00a0Note de cadrage\u00a0», connectez-vous avec celui de Niort (SIREN 217901917), "
        "ou par un lien reçu par courriel."
    )
    assert cast.sign_offs(NOTE) == []


def test_an_account_that_names_no_organisation_does_not_sign(cast: Cast) -> None:
    with pytest.raises(OtherOrganisation, match="ne dit pas de quelle organisation"):
        cast.sign(NOTE, NIORT, actor=by_proconnect(cast.mayor(NIORT), None))


def test_the_organisation_gives_no_authority(cast: Cast) -> None:
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=by_proconnect(cast.contact(NIORT), SIREN[NIORT]))


def test_a_delegate_signs_with_the_account_of_the_city_only(cast: Cast) -> None:
    deputy = cast.delegate(NIORT)
    with pytest.raises(OtherOrganisation):
        cast.sign(NOTE, NIORT, actor=by_proconnect(deputy, SIREN[MANTES]))
    cast.sign(NOTE, NIORT, actor=by_proconnect(deputy, SIREN[NIORT]))


def test_a_decision_is_taken_back_with_the_account_of_the_city_only(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    with pytest.raises(OtherOrganisation, match="retirer la validation"):
        cast.withdraw(NOTE, NIORT, actor=by_proconnect(cast.mayor(NIORT), SIREN[BOURGES]))
    assert cast.sign_offs(NOTE)[0].withdrawn_at is None
    cast.withdraw(NOTE, NIORT, actor=by_proconnect(cast.mayor(NIORT), SIREN[NIORT]))


def test_an_act_on_paper_is_recorded_with_the_account_of_the_city_or_by_the_anct(at: At) -> None:
    cast = at("charter in review")
    with pytest.raises(OtherOrganisation, match="enregistrer un acte de Niort"):
        cast.sign("charte", NIORT, actor=by_proconnect(cast.contact(NIORT), SIREN[BOURGES]))
    cast.sign("charte", NIORT, actor=by_proconnect(cast.contact(NIORT), SIREN[NIORT]))
    cast.sign("charte", BOURGES, actor=by_proconnect(cast.agent, "130026032"))


def test_a_departure_is_proposed_with_the_account_of_the_city_and_confirmed_by_the_anct(cast: Cast) -> None:
    with pytest.raises(OtherOrganisation, match="enregistrer le départ de Niort"):
        leave(cast, NIORT, actor=by_proconnect(cast.contact(NIORT), SIREN[BOURGES]))
    proposal = propose(cast, NIORT, actor=by_proconnect(cast.contact(NIORT), SIREN[NIORT]))
    cast.confirm(proposal, by_proconnect(cast.agent, "130026032"))
    assert cast.all(PartyDeparture) != []


def test_what_the_anct_proposes_is_confirmed_with_the_account_of_the_city_only(at: At) -> None:
    cast = at("charter in review")
    proposal = propose_council_act(cast, NIORT)
    for siren in (SIREN[BOURGES], None):
        with pytest.raises(OtherOrganisation, match="confirmer «"):
            cast.confirm(proposal, by_proconnect(cast.contact(NIORT), siren))
    assert cast.sign_offs("charte") == []
    cast.confirm(proposal, by_proconnect(cast.contact(NIORT), SIREN[NIORT]))
    assert len(cast.sign_offs("charte")) == 1


def propose_council_act(cast: Cast, code: str) -> Proposal:
    """The ANCT records what the city's council decided on the charter."""
    charter = cast.deliverable("charte")
    seat = identity(charter), identity(cast.party(code)), charter.sha256 or ""
    request = SignOffRequest(*seat, Decision.approved)
    return sign_on_paper(cast.db, cast.agent, PaperSignOff(request, cast.council_act(code)), now=cast.now)


def test_who_came_by_mail_is_asked_for_no_organisation(cast: Cast) -> None:
    cast.sign(NOTE, NIORT, actor=replace(cast.mayor(NIORT), auth_method=AuthMethod.email_link))


def test_an_epci_is_known_by_its_code_and_a_departement_is_not_taken_on_trust(cast: Cast) -> None:
    assert siren_of(EPCI) == EPCI
    actor = by_proconnect(cast.mayor(NIORT), EPCI)
    assert organisation_refusal(actor, EPCI, "CA du Niortais", "valider") is None
    refusal = organisation_refusal(actor, DEPARTEMENT, "Deux-Sèvres", "valider")
    assert "Le SIREN de Deux-Sèvres n’est pas connu" in str(refusal)


def test_the_session_keeps_what_was_proven(cast: Cast) -> None:
    signed_in = enter(cast, cast.mayor_email(NIORT))
    actor = signed_in.actor
    assert (actor.auth_method, actor.acr, actor.organisation_siren) == ("proconnect", "eidas2", SIREN[NIORT])
    cast.sign(NOTE, NIORT, actor=actor)


def test_a_session_without_siret_knows_no_organisation(cast: Cast) -> None:
    assert enter(cast, cast.mayor_email(NIORT), None).actor.organisation_siren is None


def test_nobody_is_registered_by_proconnect(cast: Cast) -> None:
    with pytest.raises(UnknownToUs, match="inconnue"):
        enter_by_proconnect(cast.db, proven("inconnue@niort.example"), now=cast.now)
    with cast.db.read() as session:
        assert session.exec(select(WebSession)).all() == []


def test_what_proconnect_signed_is_erased_with_the_session(cast: Cast) -> None:
    leaving = enter(cast, cast.mayor_email(NIORT))
    assert id_token_of(cast.db, leaving) == "en-tête.corps.signature"
    sign_out(cast.db, leaving, now=cast.now)
    forgotten = enter(cast, cast.mayor_email(NIORT))
    forget_old_sessions(cast.db, now=cast.now)
    assert id_token_of(cast.db, forgotten) is not None
    forget_old_sessions(cast.db, now=cast.now + IDLE_LIFE)
    assert [id_token_of(cast.db, one) for one in (leaving, forgotten)] == [None, None]
