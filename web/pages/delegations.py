"""The delegations of signature of a city: recorded and ended by its mayor or president, or its local contact."""

from anyio import to_thread
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from actions.signing.delegate_signature import DelegationRequest, delegate_signature
from actions.signing.revoke_delegation import revoke_delegation
from models.lifecycle import load_lifecycle
from models.person import LONGEST_EMAIL
from models.refusal import Refusal
from models.signature_delegation import LONGEST_ORDER, delegation_scopes
from queries.access.project_access import NotVisible
from queries.projects.participants import read_participants
from web.access.signed_in import OurForm
from web.pages.addresses import Number
from web.pages.confirmations import proposed_note
from web.pages.form_fields import Fields, WrongField, day, needed
from web.pages.participants import participants_page
from web.pages.shared_mailbox import is_shared
from web.pages.upload import Upload
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter(prefix="/projets/{slug}/participants", dependencies=[may(Permission.delegate)])

DELEGATES = {"elu": True, "agent": False}
"""An elected person (CGCT L2122-18), or one of the staff (L2122-19)."""


@router.get("/delegation")
def ask(visit: Visit, slug: str) -> HTMLResponse:
    """The form of a delegation."""
    return _page(visit, slug)


@router.post("/delegation")
async def record(visit: Visit, slug: str) -> Response:
    """Record the order by which the head of a city lets somebody sign, with its file."""
    async with visit.upload() as upload:
        return await to_thread.run_sync(_record, visit, slug, upload)


def _record(visit: Visit, slug: str, upload: Upload) -> Response:
    fields = upload.fields
    try:
        if upload.refusal:
            raise upload.refusal
        order = DelegationRequest(
            authority_code=needed(fields, "partie", "Collectivité"),
            delegate_email=needed(fields, "adresse", "Adresse électronique", LONGEST_EMAIL),
            delegate_name=needed(fields, "nom", "Nom"),
            order_reference=needed(fields, "arrete", "Référence de l’arrêté", LONGEST_ORDER),
            scope=needed(fields, "portee", "Portée"),
            valid_from=day(fields, "du", "Premier jour"),
            valid_until=day(fields, "au", "Dernier jour"),
            to_elected=_is_elected(fields),
            order_file=upload.file,
            shares_mailbox=is_shared(fields, fields.get("adresse", "")),
        )
        proposal = visit.do(delegate_signature, order)
    except Refusal as refusal:
        return _page(visit, slug, refusal, fields)
    sentence = proposed_note(f"La délégation est enregistrée ({order.order_reference})", proposal)
    return visit.done(f"/projets/{slug}/participants#delegations", sentence)


@router.post("/delegations/{delegation_id}/revocation", dependencies=[OurForm])
def revoke(visit: Visit, slug: str, delegation_id: Number) -> Response:
    """End it at once; what was signed under it stands."""
    with visit.read() as session:
        shown = read_participants(session, slug, visit.person_id, visit.now)
    if delegation_id not in {each.id for each in shown.delegations}:
        raise NotVisible
    try:
        visit.do(revoke_delegation, delegation_id)
    except Refusal as refusal:
        return participants_page(visit, slug, refusal=refusal)
    sentence = "La délégation est révoquée : ce qui a été signé sous elle demeure."
    return visit.done(f"/projets/{slug}/participants#delegations", sentence)


def _is_elected(fields: Fields) -> bool:
    if fields.get("delegataire") not in DELEGATES:
        raise WrongField(
            "delegataire", "À qui", "dites si c’est une personne élue ou un agent de la collectivité"
        )
    return DELEGATES[fields["delegataire"]]


def _page(
    visit: Visit, slug: str, refusal: Refusal | None = None, fields: Fields | None = None
) -> HTMLResponse:
    choices = list(delegation_scopes(load_lifecycle()).items())
    return participants_page(visit, slug, "delegation.html", refusal=refusal, fields=fields, scopes=choices)
