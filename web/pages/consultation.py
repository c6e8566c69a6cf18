"""The strands of a city's consultation: each is recorded once held, and corrected until the stage is closed."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from actions.stages.record_strand import HeldStrand, record_strand
from models.columns import LONGEST_TEXT
from models.paris_time import paris_day
from models.refusal import Refusal
from queries.stages.stage import CONSULTATION, read_strand
from web.access.signed_in import OurForm, Visitor
from web.dependencies import db_of
from web.pages.form_fields import Fields, TypedFields, day, number, words
from web.pages.rendering import done, page
from web.rights import Permission, may

router = APIRouter(prefix=f"/projets/{{slug}}/etapes/{CONSULTATION}/volets/{{party}}/{{key}}")


@router.get("", dependencies=[may(Permission.hold_strand)])
def show_strand(request: Request, slug: str, party: str, key: str, who: Visitor) -> HTMLResponse:
    """When it was held, by how many, and what came out of it: as recorded, or to be."""
    return _shown(request, slug, party, key, who.person_id)


def _shown(
    request: Request,
    slug: str,
    party: str,
    key: str,
    person_id: int,
    *,
    refusal: Refusal | None = None,
    fields: Fields | None = None,
) -> HTMLResponse:
    now = datetime.now(UTC)
    with db_of(request).read() as session:
        shown = read_strand(session, slug, party, key, person_id, now)
    return page(
        request,
        "strand.html",
        refusal=refusal,
        fields=fields,
        shown=shown,
        strand=shown.strand,
        today=paris_day(now),
    )


@router.post("", dependencies=[may(Permission.hold_strand), OurForm])
def record(request: Request, slug: str, party: str, key: str, who: Visitor, fields: TypedFields) -> Response:
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
        strand = record_strand(db_of(request), who.actor, held, now=datetime.now(UTC))
    except Refusal as refusal:
        return _shown(request, slug, party, key, who.person_id, refusal=refusal, fields=fields)
    path = f"/projets/{slug}/etapes/{CONSULTATION}#volets"
    return done(request, path, f"C’est enregistré : « {strand.title} ».")
