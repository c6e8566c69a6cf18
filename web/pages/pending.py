"""« Ce qui m’attend » : the page that the button of every reminder leads to."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from models.refusal import Refusal
from notifications.awaited_words import WORDS, Kind, until
from queries.reminders.pending import PendingShown, read_pending
from web.pages.form_fields import day
from web.visit import Visit

router = APIRouter()
LOOK_AGAIN = "3"
"""Seconds after which a browser loads by itself a list that has nothing yet to be read or typed in."""


@router.get("/a-faire")
def show_pending(visit: Visit, until: Annotated[str, Query(alias="jusqu-au")] = "") -> HTMLResponse:
    """What is awaited of the visitor, then of their party, by deadline, each with its page."""
    today = visit.today
    asked, mistake = _asked_day(until, today)
    with visit.read() as session:
        pending = read_pending(session, visit.person_id, visit.now, asked)
    mine = [each for each in pending.things if each.is_mine]
    answer = visit.page(
        "pending.html",
        status=400 if mistake else 200,
        mine=mine,
        ours=[each for each in pending.things if not each.is_mine],
        late=sum(each.days_left < 0 for each in mine),
        receipts=pending.receipts,
        last=pending.until,
        mistake=mistake,
        fields={"jusqu-au": until} if until else {},
        in_words=lambda thing: _in_words(thing, today),
        moving=pending.moving,
    )
    if not mine and any(each.is_soon_done(visit.now) for each in pending.moving):
        answer.headers["Refresh"] = LOOK_AGAIN
    return answer


class DayGone(Refusal):
    """One looks ahead, not back."""

    def __init__(self, day: date) -> None:
        super().__init__(f"Le {day:%d/%m/%Y} est passé : choisissez un jour à venir.")


def _asked_day(text: str, today: date) -> tuple[date | None, Refusal | None]:
    """The day to look ahead to, or what is wrong with it; nothing asked is neither."""
    if not text.strip():
        return None, None
    try:
        asked = day({"jusqu-au": text}, "jusqu-au", "Jusqu’au")
    except Refusal as mistake:
        return None, mistake
    return (asked, None) if asked >= today else (None, DayGone(asked))


def _in_words(thing: PendingShown, today: date) -> tuple[str, str, str]:
    """« Livrable », « en retard de 8 jours (c’était pour le 23 février 2027) », « Déposer le document »."""
    kind: Kind = thing.kind.value
    return WORDS[kind].label, until(kind, thing.due_on, today), WORDS[kind].button
