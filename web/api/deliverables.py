"""The deliverables: their versions, read and submitted."""

from dataclasses import dataclass
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Path, Request
from fastapi.responses import FileResponse
from pydantic import Field

from actions.deliverables.submit_deliverable import Submission, submit_deliverable
from models.answer_shapes import VersionSubmitted
from models.deliverable import NOTE
from models.project_shapes import VersionLine
from queries.access.project_access import NotVisible
from web.api.caller import Caller
from web.api.forms import read_form, takes_form
from web.api.places import OwnedPlace, Place, PlaceOfOwner, find_versions
from web.api.router import ApiRouter
from web.api.tags import Tag
from web.api.values import LARGEST, Asked, Code, Reason
from web.pages.file_headers import serve_headers
from web.site import site_of

router = ApiRouter(
    prefix="/projects/{slug}/stages/{stage}/deliverables/{key}/versions", tags=[Tag.deliverables]
)

BYTES = {"type": "string", "format": "binary"}
"""Declared under a type of its own before « */* », which generators of clients do not read."""


@dataclass(frozen=True, kw_only=True)
class VersionPlace(OwnedPlace):
    """The parameters of the address of a version."""

    number: Annotated[int, Path(ge=1, le=LARGEST, description="Le numéro de la version.")]


class VersionFields(Asked):
    """What is said beside the file."""

    party: Code | None = Field(default=None, description="La ville dont c’est le livrable, s’il est à elle.")
    minor: bool = Field(
        default=False,
        description="Révision mineure (ANCT) : les validations restent, sauf objection.",
    )
    reason: Reason | None = Field(default=None, description="Pourquoi elle est mineure.")
    note: Annotated[str, NOTE.needed] | None = Field(
        default=None, description="Ce qui a changé depuis la version précédente."
    )


@router.reads("", "list_versions", "Les versions")
def list_versions(caller: Caller, place: PlaceOfOwner) -> list[VersionLine]:
    """Les versions d’un livrable, la plus récente d’abord."""
    return list(find_versions(caller, place))


@router.writes(
    "",
    "submit_version",
    "Déposer une version",
    status=201,
    form=takes_form(VersionFields, "file", "Le document."),
)
async def submit(request: Request, caller: Caller, place: Place) -> VersionSubmitted:
    """Un contenu nouveau ouvre une relecture et fait tomber les validations de l’ancien.

    Le fichier est lu au fil de l’eau, dans la limite de la plateforme (100 Mo sauf réglage), et reconnu à son contenu.
    """
    slug, stage, key = place.slug, place.stage, place.key
    await to_thread.run_sync(caller.require_access, slug)
    async with read_form(request, VersionFields, "file") as (fields, file):
        submission = Submission(
            slug, stage, key, file, fields.party, fields.minor, fields.reason, fields.note
        )
        version = await to_thread.run_sync(caller.act, submit_deliverable, submission)
        return VersionSubmitted.of(version, slug, stage, key, fields.party)


@router.reads(
    "/{number}",
    "download_version",
    "Télécharger une version",
    response_class=FileResponse,
    answers={
        200: {
            "description": "Le document, sous le type de son contenu.",
            "content": {each: {"schema": BYTES} for each in ("application/octet-stream", "*/*")},
        }
    },
)
def download(request: Request, caller: Caller, place: Annotated[VersionPlace, Depends()]) -> FileResponse:
    """Le document tel qu’il a été déposé, toujours en pièce jointe ; son empreinte est dans « ETag »."""
    versions = find_versions(caller, place)
    version = next((each for each in versions if each.number == place.number), None)
    if version is None:
        raise NotVisible
    site = site_of(request)
    path = site.files.present(version.sha256)
    kind = site.kinds.kind(version.sha256, version.file_name)
    headers = serve_headers(kind, version.file_name, inline=False) | {"ETag": f'"{version.sha256}"'}
    return FileResponse(path, headers=headers)
