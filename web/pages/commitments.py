"""The commitments of a project: the list with its filters, and each one, to begin, keep with evidence, or waive."""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlsplit

from anyio import to_thread
from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from actions.commitments.settle_commitment import (
    CommitmentRequest,
    Evidence,
    Waiver,
    begin_commitment,
    keep_commitment,
    waive_commitment,
)
from actions.files.store_file import MEGABYTE
from models.commitment import CommitmentStatus
from models.file_kind import ACCEPT_ATTRIBUTE
from models.paris_time import paris_day
from models.refusal import Refusal
from queries.commitments.commitments import (
    CommitmentFilters,
    evidence_sha256,
    read_commitment,
    read_commitments,
)
from queries.deliverables.files import KeptFile, LostFile
from web.access.signed_in import OurForm, Visitor
from web.dependencies import db_of, files_of
from web.pages.addresses import Number
from web.pages.files import give
from web.pages.rendering import done, page, query_of
from web.pages.upload import Upload, read_upload
from web.rights import Permission, may

router = APIRouter(prefix="/projets/{slug}/engagements")
ALL, LATE = "tous", "en-retard"


class NotALink(Refusal):
    """The link is not one that people can follow."""

    sentence = "Le lien doit commencer par https:// : copiez l’adresse entière depuis votre navigateur."


@router.get("", dependencies=[may(Permission.read)])
def show_commitments(
    request: Request,
    slug: str,
    who: Visitor,
    owner: Annotated[str, Query(alias="de")] = ALL,
    state: Annotated[str, Query(alias="etat")] = ALL,
    number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
) -> HTMLResponse:
    """The open ones first, the most urgent before; narrowed to an owner, a state, what is late."""
    now = datetime.now(UTC)
    status = CommitmentStatus(state) if state in set(CommitmentStatus) else None
    filters = CommitmentFilters(owner="" if owner in ("", ALL) else owner, status=status, late=state == LATE)
    with db_of(request).read() as session:
        shown = read_commitments(session, slug, who.person_id, now, number, filters)
    return page(
        request,
        "commitments.html",
        shown=shown,
        chosen_owner=owner,
        chosen_state=state,
        owners=[(ALL, "Tout le monde"), *((each.code, each.name) for each in shown.owners)],
        states=[(ALL, "Tous"), *((each.value, each.label) for each in CommitmentStatus), (LATE, "en retard")],
        is_narrowed=filters != CommitmentFilters(),
        today=paris_day(now),
        address=lambda one: query_of(request, {"page": one}),
    )


@router.get("/{number}", dependencies=[may(Permission.read)])
def show_commitment(request: Request, slug: str, number: Number, who: Visitor) -> HTMLResponse:
    """One of them, with what may be done about it."""
    return _shown(request, slug, number, who.person_id)


def _shown(
    request: Request,
    slug: str,
    number: int,
    person_id: int,
    *,
    refusal: Refusal | None = None,
    fields: dict[str, str] | None = None,
) -> HTMLResponse:
    now = datetime.now(UTC)
    with db_of(request).read() as session:
        shown, line = read_commitment(session, slug, person_id, now, number)
    return page(
        request,
        "commitment.html",
        refusal=refusal,
        fields=fields,
        shown=shown,
        line=line,
        today=paris_day(now),
        accept=ACCEPT_ATTRIBUTE,
        limit=files_of(request).limit // MEGABYTE,
    )


@router.post("/{number}/en-cours", dependencies=[may(Permission.keep_commitment), OurForm])
def begin(request: Request, slug: str, number: Number, who: Visitor) -> Response:
    """Its owner says that they are at it."""
    begin_commitment(db_of(request), who.actor, CommitmentRequest(number, slug=slug), now=datetime.now(UTC))
    return done(request, _path(slug, number), f"C’est noté : l’engagement n° {number} est en cours.")


@router.post("/{number}/tenu", dependencies=[may(Permission.keep_commitment)])
async def keep(request: Request, slug: str, number: Number, who: Visitor) -> Response:
    """Its owner says how it was kept: a note, a link, a document, or several of them."""
    async with read_upload(request, files_of(request)) as upload:
        return await to_thread.run_sync(_keep, request, slug, number, who, upload)


def _keep(request: Request, slug: str, number: int, who: Visitor, upload: Upload) -> Response:
    try:
        if upload.refusal:
            raise upload.refusal
        evidence = Evidence(number, _evidence(upload), upload.file, slug=slug)
        keep_commitment(db_of(request), who.actor, evidence, now=datetime.now(UTC))
    except Refusal as refusal:
        return _shown(request, slug, number, who.person_id, refusal=refusal, fields=upload.fields)
    return done(request, _path(slug, number), f"C’est enregistré : l’engagement n° {number} est tenu. Merci.")


def _evidence(upload: Upload) -> str:
    """The note, then the link; a document alone is named. Raises ``NotALink``."""
    note, link = (upload.fields.get(name, "").strip() for name in ("note", "lien"))
    if link and not (urlsplit(link).scheme in ("http", "https") and urlsplit(link).netloc):
        raise NotALink
    words = "\n".join(each for each in (note, link) if each)
    return words or (upload.file.name if upload.file else "")


@router.post("/{number}/leve", dependencies=[may(Permission.waive_commitment), OurForm])
def waive(
    request: Request,
    slug: str,
    number: Number,
    who: Visitor,
    reason: Annotated[str, Form(alias="motif")] = "",
) -> Response:
    """The ANCT frees its owner from it, and says why."""
    try:
        waiver = Waiver(number, reason, slug=slug)
        waive_commitment(db_of(request), who.actor, waiver, now=datetime.now(UTC))
    except Refusal as refusal:
        return _shown(request, slug, number, who.person_id, refusal=refusal, fields={"motif": reason})
    return done(request, _path(slug, number), f"L’engagement n° {number} est levé.")


@router.get("/{number}/preuve", dependencies=[may(Permission.read)])
def evidence(request: Request, slug: str, number: Number, who: Visitor) -> Response:
    """The document with which it was kept, for the people of the project."""
    with db_of(request).read() as session:
        sha256 = evidence_sha256(session, slug, who.person_id, datetime.now(UTC), number)
    files, name = files_of(request), f"engagement-{number}-preuve"
    if not files.path(sha256).is_file():
        raise LostFile(name)
    name += f".{files.kind(sha256, name).extensions[0]}"
    return give(request, KeptFile(sha256, name), inline=False)


def _path(slug: str, number: int) -> str:
    return f"/projets/{slug}/engagements/{number}"
