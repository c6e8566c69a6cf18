"""Decisions given on the real pages, signed in, with the form's own token; the page is read again before each try."""

import re

import httpx

from chaos.load.outcome import Outcome, People, Place, Recorded, Refused, TryAgain
from chaos.plan import PlannedAct

_TOKEN = re.compile(r'name="jeton" value="([0-9a-f]{64})"')
_RECEIPT = re.compile(r"/recus/([0-9]+)")
_SENTENCE = re.compile(r"<h1[^>]*>(.*?)</h1>", re.S)


class ByPages:
    """Somebody in front of the pages."""

    def __init__(self, place: Place, people: People) -> None:
        self._place = place
        self._people = people
        self._clients: dict[str, httpx.Client] = {}

    def act(self, act: PlannedAct) -> Outcome:
        path = f"/projets/{act.slug}/livrables/{act.deliverable_id}"
        browser = self._browser(act.person)
        try:
            shown = browser.get(path)
            token = _TOKEN.search(shown.text)
            if shown.status_code != 200 or token is None:
                return TryAgain(f"GET {shown.status_code}", shown.status_code)
            form = {
                "jeton": token[1],
                "partie": act.party,
                "empreinte": act.sha256,
                "decision": act.decision,
                "motif": act.reason or "",
            }
            return _outcome(browser.post(path, data=form))
        except httpx.TransportError as error:
            return TryAgain(type(error).__name__)

    def _browser(self, email: str) -> httpx.Client:
        if email not in self._clients:
            cookies = {self._place.cookie: str(self._people[email]["session"])}
            self._clients[email] = httpx.Client(base_url=self._place.web, cookies=cookies, **self._place.http)
        return self._clients[email]


def _outcome(answer: httpx.Response) -> Outcome:
    receipt = _RECEIPT.search(answer.headers.get("Location", ""))
    if answer.status_code == 303 and receipt is not None:
        return Recorded(int(receipt[1]))
    if answer.status_code in (409, 422):
        title = _SENTENCE.search(answer.text)
        return Refused(f"{answer.status_code} {title[1].strip() if title else ''}")
    wait = float(answer.headers.get("Retry-After", 1))
    return TryAgain(f"POST {answer.status_code}", answer.status_code, min(wait, 5))
