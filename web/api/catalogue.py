"""What each sort of problem is: where the « type » of a problem leads."""

from typing import Annotated, Any

from fastapi import Path
from pydantic import Field
from starlette.exceptions import HTTPException

from models.shape import Shape
from web.api.kinds import every_kind
from web.api.router import ApiRouter, problems
from web.api.tags import Tag

router = ApiRouter(prefix="/problems", tags=[Tag.problems])
WITHOUT_TOKEN: dict[str, Any] = {"security": []}


class KindShown(Shape):
    """A sort of problem."""

    type: str
    code: str = Field(examples=["other-content"])
    status: int
    title: str


@router.get(
    "",
    operation_id="list_problems",
    summary="Les sortes de problèmes",
    responses=problems(always=(400, 500)),
    openapi_extra=WITHOUT_TOKEN,
)
def list_() -> list[KindShown]:
    """Toutes, par code HTTP ; leurs noms ne changent pas. Sans jeton."""
    return [KindShown.model_validate(each) for each in every_kind()]


@router.get(
    "/{code}",
    operation_id="show_problem",
    summary="Une sorte de problème",
    responses=problems(404, 422, always=(400, 500)),
    openapi_extra=WITHOUT_TOKEN,
)
def show(code: Annotated[str, Path(examples=["other-content"])]) -> KindShown:
    """Ce que veut dire le « type » d’un problème. Sans jeton."""
    kind = next((each for each in every_kind() if each.code == code), None)
    if kind is None:
        raise HTTPException(404)
    return KindShown.model_validate(kind)
