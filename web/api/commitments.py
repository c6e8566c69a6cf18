"""The commitments of a project: read, kept with their evidence, waived."""

from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from actions.access.token_holder import TokenHolder
from actions.commitments.settle_commitment import (
    CommitmentRequest,
    Evidence,
    Waiver,
    begin_commitment,
    keep_commitment,
    waive_commitment,
)
from actions.files.store_file import ReceivedFile
from models.answer_shapes import CommitmentSettledShown
from models.project_shapes import CommitmentShown
from queries.commitments.commitments import count_commitments, list_commitments
from web.api.bearer import Caller
from web.api.declared import (
    A_PAGE,
    LARGEST,
    PAGED,
    WRITES,
    Asked,
    Page,
    Slug,
    Text,
    link_pages,
    now,
    problems,
)
from web.api.forms import read_form, takes_form
from web.api.project_access import caller_access
from web.dependencies import db_of

router = APIRouter(prefix="/projects/{slug}/commitments", tags=["Engagements"])

Number = Annotated[int, Path(ge=1, le=LARGEST, description="Le numéro de l’engagement.")]


class Kept(Asked):
    """How it was kept: a note, or a link."""

    evidence: Text = Field(examples=["Salle prêtée le 12 janvier, 64 participants."])


class KeptFields(Asked):
    """What is said beside the document; its name, when nothing is."""

    evidence: Text | None = Field(default=None, description="Une note ; sans elle, le nom du document.")


class Waived(Asked):
    """Why its owner is freed of it."""

    reason: Text = Field(examples=["La ville a quitté le projet."])


@router.get(
    "", operation_id="list_commitments", summary="Les engagements", responses=problems(404, 422) | PAGED
)
def list_(
    request: Request, response: Response, caller: Caller, slug: Slug, page: Page = 1
) -> list[CommitmentShown]:
    """Ceux de la charte, les actions des plans, les réponses aux réserves, dans l’ordre où ils ont été pris."""
    project = caller_access(request, caller, slug).project
    with db_of(request).read() as session:
        lines = list_commitments(session, project, start=(page - 1) * A_PAGE, most=A_PAGE)
        count = count_commitments(session, project)
    link_pages(request, response, page, count)
    return lines


@router.post(
    "/{number}/begin",
    operation_id="begin_commitment",
    summary="S’occuper d’un engagement",
    responses=problems(*WRITES),
)
def begin(request: Request, caller: Caller, slug: Slug, number: Number) -> CommitmentSettledShown:
    """Par qui l’a pris : il est en cours."""
    caller_access(request, caller, slug)
    return CommitmentSettledShown.model_validate(
        begin_commitment(db_of(request), caller.actor, CommitmentRequest(number, slug=slug), now=now())
    )


@router.post(
    "/{number}/keep",
    operation_id="keep_commitment",
    summary="Tenir un engagement",
    responses=problems(*WRITES),
)
def keep(request: Request, caller: Caller, slug: Slug, number: Number, kept: Kept) -> CommitmentSettledShown:
    """Par qui l’a pris, avec une note ou un lien. Redit dans les mêmes mots, c’est le même fait."""
    caller_access(request, caller, slug)
    return _keep(request, caller, slug, number, kept.evidence, None)


@router.post(
    "/{number}/keep-with-file",
    operation_id="keep_commitment_with_file",
    summary="Tenir un engagement, document à l’appui",
    responses=problems(*WRITES, 507),
    openapi_extra=takes_form(KeptFields, "file", "Le document qui le montre."),
)
async def keep_with_file(
    request: Request, caller: Caller, slug: Slug, number: Number
) -> CommitmentSettledShown:
    """Comme « keep », avec un document."""
    await to_thread.run_sync(caller_access, request, caller, slug)
    async with read_form(request, KeptFields, "file") as (fields, file):
        evidence = fields.evidence or file.name
        return await to_thread.run_sync(_keep, request, caller, slug, number, evidence, file)


@router.post(
    "/{number}/waive",
    operation_id="waive_commitment",
    summary="Lever un engagement",
    responses=problems(*WRITES),
)
def waive(
    request: Request, caller: Caller, slug: Slug, number: Number, waived: Waived
) -> CommitmentSettledShown:
    """Réservé à l’ANCT, avec un motif."""
    caller_access(request, caller, slug)
    return CommitmentSettledShown.model_validate(
        waive_commitment(db_of(request), caller.actor, Waiver(number, waived.reason, slug=slug), now=now())
    )


def _keep(
    request: Request, caller: TokenHolder, slug: str, number: int, evidence: str, file: ReceivedFile | None
) -> CommitmentSettledShown:
    return CommitmentSettledShown.model_validate(
        keep_commitment(db_of(request), caller.actor, Evidence(number, evidence, file, slug=slug), now=now())
    )
