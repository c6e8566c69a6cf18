"""Sign-in by ProConnect, as its documentation asks: what it is asked, and what is believed of its answers.

A try begins and ends in one browser: a short-lived cookie of ours names it, and its ``state``, ``nonce`` and PKCE
verifier are drawn from that name with our secret, so that nothing of them is kept anywhere.
"""

import hmac
import json
import re
from collections.abc import Mapping
from hashlib import sha256
from urllib.parse import urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from itsdangerous import BadSignature, URLSafeTimedSerializer

from models.proconnect import EntryDeclined, NotTrusted, ProvenPerson, TooWeakProof, TryOver
from models.web_session import LONGEST_ACR, new_secret
from settings import Settings
from web.access.openid import Claims, OpenIdProvider, refused_with

CALLBACK, LEFT = "/connexion/proconnect/retour", "/deconnexion/proconnect"
SCOPES = "openid given_name usual_name email siret"
TRY_LIFE = 600
"""Seconds to sign in at ProConnect; the time to leave it too."""


class ProConnect:
    """The way in and out by ProConnect, for the pages at ``public_url``."""

    def __init__(self, provider: OpenIdProvider, acr: list[str], *, public_url: str, secret: str) -> None:
        self._provider, self._acr, self._secret = provider, acr, secret
        self._callback, self._left = public_url + CALLBACK, public_url + LEFT
        self._tries = URLSafeTimedSerializer(secret, salt="proconnect-try")
        self._departures = URLSafeTimedSerializer(secret, salt="proconnect-departure")

    @property
    def origin(self) -> str:
        """Where the form of the way in leads in the end: what its page must allow (CSP ``form-action``)."""
        parts = urlsplit(self._provider.issuer)
        return f"{parts.scheme}://{parts.netloc}"

    def begin(self, next_path: str) -> tuple[str, str]:
        """The address at ProConnect, and the cookie that binds this try to the browser. Raises ``ProviderAway``."""
        name = new_secret()
        asked = {
            "response_type": "code",
            "client_id": self._provider.client_id,
            "redirect_uri": self._callback,
            "scope": SCOPES,
            "state": self._drawn("state", name),
            "nonce": self._drawn("nonce", name),
            "code_challenge": create_s256_code_challenge(self._drawn("verifier", name)),
            "code_challenge_method": "S256",
            "claims": json.dumps({"id_token": {"acr": self._wanted_acr()}}),
        }
        address = self._provider.address("authorization_endpoint")
        return _with(address, asked), str(self._tries.dumps([name, next_path]))

    def end(self, cookie: str, answer: Mapping[str, str]) -> tuple[ProvenPerson, str]:
        """Whom ProConnect proved, from what it answered to this try, and where they were going.

        Raises ``TryOver``, ``EntryDeclined``, ``TooWeakProof``, ``NotTrusted``, ``RequestNotAccepted``,
        ``ProviderAway``.
        """
        name, next_path = self._opened(cookie)
        if not _same(answer.get("state", ""), self._drawn("state", name)):
            raise TryOver
        if answer.get("iss", self._provider.issuer) != self._provider.issuer:
            raise NotTrusted("l’émetteur de la réponse (RFC 9207)")
        if "error" in answer:
            _raise_refusal(answer["error"])
        if not answer.get("code"):
            raise TryOver
        tokens = self._provider.exchange(answer["code"], self._drawn("verifier", name), self._callback)
        proof = self._provider.proof(tokens, self._drawn("nonce", name))
        acr = proof.get("acr")
        if self._acr and acr not in self._acr:
            raise TooWeakProof
        claims = self._provider.person(tokens, str(proof["sub"]))
        return _proven(claims, acr, tokens.id_token), next_path

    def leave(self, id_token: str, then: str) -> tuple[str, str]:
        """The address that ends the session at ProConnect, and the cookie that says where to go ``then``.

        Raises ``ProviderAway``.
        """
        state = new_secret()
        asked = {"id_token_hint": id_token, "state": state, "post_logout_redirect_uri": self._left}
        address = self._provider.address("end_session_endpoint")
        return _with(address, asked), str(self._departures.dumps([state, then]))

    def left(self, cookie: str, state: str) -> str | None:
        """Where who comes back from there was going; None when they did not leave from this browser."""
        try:
            expected, then = self._departures.loads(cookie, max_age=TRY_LIFE)
        except BadSignature:
            return None
        return str(then) if _same(state, expected) else None

    def _opened(self, cookie: str) -> tuple[str, str]:
        try:
            name, next_path = self._tries.loads(cookie, max_age=TRY_LIFE)
        except BadSignature as error:
            raise TryOver from error
        return name, next_path

    def _drawn(self, purpose: str, name: str) -> str:
        """64 hexadecimal digits: long enough for each of them (ProConnect asks 32, PKCE 43 to 128)."""
        return hmac.new(self._secret.encode(), f"proconnect:{purpose}:{name}".encode(), sha256).hexdigest()

    def _wanted_acr(self) -> dict[str, object] | None:
        """One of those asked for, or else whichever it is, told all the same."""
        return {"essential": True, "values": self._acr} if self._acr else None


def proconnect_from(settings: Settings) -> ProConnect | None:
    """The way in that the settings describe, if they do."""
    if not settings.proconnect_issuer:
        return None
    secret = settings.proconnect_client_secret.get_secret_value()
    provider = OpenIdProvider(settings.proconnect_issuer, settings.proconnect_client_id, secret)
    wanted = settings.proconnect_acr.split()
    return ProConnect(provider, wanted, public_url=settings.public_url, secret=settings.secret())


def _proven(claims: Claims, acr: object, id_token: str) -> ProvenPerson:
    email, siret = claims.get("email"), claims.get("siret")
    if not isinstance(email, str) or "@" not in email or claims.get("email_verified") is False:
        raise NotTrusted("userinfo : pas d’adresse vérifiée")
    if acr is not None and not (isinstance(acr, str) and len(acr) <= LONGEST_ACR):
        raise NotTrusted("id_token : acr")
    is_siret = isinstance(siret, str) and re.fullmatch(r"[0-9]{14}", siret)
    names = [str(claims.get(each) or "") for each in ("given_name", "usual_name")]
    return ProvenPerson(
        name=" ".join(filter(None, names)),
        email=email.strip().lower(),
        siret=siret if is_siret else None,
        acr=acr,
        id_token=id_token,
    )


def _raise_refusal(error: str) -> None:
    if error in ("access_denied", "login_required", "interaction_required"):
        raise EntryDeclined
    if error == "unmet_authentication_requirements":
        raise TooWeakProof
    refused_with(error)


def _with(address: str, query: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


def _same(received: str, expected: str) -> bool:
    return hmac.compare_digest(received.encode(), expected.encode())
