"""Is it the same person? An address and a name: the same address with another name is asked about, never guessed."""

from models.columns import LONGEST_LINE
from models.folded import folded
from models.refusal import Refusal

_CIVILITIES = {
    "m": "m", "mr": "m", "monsieur": "m",
    "mme": "f", "mlle": "f", "madame": "f", "mademoiselle": "f",
}  # fmt: skip


def is_same_name(one: str, other: str) -> bool:
    """Are two names written for one person? Case, accents, hyphens, the order of the words and « M. » or « Mme »
    before them do not count; « M. Martin » and « Mme Martin » are two people."""
    (title, words), (other_title, other_words) = _parts(one), _parts(other)
    return words == other_words and (title == other_title or not (title and other_title))


def name_key(name: str) -> str:
    """What makes a person, with their address: the words of the name as they are compared, in one order."""
    title, words = _parts(name)
    return " ".join([*([title] if title else []), *words])[:LONGEST_LINE]


def _parts(name: str) -> tuple[str, list[str]]:
    """The civility (« m », « f » or nothing) and the other words, sorted."""
    words = folded(name).split() or ["".join(name.casefold().split())]
    title = _CIVILITIES.get(words[0], "") if len(words) > 1 else ""
    return title, sorted(words[1:] if title else words)


class OtherName(Refusal):
    """Somebody is registered at this address under another name. ``email`` and ``name`` are what was asked.

    ``known_name`` is the registered one, for whom may know it; nobody else is told it.
    """

    def __init__(self, email: str, name: str, known_name: str | None) -> None:
        self.email, self.name = email, name
        whose = f"de {known_name}" if known_name else "d’une personne enregistrée sous un autre nom"
        as_known = f"« {known_name} »" if known_name else "comme il est enregistré"
        super().__init__(
            f"« {email} » est déjà l’adresse {whose}, et vous nommez « {name} ». Si c’est la même personne, écrivez "
            f"son nom {as_known}, ou faites-le d’abord corriger (page « Corriger un nom » du projet, ou "
            "« projet-partage person rename »). Si c’est quelqu’un d’autre, donnez sa propre adresse."
        )
