"""What stands in the addresses of pages, checked before anything is looked up."""

from typing import Annotated

from fastapi import Path

LARGEST = 2**53
"""The largest integer that JavaScript represents exactly; no id comes near it."""

Number = Annotated[int, Path(ge=1, le=LARGEST)]
"""The id of a row, in a path; an invalid one is answered 404 (``web.failures``)."""
