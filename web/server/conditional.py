"""Answers « not modified » (304) to a browser that asks whether its copy is still good (RFC 9110, 13.1.2)."""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.responses import Response


def not_modified(asked: Headers, headers: Mapping[str, str]) -> Response | None:
    """304 when the ``If-None-Match`` of the request names the ``ETag`` of ``headers``; else None.

    It bears all the ``headers`` of the whole answer: a browser puts them in the place of those it keeps, and those that
    ``SafeAnswers`` gives by default would close the frame that a document is shown in.
    """
    kept = {tag.strip().removeprefix("W/") for tag in asked.get("if-none-match", "").split(",")}
    if kept.isdisjoint({"*", headers["ETag"].removeprefix("W/")}):
        return None
    return Response(status_code=304, headers=headers)
