"""The deliverables: their versions, read and submitted."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Request
from fastapi.responses import FileResponse
from pydantic import Field, StringConstraints

from actions.deliverables.submit_deliverable import Submission, submit_deliverable
from models.answer_shapes import VersionSubmitted
from models.deliverable import LONGEST_NOTE
from models.project_shapes import VersionLine
from queries.access.project_access import NotVisible
from web.api.bearer import Caller
from web.api.declared import (
    LARGEST,
    WRITES,
    Asked,
    Clean,
    Code,
    DeliverableName,
    OwnerCode,
    Reason,
    Slug,
    StageName,
    now,
    problems,
)
from web.api.forms import read_form, takes_form
from web.api.project_access import caller_access
from web.api.seats import find_versions
from web.dependencies import db_of, files_of
from web.pages.file_headers import serve_headers

router = APIRouter(prefix="/projects/{slug}/stages/{stage}/deliverables/{key}/versions", tags=["Livrables"])


class VersionFields(Asked):
    """What is said beside the file."""

    party: Code | None = Field(default=None, description="La ville dont c’est le livrable, s’il est à elle.")
    minor: bool = Field(default=False, description="Révision mineure (ANCT) : les validations restent.")
    reason: Reason | None = Field(default=None, description="Pourquoi elle est mineure.")
    note: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NOTE), Clean] | None = Field(
        default=None, description="Ce qui a changé depuis la version précédente."
    )


@router.get("", operation_id="list_versions", summary="Les versions", responses=problems(404, 422))
def list_versions(
    request: Request,
    caller: Caller,
    slug: Slug,
    stage: StageName,
    key: DeliverableName,
    party: OwnerCode = None,
) -> list[VersionLine]:
    """Les versions d’un livrable, la plus récente d’abord."""
    return list(find_versions(request, caller, slug, stage, key, party))


@router.post(
    "",
    operation_id="submit_version",
    summary="Déposer une version",
    status_code=201,
    responses=problems(*WRITES, 507),
    openapi_extra=takes_form(VersionFields, "file", "Le document."),
)
async def submit(
    request: Request, caller: Caller, slug: Slug, stage: StageName, key: DeliverableName
) -> VersionSubmitted:
    """Un contenu nouveau ouvre une relecture et fait tomber les validations de l’ancien.

    Le fichier est lu au fil de l’eau, dans la limite de la plateforme (100 Mo sauf réglage), et reconnu à son contenu.
    """
    await to_thread.run_sync(caller_access, request, caller, slug)
    async with read_form(request, VersionFields, "file") as (fields, file):
        submission = Submission(
            slug, stage, key, file, fields.party, fields.minor, fields.reason, fields.note
        )

        def record() -> VersionSubmitted:
            version = submit_deliverable(db_of(request), caller.actor, submission, now=now())
            return VersionSubmitted.of(version, slug, stage, key, fields.party)

        return await to_thread.run_sync(record)


@router.get(
    "/{number}",
    operation_id="download_version",
    summary="Télécharger une version",
    response_class=FileResponse,
    responses=problems(404, 422)
    | {
        200: {
            "description": "Le document, sous le type de son contenu.",
            "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
def download(
    request: Request,
    caller: Caller,
    slug: Slug,
    stage: StageName,
    key: DeliverableName,
    number: Annotated[int, Path(ge=1, le=LARGEST, description="Le numéro de la version.")],
    party: OwnerCode = None,
) -> FileResponse:
    """Le document tel qu’il a été déposé, toujours en pièce jointe ; son empreinte est dans « ETag »."""
    versions = find_versions(request, caller, slug, stage, key, party)
    version = next((each for each in versions if each.number == number), None)
    if version is None:
        raise NotVisible
    files = files_of(request)
    kind = files.kind(version.sha256, version.file_name)
    headers = serve_headers(kind, version.file_name, inline=False) | {"ETag": f'"{version.sha256}"'}
    return FileResponse(files.path(version.sha256), headers=headers)
