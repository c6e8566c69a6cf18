"""The strands of a city's consultation: each is recorded once held, and corrected until the stage is closed."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from actions.stages.record_strand import HeldStrand, record_strand
from models.columns import LONGEST_TEXT
from models.refusal import Refusal
from queries.stages.stage import CONSULTATION, read_strand
from web.access.signed_in import OurForm
from web.pages.form_fields import Fields, TypedFields, day, number, words
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter(prefix=f"/projets/{{slug}}/etapes/{CONSULTATION}/volets/{{party}}/{{key}}")


@router.get("", dependencies=[may(Permission.hold_strand)])
def show_strand(visit: Visit, slug: str, party: str, key: str) -> HTMLResponse:
    """When it was held, by how many, and what came out of it: as recorded, or to be."""
    return _shown(visit, slug, party, key)


def _shown(
    visit: Visit,
    slug: str,
    party: str,
    key: str,
    *,
    refusal: Refusal | None = None,
    fields: Fields | None = None,
) -> HTMLResponse:
    with visit.read() as session:
        shown = read_strand(session, slug, party, key, visit.person_id, visit.now)
    return visit.page("strand.html", refusal=refusal, fields=fields, shown=shown, strand=shown.strand)


@router.post("", dependencies=[may(Permission.hold_strand), OurForm])
def record(visit: Visit, slug: str, party: str, key: str, fields: TypedFields) -> Response:
    """Record it; again, it corrects the record."""
    try:
        held = HeldStrand(
            slug,
            party,
            key,
            held_on=day(fields, "tenu-le", "Tenu le"),
            participants=number(fields, "participants", "Participants"),
            summary=words(fields, "resume", "Ce qui en est ressorti", LONGEST_TEXT) or None,
        )
        strand = visit.do(record_strand, held)
    except Refusal as refusal:
        return _shown(visit, slug, party, key, refusal=refusal, fields=fields)
    path = f"/projets/{slug}/etapes/{CONSULTATION}#volets"
    return visit.done(path, f"C’est enregistré : « {strand.title} ».")
