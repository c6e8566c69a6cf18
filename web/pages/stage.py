"""The page of a stage; there the ANCT gives more time, and signs the charter."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from actions.signing.sign_charter import CharterSignature, sign_charter
from actions.stages.extend_deadline import DeadlineExtension, extend_deadline
from models.columns import LONGEST_REASON
from models.party_deadline import extension_refusal
from models.refusal import Refusal
from notifications.typography import long_date
from queries.stages.stage import read_stage
from web.access.signed_in import OurForm
from web.pages.form_fields import Fields, TypedFields, day, needed
from web.pages.matrix import matrix_shown
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter(prefix="/projets/{slug}/etapes/{key}")


class NotRead(Refusal):
    """A signature is given on what was read: the agent says so."""

    sentence = "L’ANCT signe ce qu’elle a lu : lisez la charte, puis cochez la case qui le dit."


@router.get("", dependencies=[may(Permission.read)])
def show(visit: Visit, slug: str, key: str) -> HTMLResponse:
    """What the stage is for, what is asked of whom, and where it stands."""
    return stage_page(visit, slug, key)


@router.post("/echeance", dependencies=[may(Permission.extend), OurForm])
def extend(visit: Visit, slug: str, key: str, fields: TypedFields) -> Response:
    """Move the deadline of the stage, or give one city more time."""
    try:
        extension = DeadlineExtension(
            slug,
            key,
            day(fields, "jusqu-au", "Nouvelle échéance"),
            needed(fields, "motif", "Motif", LONGEST_REASON),
            fields.get("partie") or None,
        )
        visit.do(extend_deadline, extension)
    except Refusal as refusal:
        return stage_page(visit, slug, key, refusal=refusal, fields=fields, unfolded="echeance")
    return visit.done(_path(slug, key), f"L’échéance est reportée au {long_date(extension.until)}.")


@router.post("/signature", dependencies=[may(Permission.sign_charter), OurForm])
def sign(visit: Visit, slug: str, key: str, fields: TypedFields) -> Response:
    """The ANCT signs the charter, in the content that the agent has read."""
    try:
        if not fields.get("lu"):
            raise NotRead
        visit.do(sign_charter, CharterSignature(slug, fields.get("sha256", "")))
    except Refusal as refusal:
        return stage_page(visit, slug, key, refusal=refusal)
    return visit.done(_path(slug, key), "La charte est signée par l’ANCT.")


def stage_page(
    visit: Visit,
    slug: str,
    key: str,
    *,
    refusal: Refusal | None = None,
    fields: Fields | None = None,
    unfolded: str = "",
) -> HTMLResponse:
    """The page; after a refusal with what was typed, in the form of that name (``unfolded``)."""
    with visit.read() as session:
        shown = read_stage(session, slug, key, visit.person_id, visit.now)
    charter = next((each for each in shown.deliverables if each.key == "charte"), None)
    no_extension = extension_refusal(shown.header, shown.stage.title, shown.stage.status)
    return visit.page(
        "stage.html",
        refusal=refusal,
        fields=fields,
        shown=shown,
        matrix=matrix_shown(shown.roster, shown.deliverables),
        signatories=[(each.code, each.name) for each in shown.signatories],
        charter=charter,
        awaits_agency=[each.what for each in shown.missing] == ["agency_signature"],
        may_extend=shown.standing.is_agent and not no_extension,
        unfolded=unfolded,
    )


def _path(slug: str, key: str) -> str:
    return f"/projets/{slug}/etapes/{key}"
