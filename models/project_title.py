"""The title of a project: what makes it the same as another, and what stands for it in an address."""

import hashlib

from slugify import slugify

from models.folded import folded
from models.refusal import Refusal
from models.shared_project import LONGEST_SLUG

TAKEN = ("nouveau", "register", "registre")
"""No project has these for slug: ``/projets/nouveau`` is a page of its own; ``audit log register`` gives the register,
which ``audit verify`` calls « registre » among the slugs."""


class TitleWithoutLetters(Refusal):
    """Nothing in the title can be read aloud, or told apart from another."""

    def __init__(self, title: str) -> None:
        super().__init__(f"Le titre « {title} » n’a ni lettre ni chiffre : donnez-en un qui se lise.")


def check_title(title: str) -> None:
    """Raises ``TitleWithoutLetters``."""
    if not folded(title):
        raise TitleWithoutLetters(title)


def slug_of(title: str, ending: str = "") -> str:
    """What stands for this title in an address, the same for titles that read alike. Raises ``TitleWithoutLetters``.

    Other alphabets are spelled in ours; a title in one that cannot be has a number. ``ending`` (a year, say) is kept
    whole at its end.
    """
    check_title(title)
    bare = folded(title)
    room = LONGEST_SLUG - len(f"-{ending}") if ending else LONGEST_SLUG
    words = slugify(bare, max_length=room) or f"projet-{hashlib.sha256(bare.encode()).hexdigest()[:8]}"
    slug = f"{words}-{ending}" if ending else words
    return f"projet-{slug}" if slug in TAKEN else slug


def numbered(slug: str, number: int) -> str:
    """The same slug with a number at its end, not longer than a slug may be."""
    ending = f"-{number}"
    return slug[: LONGEST_SLUG - len(ending)].rstrip("-") + ending
