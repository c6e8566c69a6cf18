"""Who does not enter by ProConnect, and what each is told: forged, replayed, late, unknown, declined, broken."""

import logging
import re
import socket
from html import unescape
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from proconnect_door import Door, sentence
from served import HOST

from web.access import proconnect
from web.access.signed_in import COOKIE

pytest_plugins = ["proconnect_fixtures"]


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


def test_a_person_who_cancels_is_told_so(door: Door) -> None:
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
    assert ours == [
        "connexion par ProConnect non vérifiée : userinfo : invalid_claim aud",
        "GET /connexion/proconnect/retour : 502",
    ]
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


def test_a_wrong_client_secret_is_reported_as_our_fault(door: Door) -> None:
    door.open(proconnect_client_secret="un autre")
    with door.person() as person:
        door.is_refused(door.enter(person), 502, "(invalid_client)")
