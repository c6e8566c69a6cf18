"""Sign-in by ProConnect, against a real OpenID provider: who enters, for whom they decide, how they leave."""

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from browser import PHONE, fits_its_width
from cast import NIORT
from playwright.sync_api import Browser
from proconnect_door import BOURGES_SIRET, CALLBACK, NIORT_SIRET, Door, form_token, sentence
from pydantic import ValidationError

from models.person import AuthMethod
from models.sign_off import OtherOrganisation
from settings import Settings
from web.server.protections import CONTENT_POLICY

pytest_plugins = ["proconnect_fixtures"]


# The way in


def test_a_mayor_enters_by_proconnect_and_goes_where_they_were_going(door: Door) -> None:
    with door.person() as person:
        entered = door.enter(person, acr="eidas2")
        assert (entered.status_code, entered.headers["location"]) == (303, "/a-faire")
        assert person.get("/a-faire").status_code == 200
    (opened,) = door.sessions()
    assert (opened.auth_method, opened.acr, opened.siret) == (AuthMethod.proconnect, "eidas2", NIORT_SIRET)


def test_what_is_asked_is_what_proconnect_documents(door: Door) -> None:
    with door.person() as person:
        address = urlsplit(door.begin(person))
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert asked["scope"] == "openid given_name usual_name email siret"
    assert json.loads(asked["claims"]) == {"id_token": {"acr": None}}
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert min(len(asked["state"]), len(asked["nonce"])) >= 32
    # ProConnect refuses a request that holds anything else.
    assert set(asked) == {
        "response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "claims", "code_challenge",
        "code_challenge_method",
    }  # fmt: skip


def test_two_tries_have_nothing_in_common(door: Door) -> None:
    with door.person() as person:
        asked = [parse_qs(urlsplit(door.begin(person)).query) for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]


def test_the_address_is_compared_in_lower_case(door: Door) -> None:
    with door.person() as person:
        assert door.enter(person, email=door.email.upper()).status_code == 303


@pytest.mark.parametrize("elsewhere", ["https://piege.example/", "//piege.example", "/connexion/x"])
def test_nobody_is_sent_elsewhere_after_proconnect(door: Door, elsewhere: str) -> None:
    with door.person() as person:
        back = door.provider.sign_in(door.begin(person, elsewhere), door.email, NIORT_SIRET)
        assert person.get(back).headers["location"] == "/a-faire"


def test_the_form_of_a_page_of_elsewhere_begins_nothing(door: Door) -> None:
    with door.person() as person:
        sent = person.post("/connexion/proconnect", headers={"sec-fetch-site": "cross-site"})
    assert sent.status_code == 403
    assert "set-cookie" not in sent.headers


def test_over_tls_the_try_is_kept_in_a_cookie_that_no_other_host_sets(door: Door) -> None:
    door.open(base_url="https://projets.example")
    with door.person() as person:
        cookie = person.post("/connexion/proconnect").headers["set-cookie"]
    assert cookie.startswith("__Host-proconnect=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax", "Max-Age=600"} <= set(cookie.split("; "))


@pytest.mark.parametrize("missing", ["proconnect_client_id", "proconnect_client_secret"])
def test_an_issuer_without_what_it_gave_us_is_a_wrong_setting(missing: str) -> None:
    values = {"proconnect_issuer": "https://proconnect.example/api/v2", "proconnect_client_id": "a",
             "proconnect_client_secret": "b", missing: ""}  # fmt: skip
    with pytest.raises(ValidationError) as wrong:
        Settings(_env_file=None, **values)  # type: ignore[arg-type]
    assert [error["loc"] for error in wrong.value.errors()] == [(missing,)]


@pytest.mark.parametrize("issuer", ["http://proconnect.example", "ftp://localhost", "proconnect.example"])
def test_an_issuer_is_reached_over_tls(issuer: str) -> None:
    with pytest.raises(ValidationError):
        Settings(
            _env_file=None, proconnect_issuer=issuer, proconnect_client_id="a", proconnect_client_secret="b"
        )


def test_without_proconnect_there_is_no_button_and_no_way_in(door: Door) -> None:
    door.open(proconnect_issuer="")
    with door.person() as person:
        page = person.get("/connexion")
        assert "fr-connect" not in page.text
        assert page.headers["content-security-policy"] == CONTENT_POLICY
        assert person.post("/connexion/proconnect").status_code == 404
        assert person.get(CALLBACK).status_code == 404


def test_only_the_page_of_the_ways_in_may_lead_its_forms_to_proconnect(door: Door) -> None:
    with door.person() as person:
        policies = [person.get(path).headers["content-security-policy"] for path in ("/connexion", "/")]
    origin = door.provider.issuer.removesuffix("/api/v2")
    assert f"form-action 'self' {origin};" in policies[0]
    assert policies[1] == CONTENT_POLICY


def test_a_key_changed_at_the_provider_is_asked_for_once_more(door: Door) -> None:
    with door.person() as person:
        door.enter(person)
        door.provider.change_key()
        assert door.enter(person).status_code == 303


# For which organisation


