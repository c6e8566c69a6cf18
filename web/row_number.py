"""The number of a row in an address: one that the databases can hold, so that none is a failure of ours."""

from typing import Annotated

from fastapi import Path

RowNumber = Annotated[int, Path(ge=1, le=2_147_483_647)]
