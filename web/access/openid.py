"""OpenID Connect as its client sees it: what a provider says of itself, its keys, and what it signed for us.

What the protocol checks is checked by Authlib (the ID token) and joserfc (the signatures); httpx carries the
requests. The client around them is ours: Authlib's does not read a signed userinfo, which ProConnect sends. Codes,
tokens and what they hold never stand in a log nor in a message.
"""

import logging
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from time import monotonic
from typing import Any

import httpx
from authlib.oidc.core import CodeIDToken
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from joserfc.jwt import JWTClaimsRegistry, Token, decode

from models.proconnect import NotTrusted, ProviderAway, RequestNotAccepted, TryOver

logger = logging.getLogger("web.access.openid")

DISCOVERY = "/.well-known/openid-configuration"
PATIENCE = httpx.Timeout(10, connect=5)
KEPT = 3600.0
"""Seconds for which what the provider says of itself is believed without asking again."""
CLOCKS_DIFFER = 60
"""Seconds."""
SIGNED_BY = ("RS256", "ES256")
"""With the provider's own key, so never with a secret that others hold, and never with none."""

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was exchanged for."""

    access_token: str = field(repr=False)
    id_token: str = field(repr=False)


class OpenIdProvider:
    """One provider, for one client of it; may be shared between threads."""

    def __init__(self, issuer: str, client_id: str, client_secret: str) -> None:
        self.issuer, self.client_id = issuer, client_id
        self._client_secret = client_secret
        self._document: tuple[float, Claims] = (0.0, {})
        self._keys: KeySet | None = None

    def address(self, name: str) -> str:
        """One of the addresses of its discovery document; raises ``ProviderAway``, also when it has none such."""
        address = self._discovered().get(name)
        scheme = self.issuer.partition(":")[0]
        if not isinstance(address, str) or not address.startswith(f"{scheme}://"):
            logger.error("le fournisseur OpenID ne donne pas d’adresse « %s »", name)
            raise ProviderAway
        return address

    def exchange(self, code: str, verifier: str, redirect_uri: str) -> Tokens:
        """The tokens of this code, which serves once. Raises ``TryOver``, ``RequestNotAccepted``, ``ProviderAway``,
        ``NotTrusted``."""
        form = {
            "grant_type": "authorization_code",
            "client_id": self.client_id,
            "client_secret": self._client_secret,
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        answer = _ask("POST", self.address("token_endpoint"), data=form)
        body = _object(answer)
        if answer.status_code != httpx.codes.OK:
            refused_with(str(body.get("error")))
        access_token, id_token = body.get("access_token"), body.get("id_token")
        if not isinstance(access_token, str) or not isinstance(id_token, str):
            raise NotTrusted("la réponse n’a pas ses deux jetons")
        return Tokens(access_token, id_token)

    def proof(self, tokens: Tokens, nonce: str) -> Claims:
        """What the ID token says, once it is found to be signed by this provider, for this client, now, and in
        answer to this ``nonce`` (OpenID Connect Core 3.1.3.7). Raises ``NotTrusted``, ``ProviderAway``."""
        with _trusted("id_token"):
            token = self._verified(tokens.id_token)
            claims = CodeIDToken(
                token.claims,
                token.header,
                self._ours(),
                {"nonce": nonce, "client_id": self.client_id, "access_token": tokens.access_token},
            )
            claims.validate(leeway=CLOCKS_DIFFER)
        return token.claims

    def person(self, tokens: Tokens, subject: str) -> Claims:
        """What the provider tells of ``subject``, in a signed answer for this client (Core 5.3.2).

        Raises ``NotTrusted``, ``ProviderAway``.
        """
        bearer = {"Authorization": f"Bearer {tokens.access_token}"}
        answer = _ask("GET", self.address("userinfo_endpoint"), headers=bearer)
        if answer.status_code != httpx.codes.OK:
            raise NotTrusted(f"userinfo : HTTP {answer.status_code}")
        if answer.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/jwt":
            raise NotTrusted("userinfo : la réponse n’est pas signée")
        with _trusted("userinfo"):
            claims = self._verified(answer.text).claims
            expected = {"essential": True, "value": subject}
            JWTClaimsRegistry(leeway=CLOCKS_DIFFER, sub=expected, **self._ours()).validate(claims)  # type: ignore[arg-type]
        return claims

    def _ours(self) -> dict[str, dict[str, Any]]:
        return {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self.client_id},
        }

    def _verified(self, token: str) -> Token:
        """The token, its signature checked; a key we do not know yet is asked for, once."""
        registry = JWSRegistry(algorithms=list(SIGNED_BY), strict_check_header=False)
        try:
            return decode(token, self._key_set(), registry=registry)
        except InvalidKeyIdError:
            return decode(token, self._key_set(refresh=True), registry=registry)

    def _discovered(self) -> Claims:
        """Two who ask at once each ask: nobody waits for another's answer."""
        asked_at, document = self._document
        if not document or monotonic() - asked_at > KEPT:
            document = _object(_ask("GET", self.issuer.rstrip("/") + DISCOVERY))
            if document.get("issuer") != self.issuer:
                logger.error("le fournisseur OpenID ne se nomme pas comme PROJET_PARTAGE_PROCONNECT_ISSUER")
                raise ProviderAway
            self._document, self._keys = (monotonic(), document), None
        return document

    def _key_set(self, *, refresh: bool = False) -> KeySet:
        keys = self._keys
        if keys is None or refresh:
            keys = KeySet.import_key_set(_object(_ask("GET", self.address("jwks_uri"))))  # type: ignore[arg-type]
            self._keys = keys
        return keys


def refused_with(error: str) -> None:
    """Raise what an OAuth error code means for the person; ``error`` may be anything, and little of it is kept."""
    if error == "invalid_grant":
        raise TryOver
    if error in ("server_error", "temporarily_unavailable"):
        raise ProviderAway
    word = error if re.fullmatch(r"[a-z_]{3,50}", error) else "erreur inconnue"
    logger.error("le fournisseur OpenID n’accepte pas notre demande : %s", word)
    raise RequestNotAccepted(word)


@cache
def _authorities() -> ssl.SSLContext:
    """The usual ones or those of ``SSL_CERT_FILE``; reading them takes as long as signing somebody in."""
    return httpx.create_ssl_context()


def _ask(method: str, address: str, **what: Any) -> httpx.Response:
    try:
        answer = httpx.request(method, address, timeout=PATIENCE, verify=_authorities(), **what)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        logger.warning("le fournisseur OpenID ne répond pas : %s", type(error).__name__)
        raise ProviderAway from error
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        logger.warning("le fournisseur OpenID est en panne : HTTP %d", answer.status_code)
        raise ProviderAway
    return answer


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError as error:
        logger.warning("le fournisseur OpenID ne répond pas en JSON")
        raise ProviderAway from error
    return body if isinstance(body, dict) else {}


@contextmanager
def _trusted(what: str) -> Iterator[None]:
    """Whatever does not verify is not trusted, for a reason that holds nothing of it."""
    try:
        yield
    except JoseError as error:
        raise NotTrusted(f"{what} : {error.error} {getattr(error, 'claim', '')}".rstrip()) from error
    except (ValueError, TypeError, KeyError) as error:
        raise NotTrusted(f"{what} : {type(error).__name__}") from error