def test_the_mayor_signs_in_the_session_of_their_city_and_not_in_that_of_another(door: Door) -> None:
    with door.person() as person:
        door.enter(person, BOURGES_SIRET)
        with pytest.raises(OtherOrganisation, match="SIREN 211800339"):
            door.cast.sign("note_de_cadrage", NIORT, actor=door.actor(person))
        door.enter(person, NIORT_SIRET)
        door.cast.sign("note_de_cadrage", NIORT, actor=door.actor(person))
    (sign_off,) = door.cast.sign_offs("note_de_cadrage")
    assert sign_off.auth_method is AuthMethod.proconnect


def test_the_page_of_a_deliverable_says_which_account_signs_and_takes_its_answer(door: Door) -> None:
    note = door.cast.deliverable("note_de_cadrage")
    path = f"/projets/{door.cast.slug}/livrables/{note.id}"
    answer = {"partie": NIORT, "empreinte": note.sha256 or "", "decision": "approved"}
    with door.person() as person:
        door.enter(person, BOURGES_SIRET)
        assert "connectez-vous avec celui de Niort (SIREN 217901917)" in person.get(path).text
        refused = person.post(path, data=answer | {"jeton": form_token(person)})
        assert refused.status_code == 403
        assert "Votre compte ProConnect est celui d’une autre organisation" in refused.text
        assert door.cast.sign_offs("note_de_cadrage") == []
        door.enter(person, NIORT_SIRET)
        signed = person.post(path, data=answer | {"jeton": form_token(person)})
        assert signed.status_code == 303, signed.text
        assert "par ProConnect" in person.get(signed.headers["location"]).text


# How sure ProConnect is


def test_the_levels_that_are_accepted_are_asked_for_and_given(door: Door) -> None:
    door.open(proconnect_acr="eidas2 eidas3")
    with door.person() as person:
        asked = parse_qs(urlsplit(door.begin(person)).query)["claims"][0]
        assert json.loads(asked) == {"id_token": {"acr": {"essential": True, "values": ["eidas2", "eidas3"]}}}
        assert door.enter(person, acr="eidas3").status_code == 303


def test_a_lower_level_does_not_enter_though_the_provider_lets_it_through(door: Door) -> None:
    door.open(proconnect_acr="eidas2 eidas3")
    with door.person() as person:
        back = door.way_back(person, acr="eidas2")
        door.provider.lie("id_token of a lower level")
        door.is_refused(person.get(back), 403, "niveau de garantie")


# The way out


def test_who_leaves_leaves_proconnect_too(door: Door) -> None:
    with door.person() as person:
        door.enter(person)
        jeton = form_token(person)
        left = person.post("/deconnexion", data={"jeton": jeton})
        assert "déconnecté d’ici" in left.text
        assert "Se connecter" in left.text
        there = re.search(r'<meta http-equiv="refresh" content="0; url=([^"]+)">', left.text)
        assert there
        asked = parse_qs(urlsplit(unescape(there[1])).query)
        assert set(asked) == {"id_token_hint", "state", "post_logout_redirect_uri"}
        back = door.provider.sign_out(unescape(there[1]))
        assert person.get(back).headers["location"] == "/?au-revoir=1"
        assert person.get("/a-faire").status_code == 303
    (over,) = door.sessions()
    assert (over.ended_at is None, over.id_token) == (False, None)


def test_a_departure_that_did_not_begin_here_leads_home_and_says_nothing(door: Door) -> None:
    with door.person() as person:
        assert person.get("/deconnexion/proconnect?state=x").headers["location"] == "/"


def test_one_leaves_even_when_proconnect_is_away(door: Door) -> None:
    with door.person() as person:
        door.enter(person)
        jeton = form_token(person)
        door.open()
        door.provider.lie("broken")
        left = person.post("/deconnexion", data={"jeton": jeton})
    assert left.status_code == 200
    assert "fermez le navigateur" in sentence(left)
    assert door.sessions()[0].ended_at is not None


# In a real browser, to which the provider is another site


def test_a_person_enters_and_leaves_by_proconnect_in_a_browser(door: Door, chrome: Browser) -> None:
    context = chrome.new_context(viewport=PHONE, locale="fr-FR", base_url=door.address)
    page = context.new_page()
    try:
        page.goto("/a-faire")
        assert fits_its_width(page)
        page.get_by_role("button", name="S’identifier avec ProConnect").click()
        page.get_by_label("Adresse").fill(door.email)
        page.get_by_label("SIRET").fill(NIORT_SIRET)
        page.get_by_role("button", name="Entrer").click()
        page.wait_for_url("**/a-faire")
        assert "Note de cadrage" in page.get_by_role("main").inner_text()
        page.get_by_role("banner").get_by_role("button", name="Se déconnecter").click()
        page.get_by_role("button", name="Quitter ProConnect").click()
        page.wait_for_url("**/?au-revoir=1")
        page.goto("/a-faire")
        page.get_by_role("button", name="S’identifier avec ProConnect").click()
        assert page.get_by_label("Adresse").is_visible()
    finally:
        context.close()
