"""Facts recorded through the JSON API, as docs/api.md promises that a program may: retried until they are answered."""

import httpx

from chaos.load.outcome import Outcome, People, Place, Recorded, Refused, TryAgain
from chaos.plan import PlannedAct

SETTLED = (400, 403, 404, 409, 415, 422)


class ByApi:
    """A program with its people's tokens."""

    def __init__(self, place: Place, people: People) -> None:
        self._http = httpx.Client(base_url=f"{place.web}/api/v1", **place.http)
        self._people = people

    def act(self, act: PlannedAct) -> Outcome:
        base = f"/projects/{act.slug}/stages/{act.stage}/deliverables/{act.key}"
        headers = {"Authorization": f"Bearer {self._people[act.person]['token']}"}
        try:
            if act.text is not None:
                file = {"file": ("note.md", act.text.encode(), "text/markdown")}
                return _outcome(self._http.post(f"{base}/versions", files=file, headers=headers))
            said = {"party": act.party, "decision": act.decision, "sha256": act.sha256}
            body = said | ({"reason": act.reason} if act.reason else {})
            return _outcome(self._http.post(f"{base}/sign-offs", json=body, headers=headers))
        except httpx.TransportError as error:
            return TryAgain(type(error).__name__)


def _outcome(answer: httpx.Response) -> Outcome:
    if answer.status_code in (200, 201):
        return Recorded(answer.json().get("id"))
    if answer.status_code == 409 and answer.json().get("code") == "same-content":
        return Recorded(None)  # the version was recorded by a try whose answer was lost
    if answer.status_code in SETTLED:
        return Refused(f"{answer.status_code} {answer.text[:300]}")
    wait = float(answer.headers.get("Retry-After", 1))
    return TryAgain(f"{answer.status_code} {answer.text[:200]}", answer.status_code, min(wait, 5))
