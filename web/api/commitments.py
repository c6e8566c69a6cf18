"""The commitments of a project: read, kept with their evidence, waived."""

from typing import Annotated

from anyio import to_thread
from fastapi import Path, Request
from pydantic import Field

from actions.commitments.settle_commitment import (
    CommitmentRequest,
    Evidence,
    Waiver,
    begin_commitment,
    keep_commitment,
    waive_commitment,
)
from models.answer_shapes import CommitmentSettledShown
from models.commitment import EVIDENCE
from models.project_shapes import CommitmentShown
from queries.commitments.commitments import count_commitments, list_commitments
from web.api.caller import Caller
from web.api.forms import read_form, takes_form
from web.api.paging import PAGE_SIZE, Page
from web.api.router import ApiRouter
from web.api.tags import Tag
from web.api.values import LARGEST, Asked, Slug

router = ApiRouter(prefix="/projects/{slug}/commitments", tags=[Tag.commitments])

Number = Annotated[int, Path(ge=1, le=LARGEST, description="Le numéro de l’engagement.")]


class Kept(Asked):
    """How it was kept: a note, or a link."""

    evidence: Annotated[str, EVIDENCE.needed] = Field(
        examples=["Salle prêtée le 12 janvier, 64 participants."]
    )


class KeptFields(Asked):
    """What is said beside the document; its name, when nothing is."""

    evidence: Annotated[str, EVIDENCE.needed] | None = Field(
        default=None, description="Une note ; sans elle, le nom du document."
    )


class Waived(Asked):
    """Why its owner is freed of it."""

    reason: Annotated[str, EVIDENCE.needed] = Field(examples=["La ville a quitté le projet."])


@router.reads("", "list_commitments", "Les engagements", paged=True)
def list_(caller: Caller, slug: Slug, page: Page) -> list[CommitmentShown]:
    """Ceux de la charte, les actions des plans, les réponses aux réserves, dans l’ordre où ils ont été pris."""
    with caller.read(slug) as (session, project):
        lines = list_commitments(session, project, start=page.start, most=PAGE_SIZE)
        page.link(count_commitments(session, project))
    return lines


@router.writes("/{number}/begin", "begin_commitment", "S’occuper d’un engagement")
def begin(caller: Caller, slug: Slug, number: Number) -> CommitmentSettledShown:
    """Par qui l’a pris : il est en cours."""
    begun = caller.act_in(slug, begin_commitment, CommitmentRequest(number, slug=slug))
    return CommitmentSettledShown.model_validate(begun)


@router.writes("/{number}/keep", "keep_commitment", "Tenir un engagement")
def keep(caller: Caller, slug: Slug, number: Number, kept: Kept) -> CommitmentSettledShown:
    """Par qui l’a pris, avec une note ou un lien. Redit dans les mêmes mots, c’est le même fait."""
    evidence = Evidence(number, kept.evidence, slug=slug)
    return CommitmentSettledShown.model_validate(caller.act_in(slug, keep_commitment, evidence))


@router.writes(
    "/{number}/keep-with-file",
    "keep_commitment_with_file",
    "Tenir un engagement, document à l’appui",
    form=takes_form(KeptFields, "file", "Le document qui le montre."),
)
async def keep_with_file(
    request: Request, caller: Caller, slug: Slug, number: Number
) -> CommitmentSettledShown:
    """Comme « keep », avec un document."""
    await to_thread.run_sync(caller.require_access, slug)
    async with read_form(request, KeptFields, "file") as (fields, file):
        evidence = Evidence(number, fields.evidence or file.name, file, slug=slug)
        kept = await to_thread.run_sync(caller.act, keep_commitment, evidence)
        return CommitmentSettledShown.model_validate(kept)


@router.writes("/{number}/waive", "waive_commitment", "Lever un engagement")
def waive(caller: Caller, slug: Slug, number: Number, waived: Waived) -> CommitmentSettledShown:
    """Réservé à l’ANCT, avec un motif."""
    waiver = Waiver(number, waived.reason, slug=slug)
    return CommitmentSettledShown.model_validate(caller.act_in(slug, waive_commitment, waiver))
