"""Sign-in by ProConnect, against a real OpenID provider: what enters, what does not, and what each is told."""

import json
import logging
import re
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from browser import PHONE, fits_its_width
from cast import NIORT, Cast
from openid_provider import CLIENT_ID, CLIENT_SECRET, Provider, provider_for
from playwright.sync_api import Browser
from pydantic import ValidationError
from served import HOST, served
from shelf import Shelf
from site_of_tests import SECRET
from sqlmodel import select
from starlette.types import ASGIApp, Receive, Scope, Send

from actions.sign_in import who_is_signed_in
from models.person import Actor, AuthMethod
from models.sign_off import OtherOrganisation
from models.web_session import WebSession
from settings import Settings
from web import proconnect
from web.app import make_app
from web.protections import CONTENT_POLICY
from web.signed_in import COOKIE

NIORT_SIRET, BOURGES_SIRET = "21790191700013", "21180033900016"
CALLBACK = "/connexion/proconnect/retour"


class Street:
    """One address for a whole file of tests, at which each of them opens its own pages."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class Door:
    """The pages with the way in by ProConnect, the mayor of Niort in front of them."""

    def __init__(self, cast: Cast, street: Street, address: str, provider: Provider) -> None:
        self.cast, self.street, self.address, self.provider = cast, street, address, provider
        self.email = cast.mayor_email(NIORT)
        cast.set_clock(datetime.now(UTC))
        self.open()

    def open(self, **settings: str) -> None:
        """Open the pages, anew, with these settings (``proconnect_…``)."""
        given = {
            "data_dir": self.cast.folder,
            "secret_key": SECRET,
            "base_url": self.address,
            "proconnect_issuer": self.provider.issuer,
            "proconnect_client_id": CLIENT_ID,
            "proconnect_client_secret": CLIENT_SECRET,
        } | settings
        self.street.app = make_app(self.cast.db, Settings(_env_file=None, **given))  # type: ignore[arg-type]

    def person(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, trust_env=False, timeout=30)

    def begin(self, person: httpx.Client, suite: str = "/a-faire") -> str:
        """Press the button; gives the address at the provider."""
        sent = person.post("/connexion/proconnect", data={"suite": suite})
        assert sent.status_code == 303, sent.text
        return str(sent.headers["location"])

    def way_back(self, person: httpx.Client, siret: str = NIORT_SIRET, **more: str) -> str:
        """Go to the provider and say who one is; gives the address that leads back."""
        return self.provider.sign_in(self.begin(person), **{"email": self.email, "siret": siret} | more)

    def enter(self, person: httpx.Client, siret: str = NIORT_SIRET, **more: str) -> httpx.Response:
        return person.get(self.way_back(person, siret, **more))

    def sessions(self) -> list[WebSession]:
        with self.cast.db.read() as session:
            return list(session.exec(select(WebSession)).all())

    def actor(self, person: httpx.Client) -> Actor:
        """Who this person is to the actions."""
        found = who_is_signed_in(self.cast.db, person.cookies[COOKIE], now=datetime.now(UTC))
        assert found is not None
        return found.actor

    def is_refused(self, answer: httpx.Response, status: int, words: str) -> None:
        """Nobody got in, and the page says why, in these words."""
        assert answer.status_code == status, answer.text
        assert words in sentence(answer)
        assert COOKIE not in answer.cookies
        assert self.sessions() == []
        assert answer.headers["content-security-policy"] == CONTENT_POLICY


def sentence(answer: httpx.Response) -> str:
    found = re.search(r'<p class="fr-text--lead">(.*?)</p>', answer.text)
    assert found, answer.text
    return unescape(found[1]).replace("\u00a0", " ").replace("\u202f", " ")


def form_token(person: httpx.Client) -> str:
    found = re.search(r'name="jeton" value="(\w+)"', person.get("/").text)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def street() -> Iterator[tuple[Street, str]]:
    """By the name « localhost », so that the provider, at 127.0.0.1, is another site to a browser."""
    street = Street()
    with served(street) as address:
        yield street, address.replace(HOST, "localhost")


@pytest.fixture(scope="module")
def provider(street: tuple[Street, str]) -> Iterator[Provider]:
    with provider_for(street[1]) as provider:
        yield provider


@pytest.fixture
def door(sqlite_shelf: Shelf, street: tuple[Street, str], provider: Provider) -> Iterator[Door]:
    cast = sqlite_shelf.take("constitution in review")
    yield Door(cast, *street, provider)
    provider.lie("")
    sqlite_shelf.give_back(cast)


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
        given = person.post("/connexion/proconnect").headers["set-cookie"]
    assert given.startswith("__Host-proconnect=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax", "Max-Age=600"} <= set(given.split("; "))


@pytest.mark.parametrize("missing", ["proconnect_client_id", "proconnect_client_secret"])
def test_an_issuer_without_what_it_gave_us_is_a_wrong_setting(missing: str) -> None:
    given = {"proconnect_issuer": "https://proconnect.example/api/v2", "proconnect_client_id": "a",
             "proconnect_client_secret": "b", missing: ""}  # fmt: skip
    with pytest.raises(ValidationError) as wrong:
        Settings(_env_file=None, **given)  # type: ignore[arg-type]
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


# What does not enter


def test_another_state_is_not_this_try(door: Door) -> None:
    with door.person() as person:
        back = door.way_back(person)
        forged = person.get(re.sub(r"state=\w+", "state=" + "0" * 64, back))
        door.is_refused(forged, 400, "ne sert plus")
        door.is_refused(person.get(back), 400, "ne sert plus")


def test_the_way_back_is_of_one_browser_only(door: Door) -> None:
    with door.person() as victim, door.person() as attacker:
        door.is_refused(victim.get(door.way_back(attacker)), 400, "autre navigateur")


def test_the_way_back_serves_once_even_to_who_kept_the_cookie(door: Door) -> None:
    with door.person() as person:
        back = door.way_back(person)
        kept = dict(person.cookies)
        assert person.get(back).status_code == 303
    with httpx.Client(base_url=door.address, cookies=kept, trust_env=False, timeout=30) as again:
        answer = again.get(back)
    assert (answer.status_code, COOKIE in answer.cookies) == (400, False)
    assert "elle a déjà servi" in sentence(answer)
    assert len(door.sessions()) == 1


def test_a_try_is_over_after_ten_minutes(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    with door.person() as person:
        back = door.way_back(person)
        monkeypatch.setattr(proconnect, "TRY_LIFE", -1)
        door.is_refused(person.get(back), 400, "ses dix minutes sont passées")


def test_a_try_of_our_own_making_is_not_made_elsewhere(door: Door) -> None:
    with door.person() as person:
        back = door.way_back(person)
        person.cookies.set("proconnect", "WyJ4IiwiLyJd.aaaa.bbbb", domain="localhost.local")
        door.is_refused(person.get(back), 400, "ne sert plus")


def test_who_turns_back_is_told_so(door: Door) -> None:
    with door.person() as person:
        door.is_refused(door.enter(person, geste="refuser"), 403, "n’a pas été menée à son terme")


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        ("server_error", 503, "ne répond pas"),
        ("unmet_authentication_requirements", 403, "double authentification"),
        ("invalid_scope", 502, "(invalid_scope)"),
        ("<script>", 502, "(erreur inconnue)"),
    ],
)
def test_each_error_of_proconnect_is_told_in_our_words(
    door: Door, error: str, status: int, words: str
) -> None:
    with door.person() as person:
        door.is_refused(door.enter(person, geste="echouer", erreur=error), status, words)


def test_an_address_that_is_not_known_is_not_let_in_and_may_change_account(door: Door) -> None:
    with door.person() as person:
        refused = door.enter(person, email="inconnue@niort.example")
        door.is_refused(refused, 403, "ProConnect vous a reconnu (Camille Essai, inconnue@niort.example)")
        other = re.search(r'href="([^"]+)">Quitter ce compte ProConnect', refused.text)
        assert other
        back = person.get(door.provider.sign_out(unescape(other[1])))
        assert back.headers["location"] == "/connexion"


LIES = {
    "id_token of another nonce": "id_token : invalid_claim nonce",
    "id_token without nonce": "id_token : missing_claim nonce",
    "id_token for another client": "id_token : invalid_claim aud",
    "id_token of another issuer": "id_token : invalid_claim iss",
    "id_token too old": "id_token : expired_token exp",
    "id_token of another access token": "id_token : invalid_claim at_hash",
    "id_token by an unknown key": "id_token : bad_signature",
    "id_token by a shared secret": "id_token : unsupported_algorithm",
    "id_token unsigned": "id_token : unsupported_algorithm",
    "userinfo for another client": "userinfo : invalid_claim aud",
    "userinfo of another issuer": "userinfo : invalid_claim iss",
    "userinfo of somebody else": "userinfo : invalid_claim sub",
    "userinfo too old": "userinfo : expired_token exp",
    "userinfo by an unknown key": "userinfo : bad_signature",
    "userinfo unsigned": "userinfo : unsupported_algorithm",
    "userinfo in plain JSON": "userinfo : la réponse n’est pas signée",
    "userinfo without address": "userinfo : pas d’adresse vérifiée",
    "userinfo of an unverified address": "userinfo : pas d’adresse vérifiée",
}


@pytest.mark.parametrize("lie", LIES)
def test_what_proconnect_did_not_sign_for_us_now_is_not_believed(
    door: Door, lie: str, caplog: pytest.LogCaptureFixture
) -> None:
    with door.person() as person, caplog.at_level(logging.INFO):
        back = door.way_back(person)
        door.provider.lie(lie)
        door.is_refused(person.get(back), 502, "n’a pas pu être vérifiée")
    logged = [each.getMessage() for each in caplog.records if each.name == "web"]
    assert logged == [f"connexion par ProConnect non vérifiée : {LIES[lie]}"]


def test_neither_code_nor_token_nor_address_is_logged(door: Door, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), door.person() as person:
        back = door.way_back(person)
        caplog.clear()
        door.provider.lie("userinfo for another client")
        person.get(back)
        ours = [each.getMessage() for each in caplog.records if each.name.startswith("web")]
    (code,) = parse_qs(urlsplit(back).query)["code"]
    assert ours == ["connexion par ProConnect non vérifiée : userinfo : invalid_claim aud"]
    assert code not in "".join(ours)


def test_an_odd_siret_is_kept_for_nothing(door: Door) -> None:
    with door.person() as person:
        back = door.way_back(person)
        door.provider.lie("userinfo of an odd siret")
        assert person.get(back).status_code == 303
    assert door.sessions()[0].siret is None


@pytest.mark.parametrize("trouble", ["broken", "no json"])
def test_a_provider_in_trouble_is_told(door: Door, trouble: str) -> None:
    with door.person() as person:
        back = door.way_back(person)
        door.provider.lie(trouble)
        door.is_refused(person.get(back), 503, "ne répond pas")


def test_a_provider_that_is_away_is_told_before_anybody_leaves(door: Door) -> None:
    with socket.create_server((HOST, 0)) as closed:
        nobody = closed.getsockname()[1]
    door.open(proconnect_issuer=f"http://{HOST}:{nobody}")
    with door.person() as person:
        door.is_refused(person.post("/connexion/proconnect"), 503, "demandez un lien par courriel")


def test_a_provider_that_names_itself_otherwise_is_not_used(door: Door) -> None:
    door.provider.lie("another issuer")
    with door.person() as person:
        door.is_refused(person.post("/connexion/proconnect"), 503, "ne répond pas")


def test_a_wrong_secret_is_ours_to_mend(door: Door) -> None:
    door.open(proconnect_client_secret="un autre")
    with door.person() as person:
        door.is_refused(door.enter(person), 502, "(invalid_client)")


# For which organisation


def test_the_mayor_signs_in_the_session_of_their_city_and_not_in_that_of_another(door: Door) -> None:
    with door.person() as person:
        door.enter(person, BOURGES_SIRET)
        with pytest.raises(OtherOrganisation, match="SIREN 211800339"):
            door.cast.sign("note_de_cadrage", NIORT, actor=door.actor(person))
        door.enter(person, NIORT_SIRET)
        door.cast.sign("note_de_cadrage", NIORT, actor=door.actor(person))
    (given,) = door.cast.sign_offs("note_de_cadrage")
    assert given.auth_method is AuthMethod.proconnect


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
