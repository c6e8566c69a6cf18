"""Is it the same person? An address and a name: the same address with another name is asked about, never guessed."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from models.columns import LONGEST_LINE
from models.folded import folded
from models.refusal import Refusal

_CIVILITIES = {
    "m": "m", "mr": "m", "monsieur": "m",
    "mme": "f", "mlle": "f", "madame": "f", "mademoiselle": "f",
}  # fmt: skip


class _Named(Protocol):
    @property
    def name(self) -> str: ...


P = TypeVar("P", bound=_Named)


def is_same_name(one: str, other: str) -> bool:
    """Are two names written for one person? Case, accents, hyphens, the order of the words and « M. » or « Mme »
    before them do not count; « M. Martin » and « Mme Martin » are two people."""
    (title, words), (other_title, other_words) = _parts(one), _parts(other)
    return words == other_words and (title == other_title or not (title and other_title))


def chosen_by_name(people: Sequence[P], name: str) -> P | None:
    """The one of these people whose name this is; nobody, when it is the name of none or of several."""
    exact = [each for each in people if name_key(each.name) == name_key(name)]
    alike = exact or [each for each in people if is_same_name(each.name, name)]
    return alike[0] if len(alike) == 1 else None


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

    ``known_name`` is the registered one (or those, when a mailbox is shared), for whom may know it.
    """

    def __init__(self, email: str, name: str, known_name: str | None) -> None:
        self.email, self.name = email, name
        whose = f"de {known_name}" if known_name else "d’une personne enregistrée sous un autre nom"
        as_known = f"« {known_name} »" if known_name else "comme il est enregistré"
        super().__init__(
            f"« {email} » est déjà l’adresse {whose}, et vous nommez « {name} ». Si c’est la même personne, écrivez "
            f"son nom {as_known}, ou faites-le d’abord corriger (page « Corriger un nom » du projet, ou "
            "« projet-partage person rename »). Si c’est quelqu’un d’autre, donnez sa propre adresse, ou dites que "
            "cette boîte est partagée (choix de la page, « shares_mailbox: true » d’un fichier ou de l’API, "
            "« --shares-mailbox » d’une commande, « oui » dans la colonne « boite_partagee » d’une passation)."
        )
