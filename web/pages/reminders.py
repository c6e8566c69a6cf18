"""What is awaited of whom in a project, and the agent's own reminder of each thing."""

from datetime import date

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from actions.reminders.remind_by_hand import ReminderRequest, remind_by_hand
from models.awaited import Awaited
from models.refusal import Refusal
from notifications.awaited_words import WORDS, Kind, until
from queries.reminders.reminders import read_reminders
from web.access.signed_in import OurForm
from web.pages.form_fields import TypedFields
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter(prefix="/projets/{slug}/relances", dependencies=[may(Permission.remind)])


@router.get("")
def show(visit: Visit, slug: str) -> HTMLResponse:
    """Everything awaited, by deadline, when it was last reminded and when it is next."""
    return _page(visit, slug)


@router.post("", dependencies=[OurForm])
def remind(visit: Visit, slug: str, fields: TypedFields) -> Response:
    """Write at once to those who have to do it."""
    try:
        thing = visit.do(remind_by_hand, ReminderRequest(slug, fields.get("sujet", "")))
    except Refusal as refusal:
        return _page(visit, slug, refusal)
    return visit.done(f"/projets/{slug}/relances", f"Le rappel de « {thing.text} » est parti.")


def _page(visit: Visit, slug: str, refusal: Refusal | None = None) -> HTMLResponse:
    with visit.read() as session:
        shown = read_reminders(session, slug, visit.person_id, visit.now)
    return visit.page(
        "reminders.html",
        refusal=refusal,
        shown=shown,
        lines=[(each, *_in_words(each.thing, visit.today)) for each in shown.lines],
    )


def _in_words(thing: Awaited, today: date) -> tuple[str, str]:
    """« Validation », « avant le 3 mars 2027 (dans 7 jours) »: the words of the mails."""
    kind: Kind = thing.kind.value
    return WORDS[kind].label, until(kind, thing.due_on, today)
