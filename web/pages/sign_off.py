"""A party's answer, given from the page of the deliverable: bound to the content that the page showed.

Who may not give it is told so by the action alone, in the same words as through the API and the command line.
"""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from actions.signing.sign_off import SignOffRequest, sign_off
from models.refusal import Refusal
from models.sign_off import Decision, OtherContent
from models.stored_row import identity
from queries.ledger.find import find_party, find_project
from web.access.signed_in import OurForm
from web.pages.addresses import Number
from web.pages.deliverable import deliverable_page
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter()


class DecisionMissing(Refusal):
    """None of the three answers was chosen."""

    sentence = "Choisissez une réponse : approuver, approuver avec des réserves, ou refuser."


@router.post("/projets/{slug}/livrables/{deliverable_id}", dependencies=[may(Permission.read), OurForm])
def answer(
    visit: Visit,
    slug: str,
    deliverable_id: Number,
    party_code: Annotated[str, Form(alias="partie")] = "",
    sha256: Annotated[str, Form(alias="empreinte")] = "",
    decision: Annotated[str, Form()] = "",
    typed_reason: Annotated[str, Form(alias="motif")] = "",
) -> Response:
    """Record the decision, and go on to its receipt; refused, the page comes back with what was typed."""
    try:
        reason = typed_reason.strip() or None
        asked = SignOffRequest(
            deliverable_id, party_of(visit, slug, party_code), sha256, decision_of(decision), reason
        )
        number = visit.do(sign_off, asked)
    except Refusal as refusal:
        # A choice made on another content is dropped: they read the current one, and choose again.
        chosen = "" if isinstance(refusal, OtherContent) else decision
        fields = {"partie": party_code, "decision": chosen, "motif": typed_reason}
        form = f"reponse-{party_code}"
        return deliverable_page(visit, slug, deliverable_id, refusal=refusal, fields=fields, form=form)
    return visit.done(f"/recus/{number}", "Votre réponse est enregistrée. Voici son reçu.")


def decision_of(text: str) -> Decision:
    """The answer that was chosen; raises ``DecisionMissing``."""
    try:
        return Decision(text)
    except ValueError:
        raise DecisionMissing from None


def party_of(visit: Visit, slug: str, code: str) -> int:
    """The id of the party of this code; raises ``UnknownParty``."""
    with visit.read() as session:
        return identity(find_party(session, find_project(session, slug), code))
