"""Record an act given on paper, for a party that signed off-platform: its date, its scan, a council's own data."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response

from actions.files.store_file import MEGABYTE
from actions.signing.sign_off import SignOffRequest, sign_off
from actions.signing.sign_on_paper import PaperAct
from models.act_kind import ActKind
from models.file_kind import ACCEPT_ATTRIBUTE
from models.paris_time import paris_day
from models.refusal import Refusal
from models.typed_text import plain
from queries.deliverables.deliverable import read_deliverable
from queries.deliverables.my_seats import PaperSeat
from web.access.signed_in import Visitor, signed_in
from web.dependencies import db_of, files_of
from web.pages.addresses import Number
from web.pages.deliberation_form import LABELS, deliberation_of
from web.pages.rendering import done, page
from web.pages.sign_off import decision_of, party_of, reason_of
from web.pages.submit import chosen
from web.pages.upload import Upload, read_upload
from web.rights import Permission, may

router = APIRouter(prefix="/projets/{slug}/livrables/{deliverable_id}")


class PartyMissing(Refusal):
    """Nothing says whose act it is."""

    sentence = "Choisissez la collectivité dont vous enregistrez l’acte."


class ActMissing(Refusal):
    """Nothing says what sort of act it is, or on which day it was given."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Indiquez {what} : c’est ce que porte le papier.")


@router.get("/acte-papier", dependencies=[may(Permission.record_paper)])
def show_form(
    request: Request,
    slug: str,
    deliverable_id: Number,
    who: Visitor,
    party: Annotated[str, Query(alias="partie")] = "",
) -> HTMLResponse:
    """The form, for one of the parties that the person may record for."""
    return _page(request, slug, deliverable_id, {"partie": party})


@router.post("/acte-papier", dependencies=[may(Permission.record_paper)])
async def record(request: Request, slug: str, deliverable_id: Number, who: Visitor) -> Response:
    """Record the act, and go on to its receipt."""
    async with read_upload(request, files_of(request)) as upload:
        return await to_thread.run_sync(_record, request, slug, deliverable_id, who, upload)


def _record(request: Request, slug: str, deliverable_id: int, who: Visitor, upload: Upload) -> Response:
    fields = upload.fields
    try:
        asked = SignOffRequest(
            deliverable_id,
            _party(request, slug, fields.get("partie", "")),
            fields.get("empreinte", ""),
            decision_of(fields.get("decision", "")),
            reason_of(fields.get("motif", "")),
            _paper(fields, upload),
        )
        number = sign_off(db_of(request), who.actor, asked, now=datetime.now(UTC))
    except Refusal as refusal:
        return _page(request, slug, deliverable_id, fields, refusal)
    return done(request, f"/recus/{number}", "L’acte est enregistré. Voici son reçu.")


def _party(request: Request, slug: str, code: str) -> int:
    if not code:
        raise PartyMissing
    return party_of(request, slug, code)


def _paper(fields: Mapping[str, str], upload: Upload) -> PaperAct:
    """The act with its proof. Fields are checked before the file: they take longer to correct."""
    try:
        kind = ActKind(fields.get("sorte", ""))
    except ValueError:
        raise ActMissing("la sorte d’acte") from None
    if kind is ActKind.deliberation:
        words = {name: plain(fields.get(name, "")) for name in LABELS}
        deliberation = deliberation_of(words)
        return PaperAct(kind, deliberation.session_date, chosen(upload), deliberation)
    try:
        day = date.fromisoformat(fields.get("date", ""))
    except ValueError:
        raise ActMissing("la date de l’acte") from None
    return PaperAct(kind, day, chosen(upload))


def _page(
    request: Request,
    slug: str,
    deliverable_id: int,
    fields: Mapping[str, str],
    refusal: Refusal | None = None,
) -> HTMLResponse:
    now = datetime.now(UTC)
    with db_of(request).read() as session:
        shown = read_deliverable(session, slug, deliverable_id, signed_in(request).person_id, now)
    party = _chosen_party(shown.records_for, fields.get("partie", ""))
    return page(
        request,
        "paper.html",
        refusal=refusal,
        fields=fields,
        shown=shown,
        deliverable=shown.deliverable,
        party=party,
        seat=shown.deliverable.seat(party.code) if party else None,
        closed=party.refusal(signed_in(request).actor) if party else None,
        labels=LABELS,
        kinds=list(reversed(ActKind)),
        accept=ACCEPT_ATTRIBUTE,
        limit_mb=files_of(request).limit // MEGABYTE,
        today=paris_day(now),
    )


def _chosen_party(choices: Sequence[PaperSeat], code: str) -> PaperSeat | None:
    """The party of this code; the only one there is, when there is no choice."""
    return next((each for each in choices if each.code == code or len(choices) == 1), None)
