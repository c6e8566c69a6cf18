"""The steering committee: its meetings to come and past; the ANCT convenes, moves and cancels them."""

from datetime import date, datetime

from fastapi import APIRouter, Depends
from fastapi.responses import HTMLResponse, Response

from actions.meetings.change_meeting import MeetingCancellation, MeetingChanges, cancel_meeting, move_meeting
from actions.meetings.convene_meeting import MeetingPlan, convene_meeting
from models.columns import LONGEST_LINE, LONGEST_REASON, LONGEST_TEXT
from models.meeting import LONGEST_PLACE, meeting_path
from models.paris_time import PARIS, UnclearHour, paris_day, paris_instant
from models.refusal import Refusal
from models.shared_project import refusal_unless_ongoing
from queries.access.project_access import NotVisible
from queries.ledger.find import find_project
from queries.meetings.meetings import has_meeting, read_meetings
from web.access.signed_in import OurForm
from web.pages.addresses import Number
from web.pages.form_fields import Fields, TypedFields, WrongField, day, needed, words
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter(prefix="/projets/{slug}/reunions")


def _check_of_project(visit: Visit, slug: str, meeting_id: Number) -> None:
    """Raises ``NotVisible`` for a meeting of another project."""
    with visit.read() as session:
        if not has_meeting(session, find_project(session, slug), meeting_id):
            raise NotVisible


OfProject = Depends(_check_of_project)


@router.get("", dependencies=[may(Permission.read)])
def show(visit: Visit, slug: str) -> HTMLResponse:
    """When the committee meets, where, and what about."""
    return _page(visit, slug)


@router.post("", dependencies=[may(Permission.convene), OurForm])
def convene(visit: Visit, slug: str, fields: TypedFields) -> Response:
    """Convene a meeting, and invite everybody of the project."""
    try:
        starts_at, ends_at = _hours(fields, "")
        plan = MeetingPlan(
            slug,
            needed(fields, "titre", "Titre", LONGEST_LINE),
            starts_at,
            ends_at,
            words(fields, "lieu", "Lieu", LONGEST_PLACE),
            words(fields, "ordre", "Ordre du jour", LONGEST_TEXT),
        )
        visit.do(convene_meeting, plan)
    except Refusal as refusal:
        return _page(visit, slug, refusal, fields, "convoquer")
    return visit.done(f"/projets/{slug}/reunions", "La réunion est convoquée : chacun reçoit son invitation.")


@router.post("/{meeting_id}/deplacement", dependencies=[may(Permission.convene), OurForm, OfProject])
def move(visit: Visit, slug: str, meeting_id: Number, fields: TypedFields) -> Response:
    """Change its hours, its place or its agenda, and tell everybody what was and what is."""
    end = f"-{meeting_id}"
    try:
        starts_at, ends_at = _hours(fields, end)
        changes = MeetingChanges(
            meeting_id,
            starts_at,
            ends_at,
            words(fields, f"lieu{end}", "Lieu", LONGEST_PLACE),
            words(fields, f"ordre{end}", "Ordre du jour", LONGEST_TEXT),
            words(fields, f"motif{end}", "Motif"),
        )
        visit.do(move_meeting, changes)
    except Refusal as refusal:
        return _page(visit, slug, refusal, fields, f"deplacer{end}")
    return visit.done(meeting_path(slug, meeting_id), "La réunion est changée : chacun en est prévenu.")


@router.post("/{meeting_id}/annulation", dependencies=[may(Permission.convene), OurForm, OfProject])
def cancel(visit: Visit, slug: str, meeting_id: Number, fields: TypedFields) -> Response:
    """Cancel it, and tell everybody why."""
    try:
        reason = needed(fields, f"pourquoi-{meeting_id}", "Motif", LONGEST_REASON)
        visit.do(cancel_meeting, MeetingCancellation(meeting_id, reason))
    except Refusal as refusal:
        return _page(visit, slug, refusal, fields, f"annuler-{meeting_id}")
    return visit.done(meeting_path(slug, meeting_id), "La réunion est annulée : chacun en est prévenu.")


def _page(
    visit: Visit, slug: str, refusal: Refusal | None = None, fields: Fields | None = None, unfolded: str = ""
) -> HTMLResponse:
    with visit.read() as session:
        shown = read_meetings(session, slug, visit.person_id, visit.now)
    return visit.page(
        "meetings.html",
        refusal=refusal,
        fields=fields,
        shown=shown,
        may_convene=shown.standing.is_agent and not refusal_unless_ongoing(shown.header),
        unfolded=unfolded,
        clock=lambda instant: instant.astimezone(PARIS).strftime("%H:%M"),
        in_paris=paris_day,
    )


def _hours(fields: Fields, end: str) -> tuple[datetime, datetime]:
    """When it begins and when it ends, on the same day, by the clocks of Paris."""
    on = day(fields, f"jour{end}", "Jour")
    return _instant(fields, on, f"debut{end}", "Début"), _instant(fields, on, f"fin{end}", "Fin")


def _instant(fields: Fields, on: date, name: str, label: str) -> datetime:
    text = needed(fields, name, label)
    try:
        at = datetime.strptime(text.replace(" ", "").replace("h", ":"), "%H:%M").time()  # noqa: DTZ007
    except ValueError:
        raise WrongField(
            name, label, f"« {text[:40]} » n’est pas une heure ; écrivez-la comme 14:30"
        ) from None
    try:
        return paris_instant(datetime.combine(on, at))
    except UnclearHour as unclear:
        raise WrongField(name, label, unclear.reason) from None
