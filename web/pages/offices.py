"""Who is mayor or president: named by the city or the ANCT; many at once, by a planned handover."""

from datetime import date

from anyio import to_thread
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from actions.people.hand_over import Handover, HandoverOutcome, hand_over
from actions.people.propose_holder import NewHolder, propose_holder
from models.file_text import decode
from models.handover_file import read_handover
from models.person import LONGEST_EMAIL, LONGEST_QUALITY
from models.refusal import Refusal
from web.access.signed_in import OurForm
from web.pages.confirmations import proposed_note
from web.pages.form_fields import Fields, TypedFields, day, needed, words
from web.pages.participants import participants_page
from web.pages.shared_mailbox import is_shared
from web.pages.upload import Upload
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter()
PROJECT = "/projets/{slug}/participants/maire"
HANDOVER = "/passations"


@router.get(PROJECT, dependencies=[may(Permission.name_holder)])
def ask_who(visit: Visit, slug: str) -> HTMLResponse:
    """The form by which the mayor or president of a city is named."""
    fields = {"partie": visit.request.query_params.get("partie", "")}
    return participants_page(visit, slug, "office.html", fields=fields)


@router.post(PROJECT, dependencies=[may(Permission.name_holder)])
async def name(visit: Visit, slug: str) -> Response:
    """Propose them, with the act that proves it, if there is one."""
    async with visit.upload() as upload:
        return await to_thread.run_sync(_name, visit, slug, upload)


def _name(visit: Visit, slug: str, upload: Upload) -> Response:
    fields = upload.fields
    try:
        if upload.refusal:
            raise upload.refusal
        email = needed(fields, "adresse", "Adresse électronique", LONGEST_EMAIL)
        holder = NewHolder(
            needed(fields, "partie", "Collectivité"),
            email,
            needed(fields, "nom", "Nom"),
            words(fields, "qualite", "Qualité", LONGEST_QUALITY) or None,
            _first_day(fields),
            upload.file,
            is_shared(fields, email),
        )
        proposal = visit.do(propose_holder, holder)
    except Refusal as refusal:
        return participants_page(visit, slug, "office.html", refusal=refusal, fields=fields)
    return visit.done(f"/confirmations/{proposal.id}", proposed_note("C’est proposé", proposal))


def _first_day(fields: Fields) -> date | None:
    return day(fields, "jour", "Premier jour") if fields.get("jour", "").strip() else None


@router.get(HANDOVER, dependencies=[may(Permission.hand_over)])
def ask_for_list(visit: Visit) -> HTMLResponse:
    """The form of a planned handover: the list of the new holders, and their first day."""
    return visit.page("handover.html", outcomes=None)


@router.post(f"{HANDOVER}/apercu", dependencies=[may(Permission.hand_over)])
async def preview(visit: Visit) -> Response:
    """What would move, before anything is proposed."""
    async with visit.upload() as upload:
        return await to_thread.run_sync(_preview, visit, upload)


def _preview(visit: Visit, upload: Upload) -> Response:
    fields = upload.fields
    try:
        if upload.refusal:
            raise upload.refusal
        typed = fields.get("liste", "")
        if upload.file is not None:
            typed = decode(upload.file.read_bytes(), file=upload.file.name, by_line=True)
        fields = fields | {"liste": typed}
        outcomes = _hand_over(visit, fields, dry_run=True)
    except Refusal as refusal:
        return visit.page("handover.html", refusal=refusal, fields=fields, outcomes=None)
    return visit.page("handover.html", fields=fields, outcomes=outcomes)


@router.post(HANDOVER, dependencies=[may(Permission.hand_over), OurForm])
def propose_all(visit: Visit, fields: TypedFields) -> Response:
    """Propose them all, or none; each city confirms its own."""
    try:
        outcomes = _hand_over(visit, fields, dry_run=False)
    except Refusal as refusal:
        return visit.page("handover.html", refusal=refusal, fields=fields, outcomes=None)
    count = f"{len(outcomes)} proposition{'s' if len(outcomes) > 1 else ''}"
    return visit.done(
        "/confirmations", f"{count} : chaque collectivité confirme la sienne, et en est prévenue."
    )


def _hand_over(visit: Visit, fields: Fields, *, dry_run: bool) -> list[HandoverOutcome]:
    lines = tuple(read_handover(fields.get("liste", "")))
    return visit.do(hand_over, Handover(lines, _first_day(fields), dry_run))
