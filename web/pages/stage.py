"""The page of a stage; there the ANCT gives more time, and signs the charter."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from actions.access.sign_in import SignedIn
from actions.signing.sign_charter import CharterSignature, sign_charter
from actions.stages.extend_deadline import DeadlineExtension, extend_deadline
from models.columns import LONGEST_REASON
from models.paris_time import paris_day
from models.party_deadline import extension_refusal
from models.refusal import Refusal
from notifications.typography import long_date
from queries.stages.stage import read_stage
from web.access.signed_in import OurForm, Visitor
from web.dependencies import db_of
from web.pages.form_fields import Fields, TypedFields, day, needed
from web.pages.matrix import matrix_shown
from web.pages.rendering import done, page
from web.rights import Permission, may

router = APIRouter(prefix="/projets/{slug}/etapes/{key}")


class NotRead(Refusal):
    """A signature is given on what was read: the agent says so."""

    sentence = "L’ANCT signe ce qu’elle a lu : lisez la charte, puis cochez la case qui le dit."


@router.get("", dependencies=[may(Permission.read)])
def show(request: Request, slug: str, key: str, who: Visitor) -> HTMLResponse:
    """What the stage is for, what is asked of whom, and where it stands."""
    return stage_page(request, slug, key, who)


@router.post("/echeance", dependencies=[may(Permission.extend), OurForm])
def extend(request: Request, slug: str, key: str, who: Visitor, fields: TypedFields) -> Response:
    """Move the deadline of the stage, or give one city more time."""
    try:
        extension = DeadlineExtension(
            slug,
            key,
            day(fields, "jusqu-au", "Nouvelle échéance"),
            needed(fields, "motif", "Motif", LONGEST_REASON),
            fields.get("partie") or None,
        )
        extend_deadline(db_of(request), who.actor, extension, now=datetime.now(UTC))
    except Refusal as refusal:
        return stage_page(request, slug, key, who, refusal=refusal, fields=fields, unfolded="echeance")
    return done(request, _path(slug, key), f"L’échéance est reportée au {long_date(extension.until)}.")


@router.post("/signature", dependencies=[may(Permission.sign_charter), OurForm])
def sign(request: Request, slug: str, key: str, who: Visitor, fields: TypedFields) -> Response:
    """The ANCT signs the charter, in the content that the agent has read."""
    try:
        if not fields.get("lu"):
            raise NotRead
        signature = CharterSignature(slug, fields.get("sha256", ""))
        sign_charter(db_of(request), who.actor, signature, now=datetime.now(UTC))
    except Refusal as refusal:
        return stage_page(request, slug, key, who, refusal=refusal)
    return done(request, _path(slug, key), "La charte est signée par l’ANCT.")


def stage_page(
    request: Request,
    slug: str,
    key: str,
    who: SignedIn,
    *,
    refusal: Refusal | None = None,
    fields: Fields | None = None,
    unfolded: str = "",
) -> HTMLResponse:
    """The page; after a refusal with what was typed, in the form of that name (``unfolded``)."""
    now = datetime.now(UTC)
    with db_of(request).read() as session:
        shown = read_stage(session, slug, key, who.person_id, now)
    charter = next((each for each in shown.deliverables if each.key == "charte"), None)
    no_extension = extension_refusal(shown.header, shown.stage.title, shown.stage.status)
    return page(
        request,
        "stage.html",
        refusal=refusal,
        fields=fields,
        shown=shown,
        today=paris_day(now),
        matrix=matrix_shown(shown.roster, shown.deliverables),
        signatories=[(each.code, each.name) for each in shown.signatories],
        charter=charter,
        awaits_agency=[each.what for each in shown.missing] == ["agency_signature"],
        may_extend=shown.standing.is_agent and not no_extension,
        unfolded=unfolded,
    )


def _path(slug: str, key: str) -> str:
    return f"/projets/{slug}/etapes/{key}"
