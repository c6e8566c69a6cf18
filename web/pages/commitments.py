"""The commitments of a project: the list with its filters, and each one, to begin, keep with evidence, or waive."""

from typing import Annotated
from urllib.parse import urlsplit

from anyio import to_thread
from fastapi import APIRouter, Form, Query
from fastapi.responses import HTMLResponse, Response

from actions.commitments.settle_commitment import (
    CommitmentRequest,
    Evidence,
    Waiver,
    begin_commitment,
    keep_commitment,
    waive_commitment,
)
from models.commitment import CommitmentStatus
from models.refusal import Refusal
from queries.commitments.commitments import (
    CommitmentFilters,
    evidence_sha256,
    read_commitment,
    read_commitments,
)
from queries.deliverables.files import LostFile
from queries.ledger.kept_file import KeptFile
from web.access.signed_in import OurForm
from web.pages.addresses import Number
from web.pages.files import give
from web.pages.rendering import query_of
from web.pages.upload import Upload
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter(prefix="/projets/{slug}/engagements")
ALL, LATE = "tous", "en-retard"


class NotALink(Refusal):
    """The link is not one that people can follow."""

    sentence = "Le lien doit commencer par https:// : copiez l’adresse entière depuis votre navigateur."


@router.get("", dependencies=[may(Permission.read)])
def show_commitments(
    visit: Visit,
    slug: str,
    owner: Annotated[str, Query(alias="de")] = ALL,
    state: Annotated[str, Query(alias="etat")] = ALL,
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
) -> HTMLResponse:
    """The open ones first, the most urgent before; narrowed to an owner, a state, what is late."""
    status = CommitmentStatus(state) if state in set(CommitmentStatus) else None
    filters = CommitmentFilters(owner="" if owner in ("", ALL) else owner, status=status, late=state == LATE)
    with visit.read() as session:
        shown = read_commitments(session, slug, visit.person_id, visit.now, number, filters)
    return visit.page(
        "commitments.html",
        shown=shown,
        chosen_owner=owner,
        chosen_state=state,
        owners=[(ALL, "Tout le monde"), *((each.code, each.name) for each in shown.owners)],
        states=[(ALL, "Tous"), *((each.value, each.label) for each in CommitmentStatus), (LATE, "en retard")],
        is_narrowed=filters != CommitmentFilters(),
        address=lambda one: query_of(visit.request, {"page": one}),
    )


@router.get("/{number}", dependencies=[may(Permission.read)])
def show_commitment(visit: Visit, slug: str, number: Number) -> HTMLResponse:
    """One of them, with what may be done about it."""
    return _shown(visit, slug, number)


def _shown(
    visit: Visit,
    slug: str,
    number: int,
    *,
    refusal: Refusal | None = None,
    fields: dict[str, str] | None = None,
) -> HTMLResponse:
    with visit.read() as session:
        shown, line = read_commitment(session, slug, visit.person_id, visit.now, number)
    return visit.page("commitment.html", refusal=refusal, fields=fields, shown=shown, line=line)


@router.post("/{number}/en-cours", dependencies=[may(Permission.keep_commitment), OurForm])
def begin(visit: Visit, slug: str, number: Number) -> Response:
    """Its owner says that they are at it."""
    visit.do(begin_commitment, CommitmentRequest(number, slug=slug))
    return visit.done(_path(slug, number), f"C’est noté : l’engagement n° {number} est en cours.")


@router.post("/{number}/tenu", dependencies=[may(Permission.keep_commitment)])
async def keep(visit: Visit, slug: str, number: Number) -> Response:
    """Its owner says how it was kept: a note, a link, a document, or several of them."""
    async with visit.upload() as upload:
        return await to_thread.run_sync(_keep, visit, slug, number, upload)


def _keep(visit: Visit, slug: str, number: int, upload: Upload) -> Response:
    try:
        if upload.refusal:
            raise upload.refusal
        visit.do(keep_commitment, Evidence(number, _evidence(upload), upload.file, slug=slug))
    except Refusal as refusal:
        return _shown(visit, slug, number, refusal=refusal, fields=upload.fields)
    return visit.done(_path(slug, number), f"C’est enregistré : l’engagement n° {number} est tenu. Merci.")


def _evidence(upload: Upload) -> str:
    """The note, then the link; a document alone is named. Raises ``NotALink``."""
    note, link = (upload.fields.get(name, "").strip() for name in ("note", "lien"))
    if link and not (urlsplit(link).scheme in ("http", "https") and urlsplit(link).netloc):
        raise NotALink
    words = "\n".join(each for each in (note, link) if each)
    return words or (upload.file.name if upload.file else "")


@router.post("/{number}/leve", dependencies=[may(Permission.waive_commitment), OurForm])
def waive(
    visit: Visit, slug: str, number: Number, reason: Annotated[str, Form(alias="motif")] = ""
) -> Response:
    """The ANCT frees its owner from it, and says why."""
    try:
        visit.do(waive_commitment, Waiver(number, reason, slug=slug))
    except Refusal as refusal:
        return _shown(visit, slug, number, refusal=refusal, fields={"motif": reason})
    return visit.done(_path(slug, number), f"L’engagement n° {number} est levé.")


@router.get("/{number}/preuve", dependencies=[may(Permission.read)])
def evidence(visit: Visit, slug: str, number: Number) -> Response:
    """The document with which it was kept, for the people of the project."""
    with visit.read() as session:
        sha256 = evidence_sha256(session, slug, visit.person_id, visit.now, number)
    files, name = visit.site.kinds, f"engagement-{number}-preuve"
    if not files.path(sha256).is_file():
        raise LostFile(name)
    name = ".".join((name, *files.kind(sha256, name).extensions[:1]))
    return give(visit, KeptFile(sha256, name), inline=False)


def _path(slug: str, number: int) -> str:
    return f"/projets/{slug}/engagements/{number}"
