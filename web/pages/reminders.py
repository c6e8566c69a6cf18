"""What is awaited of whom in a project, and the agent's own reminder of each thing."""

from datetime import UTC, date, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from actions.access.sign_in import SignedIn
from actions.reminders.remind_by_hand import ReminderRequest, remind_by_hand
from models.awaited import Awaited
from models.paris_time import paris_day
from models.refusal import Refusal
from notifications.awaited_words import WORDS, Kind, until
from queries.reminders.reminders import read_reminders
from web.access.signed_in import OurForm, Visitor
from web.dependencies import db_of
from web.pages.form_fields import TypedFields
from web.pages.rendering import done, page
from web.rights import Permission, may

router = APIRouter(prefix="/projets/{slug}/relances", dependencies=[may(Permission.remind)])


@router.get("")
def show(request: Request, slug: str, who: Visitor) -> HTMLResponse:
    """Everything awaited, by deadline, when it was last reminded and when it is next."""
    return _page(request, slug, who)


@router.post("", dependencies=[OurForm])
def remind(request: Request, slug: str, who: Visitor, fields: TypedFields) -> Response:
    """Write at once to those who have to do it."""
    try:
        asked = ReminderRequest(slug, fields.get("sujet", ""))
        thing = remind_by_hand(db_of(request), who.actor, asked, now=datetime.now(UTC))
    except Refusal as refusal:
        return _page(request, slug, who, refusal)
    return done(request, f"/projets/{slug}/relances", f"Le rappel de « {thing.text} » est parti.")


def _page(request: Request, slug: str, who: SignedIn, refusal: Refusal | None = None) -> HTMLResponse:
    now = datetime.now(UTC)
    with db_of(request).read() as session:
        shown = read_reminders(session, slug, who.person_id, now)
    today = paris_day(now)
    return page(
        request,
        "reminders.html",
        refusal=refusal,
        shown=shown,
        lines=[(each, *_in_words(each.thing, today)) for each in shown.lines],
        today=today,
    )


def _in_words(thing: Awaited, today: date) -> tuple[str, str]:
    """« Validation », « avant le 3 mars 2027 (dans 7 jours) »: the words of the mails."""
    kind: Kind = thing.kind.value
    return WORDS[kind].label, until(kind, thing.due_on, today)
