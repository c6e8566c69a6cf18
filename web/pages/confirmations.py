"""The second key: what is proposed about authority, read and confirmed, or dropped."""

from typing import Annotated

from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, Response

from actions.confirmation.settle import Drop, confirm_proposal, drop_proposal
from models.columns import LONGEST_REASON
from models.proposal import Proposal, ProposalState, waits_for
from models.refusal import Refusal
from queries.authority.read_proposal import proposal_file, proposals_for, read_proposal, settled_label
from web.access.signed_in import OurForm
from web.pages.addresses import Number
from web.pages.files import give
from web.pages.form_fields import words
from web.visit import Visit

router = APIRouter(prefix="/confirmations")


@router.get("")
def show_all(visit: Visit) -> HTMLResponse:
    """What waits for somebody, of all that the visitor may read; first what waits for them."""
    with visit.read() as session:
        pages = proposals_for(session, visit.actor, visit.now)
    return visit.page("confirmations.html", pages=pages)


@router.get("/{number}")
def show(visit: Visit, number: Number) -> HTMLResponse:
    """One proposal: what it asks, on what document, and the button that confirms it."""
    return _page(visit, number)


@router.get("/{number}/document")
def give_document(
    visit: Visit, number: Number, downloads: Annotated[str, Query(alias="telecharger")] = ""
) -> Response:
    """The document that it rests on: the order, the act, the decision."""
    with visit.read() as session:
        kept = proposal_file(session, number, visit.actor, visit.now)
    return give(visit, kept, inline=not downloads)


@router.post("/{number}/confirmer", dependencies=[OurForm])
def confirm(visit: Visit, number: Number) -> Response:
    """Turn the second key: what was proposed is done."""
    try:
        proposal = visit.do(confirm_proposal, number)
    except Refusal as refusal:
        return _page(visit, number, refusal)
    return visit.done(f"/confirmations/{number}", f"C’est confirmé : {proposal.what}.")


@router.post("/{number}/ecarter", dependencies=[OurForm])
def drop(visit: Visit, number: Number, reason: Annotated[str, Form(alias="motif")] = "") -> Response:
    """Take back what one has proposed, or decline what the other side proposes."""
    try:
        said = words({"motif": reason}, "motif", "Motif", LONGEST_REASON)
        proposal = visit.do(drop_proposal, Drop(number, said))
    except Refusal as refusal:
        return _page(visit, number, refusal)
    return visit.done(f"/confirmations/{number}", f"La proposition est {proposal.state.label}.")


def _page(visit: Visit, number: int, refusal: Refusal | None = None) -> HTMLResponse:
    with visit.read() as session:
        shown = read_proposal(session, number, visit.actor, visit.now)
    return visit.page(
        "confirmation.html",
        refusal=refusal,
        shown=shown,
        proposal=shown.proposal,
        settled=settled_label(shown.proposal, visit.now),
    )


def proposed_note(done: str, proposal: Proposal) -> str:
    """What is said after a proposal: whom it waits for, or that it holds already."""
    if proposal.state is ProposalState.confirmed:
        return f"{done}."
    return f"{done}. Cela compte une fois confirmé par {waits_for(proposal.confirmers)}, qui en est prévenu."
