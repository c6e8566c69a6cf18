"""ProConnect as the tests have it: a certified OpenID provider of Node (``tests/node/provider.js``), on loopback."""

import html
import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx
from node_tools import NODE_FOLDER, node, node_package

CLIENT_ID, CLIENT_SECRET = "projet-partage", "ce-que-ProConnect-nous-a-remis-a-l-inscription"
_FORM = re.compile(r'<form[^>]* action="([^"]+)"')
_XSRF = re.compile(r'name="xsrf" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Provider:
    """It answers at ``issuer``."""

    issuer: str

    def lie(self, fault: str) -> None:
        """Have it answer wrongly from now on, in one of the ways of ``provider.js``; truly again with ``""``."""
        self._order("faute", fault)

    def change_key(self) -> None:
        """Have it sign with a key that nobody has seen yet."""
        self._order("cle")

    def _order(self, what: str, word: str = "") -> None:
        httpx.post(
            urljoin(self.issuer, f"/essai/{what}"), content=word, trust_env=False, timeout=30
        ).raise_for_status()

    def sign_in(self, at: str, email: str, siret: str = "", acr: str = "eidas1", **more: str) -> str:
        """Somebody sent ``at`` its pages says who they are; gives the address they are sent back to."""
        fields = {"email": email, "siret": siret, "acr": acr, "geste": "entrer"} | more
        with httpx.Client(trust_env=False, timeout=30) as person:
            asked = self._follow(person, at)
            assert asked.status_code == 200, asked.text
            answered = person.post(asked.url, data=fields)
            return self._leads_out(self._follow(person, answered.headers["location"]))

    def sign_out(self, at: str) -> str:
        """Somebody sent ``at`` its page of departure leaves; gives the address they are sent back to."""
        with httpx.Client(trust_env=False, timeout=30) as person:
            asked = self._follow(person, at)
            form, xsrf = _FORM.search(asked.text), _XSRF.search(asked.text)
            assert form, asked.text
            assert xsrf, asked.text
            sent = person.post(html.unescape(form[1]), data={"xsrf": xsrf[1], "logout": "yes"})
            return self._leads_out(sent)

    def _follow(self, person: httpx.Client, address: str) -> httpx.Response:
        """As far as it leads within the provider."""
        answer = person.get(address)
        while answer.has_redirect_location and self._is_within(answer):
            answer = person.get(urljoin(str(answer.url), answer.headers["location"]))
        return answer

    def _is_within(self, answer: httpx.Response) -> bool:
        return urljoin(str(answer.url), answer.headers["location"]).startswith(self.issuer)

    def _leads_out(self, answer: httpx.Response) -> str:
        assert answer.has_redirect_location, answer.text
        assert not self._is_within(answer)
        return str(answer.headers["location"])


@contextmanager
def provider_for(site: str) -> Iterator[Provider]:
    """A provider that knows the pages at ``site`` as its client."""
    node_package("oidc-provider")
    client = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "redirect_uris": [f"{site}/connexion/proconnect/retour"],
        "post_logout_redirect_uris": [f"{site}/deconnexion/proconnect"],
    }
    command = [node(), str(NODE_FOLDER / "provider.js"), json.dumps({"client": client})]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout
            issuer = process.stdout.readline().strip()
            assert issuer, "provider.js n’a pas démarré"
            yield Provider(issuer)
        finally:
            process.kill()
