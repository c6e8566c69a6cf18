"""A local authority as somebody writes it in a form: its code, or its name looked for in the COG."""

from collections.abc import Sequence

from models.local_authority import (
    AuthorityKind,
    LocalAuthority,
    UnknownAuthority,
    authorities_named,
    find_authority,
    places_named,
    search_authorities,
)
from models.refusal import Refusal

MOST_OFFERED = 15
"""No name has more namesakes."""


class WhichAuthority(Refusal):
    """It is not sure which is meant: ``candidates`` are offered, the most peopled first."""

    def __init__(self, text: str, candidates: Sequence[LocalAuthority], unknown: UnknownAuthority) -> None:
        self.candidates = candidates
        several = f"« {text[:60]} » peut désigner plusieurs collectivités : choisissez la bonne."
        super().__init__(several if len(candidates) > 1 and places_named(text) else str(unknown))


def meant(text: str, chosen: str = "") -> LocalAuthority:
    """The authority of this code or of this name, or the one ``chosen`` (its code) among those that could be meant.

    Raises ``WhichAuthority``, ``UnknownAuthority``.
    """
    written = text.strip()
    try:
        return find_authority(written)
    except UnknownAuthority as unknown:
        candidates = _candidates(written, unknown)
        if len(candidates) == 1 and candidates[0] in authorities_named(written):
            return candidates[0]
        for each in candidates:
            if each.code == chosen:
                return each
        if not candidates:
            raise
        raise WhichAuthority(written, candidates, unknown) from None


def _candidates(text: str, unknown: UnknownAuthority) -> list[LocalAuthority]:
    """Those of this name, else the likely ones, else those that begin so; a département when nothing else will do."""
    likely = [unknown.suggestion] if unknown.suggestion else unknown.candidates
    candidates = places_named(text) or likely or search_authorities(text, MOST_OFFERED)
    towns = [each for each in candidates if each.kind is not AuthorityKind.departement]
    return sorted(towns or candidates, key=lambda each: -(each.population or 0))[:MOST_OFFERED]
