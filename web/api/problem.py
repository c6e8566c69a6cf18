"""What the API says no with: RFC 9457 problem details, in French, of a type that programs may rely on."""

from collections.abc import Mapping, Sequence

from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from models.refusal import typeset
from web.refusals import PROBLEMS_PATH, Kind
from web.server.requests import reference

MEDIA_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    """What is wrong with one value."""

    pointer: str = Field(
        description="Où : « #/period/from » dans le corps (RFC 6901), « ?page » pour un paramètre de requête, "
        "« {number} » pour un élément du chemin.",
        examples=["#/period/from"],
    )
    detail: str = Field(description="Ce qui ne va pas, et quoi écrire.", examples=["date absente"])


class Problem(BaseModel):
    """A refusal or a failure, as every operation may answer it."""

    type: str = Field(
        description="La sorte de problème ; cette adresse, stable, la décrit.",
        examples=[f"{PROBLEMS_PATH}/stage-moves-on"],
    )
    title: str = Field(description="La sorte de problème, en clair.", examples=["L’étape ne le permet pas"])
    status: int = Field(description="Le code HTTP.", examples=[409])
    detail: str = Field(description="Le refus lui-même : quoi, pourquoi, et que faire.")
    code: str = Field(description="La fin de « type », pour les programmes.", examples=["stage-moves-on"])
    reference: str | None = Field(
        default=None,
        description="Pour une panne (5xx) : ce qu’il faut citer à l’exploitant ; aussi dans « X-Request-ID ».",
        examples=["9f2c64ab01de"],
    )
    errors: list[FieldProblem] | None = Field(
        default=None, description="Champ par champ, quand ce sont des valeurs qui ne vont pas."
    )


def answer_problem(
    kind: Kind,
    detail: str,
    *,
    errors: Sequence[tuple[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer that tells this problem; ``errors`` are pointers and what is wrong there."""
    fields = [FieldProblem(pointer=pointer, detail=typeset(text)) for pointer, text in errors]
    problem = Problem(
        type=kind.type,
        title=typeset(kind.title),
        status=kind.status,
        detail=typeset(detail),
        code=kind.code,
        reference=reference() if kind.status >= 500 else None,
        errors=fields or None,
    )
    return JSONResponse(
        problem.model_dump(exclude_none=True), kind.status, headers=dict(headers or {}), media_type=MEDIA_TYPE
    )
