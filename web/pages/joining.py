"""A city joins a project, or leaves it by a recorded decision."""

from datetime import UTC, datetime

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from actions.access.sign_in import SignedIn
from actions.files.store_file import MEGABYTE
from actions.projects.change_parties import DepartureRequest, JoinRequest, join_project, leave_project
from models.columns import LONGEST_LINE, LONGEST_REASON
from models.file_kind import ACCEPT_ATTRIBUTE
from models.party import PartyRole
from models.person import LONGEST_EMAIL, LONGEST_QUALITY, Role
from models.project_file import PartyEntry, PersonEntry
from models.refusal import Refusal
from queries.access.rights import has_role
from web.access.signed_in import OurForm, Visitor
from web.dependencies import db_of, files_of
from web.pages.authority_field import WhichAuthority, meant
from web.pages.form_fields import Fields, TypedFields, WrongField, needed, words
from web.pages.participants import participants_page
from web.pages.rendering import done
from web.pages.upload import Upload, read_upload
from web.rights import Permission, may

router = APIRouter(prefix="/projets/{slug}/participants")


class NoDecisionFile(Refusal):
    """A departure is recorded with the decision itself."""

    sentence = "Une collectivité quitte un projet par une décision : joignez-la (PDF ou photo)."


@router.get("/entree", dependencies=[may(Permission.invite)])
def ask_which(request: Request, slug: str, who: Visitor) -> HTMLResponse:
    """The form by which a city comes in."""
    return participants_page(request, slug, who, "join.html", candidates=())


@router.post("/entree", dependencies=[may(Permission.invite), OurForm])
def join(request: Request, slug: str, who: Visitor, fields: TypedFields) -> Response:
    """The city comes in; it counts in the stages that open from now on."""
    try:
        joining = JoinRequest(slug, _entry(fields))
        party = join_project(db_of(request), who.actor, joining, now=datetime.now(UTC))
    except Refusal as refusal:
        candidates = refusal.candidates if isinstance(refusal, WhichAuthority) else ()
        return participants_page(
            request, slug, who, "join.html", refusal=refusal, fields=fields, candidates=candidates
        )
    return done(request, f"/projets/{slug}/participants", f"{party.name} entre dans le projet.")


def _entry(fields: Fields) -> PartyEntry:
    city = meant(needed(fields, "collectivite", "Collectivité"), fields.get("collectivite-choix", ""))
    if fields.get("role") not in list(PartyRole):
        raise WrongField("role", "Rôle", "choisissez « signataire » ou « observatrice »")
    role = PartyRole(fields["role"])
    return PartyEntry(
        code=city.code,
        role=role,
        local_project=words(fields, "projet", "Projet local", LONGEST_LINE) or None,
        local_contact=_person(fields, "contact", "Interlocuteur"),
        signatory=_person(fields, "signataire", "Signataire") if role is PartyRole.signatory else None,
    )


def _person(fields: Fields, name: str, label: str) -> PersonEntry:
    email = needed(fields, f"{name}-adresse", f"{label}, adresse électronique", LONGEST_EMAIL)
    quality = words(fields, f"{name}-qualite", f"{label}, qualité", LONGEST_QUALITY) or None
    try:
        return PersonEntry(name=needed(fields, f"{name}-nom", f"{label}, nom"), email=email, quality=quality)
    except ValidationError:
        advice = f"« {email} » n’est pas une adresse électronique ; corrigez-la"
        raise WrongField(f"{name}-adresse", label, advice) from None


@router.get("/depart", dependencies=[may(Permission.leave)])
def ask_why(request: Request, slug: str, who: Visitor) -> HTMLResponse:
    """The form of a departure, for the ANCT and for the city itself."""
    return _departure(request, slug, who, fields={"partie": request.query_params.get("partie", "")})


@router.post("/depart", dependencies=[may(Permission.leave)])
async def leave(request: Request, slug: str, who: Visitor) -> Response:
    """Record the decision by which a city leaves, with its file."""
    async with read_upload(request, files_of(request)) as upload:
        return await to_thread.run_sync(_leave, request, slug, who, upload)


def _leave(request: Request, slug: str, who: SignedIn, upload: Upload) -> Response:
    fields = upload.fields
    try:
        code = needed(fields, "partie", "Collectivité")
        reason = needed(fields, "motif", "Motif", LONGEST_REASON)
        if upload.refusal:
            raise upload.refusal
        if upload.file is None:
            raise NoDecisionFile
        departure = DepartureRequest(slug, code, reason, upload.file)
        leave_project(db_of(request), who.actor, departure, now=datetime.now(UTC))
    except Refusal as refusal:
        return _departure(request, slug, who, refusal=refusal, fields=fields)
    # Who left with their city reads the project no more.
    with db_of(request).read() as session:
        stays = has_role(session, who.person_id, Role.agency_agent, datetime.now(UTC), any_project=True)
    target = f"/projets/{slug}/participants" if stays else "/projets"
    return done(request, target, "Le départ est enregistré, et chacun en est prévenu.")


def _departure(
    request: Request,
    slug: str,
    who: SignedIn,
    *,
    refusal: Refusal | None = None,
    fields: Fields | None = None,
) -> HTMLResponse:
    limit = files_of(request).limit // MEGABYTE
    return participants_page(
        request,
        slug,
        who,
        "departure.html",
        refusal=refusal,
        fields=fields,
        accept=ACCEPT_ATTRIBUTE,
        limit=limit,
    )
