"""A city joins a project, or leaves it by a recorded decision."""

from anyio import to_thread
from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from actions.projects.join_project import JoinRequest, join_project
from actions.projects.leave_project import DepartureRequest, propose_departure
from models.columns import LONGEST_LINE, LONGEST_REASON
from models.party import PartyRole
from models.person import LONGEST_EMAIL, LONGEST_QUALITY
from models.project_file import PartyEntry, PersonEntry
from models.refusal import Refusal
from web.access.signed_in import OurForm
from web.pages.authority_field import WhichAuthority, meant
from web.pages.confirmations import proposed_note
from web.pages.form_fields import Fields, TypedFields, WrongField, needed, words
from web.pages.participants import participants_page
from web.pages.shared_mailbox import is_shared
from web.pages.upload import Upload
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter(prefix="/projets/{slug}/participants")


class NoDecisionFile(Refusal):
    """A departure is recorded with the decision itself."""

    sentence = "Une collectivité quitte un projet par une décision : joignez-la (PDF ou photo)."


@router.get("/entree", dependencies=[may(Permission.invite)])
def ask_which(visit: Visit, slug: str) -> HTMLResponse:
    """The form by which a city comes in; once the charter is signed, a signatory does by another one."""
    return participants_page(visit, slug, "join.html", candidates=())


@router.post("/entree", dependencies=[may(Permission.invite), OurForm])
def join(visit: Visit, slug: str, fields: TypedFields) -> Response:
    """The city comes in; it counts in the stages that open from now on."""
    try:
        party = visit.do(join_project, JoinRequest(slug, _entry(fields)))
    except Refusal as refusal:
        candidates = refusal.candidates if isinstance(refusal, WhichAuthority) else ()
        return participants_page(
            visit, slug, "join.html", refusal=refusal, fields=fields, candidates=candidates
        )
    return visit.done(f"/projets/{slug}/participants", f"{party.name} entre dans le projet.")


def _entry(fields: Fields) -> PartyEntry:
    city = meant(needed(fields, "collectivite", "Collectivité"), fields.get("collectivite-choix", ""))
    if fields.get("role") not in list(PartyRole):
        raise WrongField("role", "Rôle", "choisissez « signataire » ou « observatrice »")
    role = PartyRole(fields["role"])
    return PartyEntry(
        code=city.code,
        role=role,
        local_project=words(fields, "projet", "Projet local", LONGEST_LINE) or None,
        local_contact=person_of(fields, "contact", "Interlocuteur"),
        signatory=person_of(fields, "signataire", "Signataire") if role is PartyRole.signatory else None,
    )


def person_of(fields: Fields, name: str, label: str) -> PersonEntry:
    """Somebody named in the fields that begin with ``name``; raises ``WrongField``."""
    email = needed(fields, f"{name}-adresse", f"{label}, adresse électronique", LONGEST_EMAIL)
    quality = words(fields, f"{name}-qualite", f"{label}, qualité", LONGEST_QUALITY) or None
    named, shared = needed(fields, f"{name}-nom", f"{label}, nom"), is_shared(fields, email)
    try:
        return PersonEntry(name=named, email=email, quality=quality, shares_mailbox=shared)
    except ValidationError:
        advice = f"« {email} » n’est pas une adresse électronique ; corrigez-la"
        raise WrongField(f"{name}-adresse", label, advice) from None


@router.get("/depart", dependencies=[may(Permission.leave)])
def ask_why(visit: Visit, slug: str) -> HTMLResponse:
    """The form of a departure, for the city itself: the ANCT only confirms it."""
    fields = {"partie": visit.request.query_params.get("partie", "")}
    return participants_page(visit, slug, "departure.html", fields=fields)


@router.post("/depart", dependencies=[may(Permission.leave)])
async def leave(visit: Visit, slug: str) -> Response:
    """Propose the departure of a city, with its decision."""
    async with visit.upload() as upload:
        return await to_thread.run_sync(_leave, visit, slug, upload)


def _leave(visit: Visit, slug: str, upload: Upload) -> Response:
    fields = upload.fields
    try:
        code = needed(fields, "partie", "Collectivité")
        reason = needed(fields, "motif", "Motif", LONGEST_REASON)
        departure = DepartureRequest(slug, code, reason, upload.required_file(NoDecisionFile))
        proposal = visit.do(propose_departure, departure)
    except Refusal as refusal:
        return participants_page(visit, slug, "departure.html", refusal=refusal, fields=fields)
    return visit.done(f"/confirmations/{proposal.id}", proposed_note("Le départ est proposé", proposal))
