"""Record an act given on paper, for a party that signed off-platform: its date, its scan, a council's own data."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, Response

from actions.signing.paper_act import PaperAct
from actions.signing.sign_off import SignOffRequest
from actions.signing.sign_on_paper import PaperSignOff, sign_on_paper
from models.act_kind import ActKind
from models.columns import LONGEST_REASON
from models.refusal import Refusal
from models.typed_text import paragraph
from queries.deliverables.deliverable import read_deliverable
from queries.deliverables.my_seats import PaperSeat
from web.pages.addresses import Number
from web.pages.confirmations import proposed_note
from web.pages.deliberation_form import LABELS, deliberation_of
from web.pages.form_fields import words
from web.pages.sign_off import decision_of, party_of
from web.pages.submit import FileMissing
from web.pages.upload import Upload
from web.rights import Permission, may
from web.visit import Visit

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
    visit: Visit, slug: str, deliverable_id: Number, party: Annotated[str, Query(alias="partie")] = ""
) -> HTMLResponse:
    """The form, for one of the parties that the person may record for."""
    return _page(visit, slug, deliverable_id, {"partie": party})


@router.post("/acte-papier", dependencies=[may(Permission.record_paper)])
async def record(visit: Visit, slug: str, deliverable_id: Number) -> Response:
    """Propose the act, and go on to what it waits for."""
    async with visit.upload() as upload:
        return await to_thread.run_sync(_record, visit, slug, deliverable_id, upload)


def _record(visit: Visit, slug: str, deliverable_id: int, upload: Upload) -> Response:
    fields = upload.fields
    try:
        asked = SignOffRequest(
            deliverable_id,
            _party(visit, slug, fields.get("partie", "")),
            fields.get("empreinte", ""),
            decision_of(fields.get("decision", "")),
            fields.get("motif", "").strip() or None,
        )
        proposal = visit.do(sign_on_paper, PaperSignOff(asked, paper_act_of(upload)))
    except Refusal as refusal:
        return _page(visit, slug, deliverable_id, fields, refusal)
    return visit.done(f"/confirmations/{proposal.id}", proposed_note("L’acte est enregistré", proposal))


def _party(visit: Visit, slug: str, code: str) -> int:
    if not code:
        raise PartyMissing
    return party_of(visit, slug, code)


def paper_act_of(upload: Upload) -> PaperAct:
    """The act with its proof, as the forms of acts on paper ask for it. Raises ``ActMissing``, ``FileMissing`` and what
    is wrong with the data of a deliberation.

    Fields are checked before the file: they take longer to correct."""
    fields = upload.fields
    try:
        kind = ActKind(fields.get("sorte", ""))
    except ValueError:
        raise ActMissing("la sorte d’acte") from None
    early = words(fields, "motif-date", "Motif de l’antériorité", LONGEST_REASON) or None
    if kind is ActKind.deliberation:
        deliberation = deliberation_of({name: paragraph(fields.get(name, "")) for name in LABELS})
        proof = upload.required_file(FileMissing)
        return PaperAct(kind, deliberation.session_date, proof, deliberation, early)
    try:
        day = date.fromisoformat(fields.get("date", ""))
    except ValueError:
        raise ActMissing("la date de l’acte") from None
    return PaperAct(kind, day, upload.required_file(FileMissing), early_reason=early)


def _page(
    visit: Visit, slug: str, deliverable_id: int, fields: Mapping[str, str], refusal: Refusal | None = None
) -> HTMLResponse:
    with visit.read() as session:
        shown = read_deliverable(session, slug, deliverable_id, visit.person_id, visit.now)
    party = _chosen_party(shown.records_for, fields.get("partie", ""))
    return visit.page(
        "paper.html",
        refusal=refusal,
        fields=fields,
        shown=shown,
        deliverable=shown.deliverable,
        party=party,
        seat=shown.deliverable.seat(party.code) if party else None,
        closed=party.refusal(visit.actor) if party else None,
        labels=LABELS,
        kinds=list(reversed(ActKind)),
    )


def _chosen_party(choices: Sequence[PaperSeat], code: str) -> PaperSeat | None:
    """The party of this code; the only one there is, when there is no choice."""
    return next((each for each in choices if each.code == code or len(choices) == 1), None)
