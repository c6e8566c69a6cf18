"""What this software's own files hold, read once per process: before anything is locked, not in the first action."""

from models.lifecycle import longest_ladder
from models.local_authority import authorities_named, siren_of


def read_once() -> None:
    """Read the lifecycles and the list of authorities (COG), unless they were. Raises nothing for one that is wrong."""
    longest_ladder()
    siren_of("")
    authorities_named("")
