"""Bodies with a file (``multipart/form-data``): declared in OpenAPI, streamed to disk, read into a model."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from actions.files.store_file import ReceivedFile, UnusableFile
from web.api.failures import WrongFields
from web.pages.upload import read_any_form
from web.site import site_of

M = TypeVar("M", bound=BaseModel)


def takes_form(model: type[BaseModel], file: str, about: str) -> dict[str, Any]:
    """The ``openapi_extra`` of an operation whose body is ``model``'s fields and a file of this name."""
    schema = model.model_json_schema()
    described = {file: {"type": "string", "format": "binary", "description": about}}
    body = {
        "type": "object",
        "properties": described | {name: _plain(each, schema) for name, each in schema["properties"].items()},
        "required": [file, *schema.get("required", [])],
        "additionalProperties": False,
    }
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": body}}}}


def _plain(field: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """A field as a form carries it: text, never null (an absent field is simply not sent)."""
    shape = next(each for each in field.get("anyOf", [field]) if each.get("type") != "null")
    kept = {name: each for name, each in shape.items() if name not in ("title", "default")}
    written: dict[str, Any] = _written_out(kept, schema.get("$defs", {}))
    return written | ({"description": field["description"]} if "description" in field else {})


def _written_out(shape: Any, definitions: dict[str, Any]) -> Any:
    """The shape with each ``$ref`` replaced by what it names: ``$defs`` stand in no OpenAPI document."""
    if isinstance(shape, list):
        return [_written_out(each, definitions) for each in shape]
    if not isinstance(shape, dict):
        return shape
    if "$ref" in shape:
        named = definitions[shape["$ref"].rpartition("/")[2]]
        # What a class says of itself is for developers, as in the rest of the description.
        shape = {name: each for name, each in named.items() if name != "description"} | {
            name: each for name, each in shape.items() if name != "$ref"
        }
    return {name: _written_out(each, definitions) for name, each in shape.items()}


@asynccontextmanager
async def read_form(request: Request, model: type[M], file: str) -> AsyncIterator[tuple[M, ReceivedFile]]:
    """The fields and the file; what was not kept by the end of the block goes away. Raises what is refused.

    An empty field is a field that is not there.
    """
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise HTTPException(415)
    async with read_any_form(request, site_of(request).files, None) as upload:
        if upload.refusal is not None:
            raise upload.refusal
        fields = read_fields({name: text for name, text in upload.fields.items() if text}, model)
        if upload.file is None:
            raise UnusableFile(f"Il manque le fichier : joignez-le au formulaire, sous le nom « {file} ».")
        yield fields, upload.file


def read_fields(fields: Mapping[str, Any], model: type[M]) -> M:
    """These fields, checked; raises ``WrongFields``."""
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise WrongFields(error, model) from None
