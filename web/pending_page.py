"""« Ce qui m’attend » : the page that the button of every reminder leads to."""

from datetime import UTC, date, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from actions.list_pending import Pending, pending_of
from models.paris_time import paris_day
from models.person import Person
from notifications.awaited_words import WORDS, Kind, until
from web.at_hand import db_of, links_of
from web.pages import page
from web.signed_in import Visitor

router = APIRouter()


@router.get("/a-faire")
def show_pending(request: Request, who: Visitor) -> HTMLResponse:
    """Everything awaited of who is signed in, by deadline, with where to do it."""
    now = datetime.now(UTC)
    with db_of(request).read() as session:
        things = pending_of(session, who.person_id, now)
        version = session.get_one(Person, who.person_id).links_version
    links = links_of(request)
    return page(
        request,
        "pending.html",
        who=who.actor.name,
        things=[(each, *_in_words(each, paris_day(now))) for each in things],
        calendar=links.calendar(who.person_id, version),
        frequency=links.frequency(who.person_id, version),
    )


def _in_words(thing: Pending, today: date) -> tuple[str, str]:
    """« Livrable », « en retard de 8 jours (c’était pour le 23 février 2027) »: the words of the mails."""
    kind: Kind = thing.kind.value
    return WORDS[kind].label, until(kind, thing.due_on, today)
