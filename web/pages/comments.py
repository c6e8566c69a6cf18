"""Comments on the page of a deliverable: added, answered, withdrawn; and the answers to reservations."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from actions.commitments.settle_commitment import Evidence, keep_commitment
from actions.deliverables.add_comment import CommentRequest, add_comment
from actions.deliverables.withdraw_comment import CommentWithdrawal, withdraw_comment
from models.refusal import Refusal
from web.access.signed_in import OurForm
from web.pages.addresses import LARGEST, Number
from web.pages.deliverable import deliverable_page
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter(prefix="/projets/{slug}/livrables/{deliverable_id}")


@router.get("/commentaires", dependencies=[may(Permission.read)])
def show_comments(slug: str, deliverable_id: Number) -> RedirectResponse:
    """Back to the comments, when the address of a refused form is reloaded (GET)."""
    return RedirectResponse(f"/projets/{slug}/livrables/{deliverable_id}#commentaires", status_code=303)


@router.post("/commentaires", dependencies=[may(Permission.comment), OurForm])
def comment(
    visit: Visit,
    slug: str,
    deliverable_id: Number,
    text: Annotated[str, Form(alias="texte")] = "",
    version: Annotated[int | None, Form(ge=0, le=LARGEST)] = None,
    answered: Annotated[int | None, Form(alias="repond", ge=0, le=LARGEST)] = None,
) -> Response:
    """Publish a comment on the version that was read, or the answer to one."""

    def publish() -> tuple[str, str]:
        asked = CommentRequest(slug, deliverable_id, text, version, answered or None)
        published = visit.do(add_comment, asked)
        return f"commentaire-{published.id}", "Votre commentaire est publié."

    form = f"repondre-{answered}" if answered else "commenter"
    return _done_or_again(visit, slug, deliverable_id, publish, form, {"texte": text})


@router.post("/commentaires/{comment_id}/retrait", dependencies=[may(Permission.comment), OurForm])
def take_back(
    visit: Visit,
    slug: str,
    deliverable_id: Number,
    comment_id: Number,
    reason: Annotated[str, Form(alias="motif")] = "",
) -> Response:
    """Erase the words of a comment: its author, or the ANCT, which says why."""

    def erase() -> tuple[str, str]:
        visit.do(withdraw_comment, CommentWithdrawal(comment_id, reason))
        return f"commentaire-{comment_id}", "Le commentaire est retiré."

    form = f"retirer-{comment_id}"
    return _done_or_again(visit, slug, deliverable_id, erase, form, {"motif": reason})


@router.post("/reserves/{commitment_id}", dependencies=[may(Permission.keep_commitment), OurForm])
def answer_reservation(
    visit: Visit,
    slug: str,
    deliverable_id: Number,
    commitment_id: Number,
    text: Annotated[str, Form(alias="texte")] = "",
) -> Response:
    """The author of a deliverable answers what a party asked for while it approved."""

    def answer() -> tuple[str, str]:
        visit.do(keep_commitment, Evidence(commitment_id, text, slug=slug))
        return "reserves", "Votre réponse à la réserve est enregistrée, et dite à qui l’avait émise."

    form = f"reserve-{commitment_id}"
    return _done_or_again(visit, slug, deliverable_id, answer, form, {"texte": text})


def _done_or_again(
    visit: Visit,
    slug: str,
    deliverable_id: int,
    act: Callable[[], tuple[str, str]],
    form: str,
    fields: dict[str, str],
) -> Response:
    """Go on to the place that the act names and say its sentence; refused, the page with what was typed."""
    try:
        place, sentence = act()
    except Refusal as refusal:
        return deliverable_page(visit, slug, deliverable_id, refusal=refusal, fields=fields, form=form)
    return visit.done(f"/projets/{slug}/livrables/{deliverable_id}#{place}", sentence)
