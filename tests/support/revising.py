"""The framing note, signed by some cities, then revised as minor by the ANCT."""

from cast import NIORT, Cast

NOTE = "note_de_cadrage"
KEY = "constitution"


def revise(cast: Cast, *, signed_by: tuple[str, ...] = (NIORT,), reason: str = "Une coquille page 3") -> None:
    """These cities sign the note, then the ANCT corrects a slip."""
    for code in signed_by:
        cast.sign(NOTE, code)
    cast.submit(NOTE, minor=reason)


def waits_for_delay(cast: Cast) -> list[str]:
    return [each.text for each in cast.missing(KEY) if each.what == "objections"]
