"""What somebody would have the worker run; it is importable there, as anything installed is."""

import os
from pathlib import Path

from prefect import flow


@flow
def evil() -> None:
    Path(os.environ["TRIAL_OUT"]).with_name("stolen").write_text("evil")
