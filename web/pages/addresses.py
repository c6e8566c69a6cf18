"""What stands in the addresses of pages, checked before anything is looked up."""

from typing import Annotated

from fastapi import Path

LARGEST = 2**53
"""The largest whole number that every program writes as it reads it; no row comes near it."""

Number = Annotated[int, Path(ge=1, le=LARGEST)]
"""The number of a row; what is none answers 404 (``web.failures``)."""
