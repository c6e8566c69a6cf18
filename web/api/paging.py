"""The pages of a list, and their links (RFC 8288)."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

from fastapi import Depends, Query, Request, Response

from models.paging import page_shown
from web.pages.rendering import query_of

PAGE_SIZE = 50
"""Lines of a page."""
Line = TypeVar("Line")
Number = Annotated[
    int,
    Query(ge=1, le=100_000, description="La page, 50 lignes chacune ; l’en-tête « Link » mène aux autres."),
]


class PageOfList:
    """The page that is asked for, from ``start`` (0 for the first line)."""

    def __init__(self, request: Request, response: Response, page: Number = 1) -> None:
        self._request, self._response, self._number = request, response, page
        self.start = (page - 1) * PAGE_SIZE

    def of(self, lines: Sequence[Line]) -> list[Line]:
        """The lines of this page, of a whole list."""
        return list(lines[self.start : self.start + PAGE_SIZE])

    def link(self, count: int) -> None:
        """Say in the headers where the other pages are, and how many lines there are in all."""
        _, last = page_shown(count, self._number, PAGE_SIZE)
        places = {"first": 1, "prev": self._number - 1, "next": self._number + 1, "last": last}
        path = self._request.url.path
        self._response.headers["Link"] = ", ".join(
            f'<{path}{query_of(self._request, {"page": number})}>; rel="{name}"'
            for name, number in places.items()
            if 1 <= number <= last
        )
        self._response.headers["X-Total-Count"] = str(count)


Page = Annotated[PageOfList, Depends()]
