"""How we name what is awaited of somebody, and until when: the same words in a digest and in a reminder of its own."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from notifications.typography import distance, long_date

Kind = Literal["sign_off", "deliverable", "commitment", "meeting", "delegation", "confirmation"]


@dataclass(frozen=True, slots=True)
class Words:
    """``label`` names the kind of thing; ``verb`` says what to do by a day; ``button`` leads to it."""

    label: str
    verb: str
    button: str


WORDS: dict[Kind, Words] = {
    "sign_off": Words("Validation", "à donner", "Lire et répondre"),
    "deliverable": Words("Livrable", "à rendre", "Déposer le document"),
    "commitment": Words("Engagement", "à tenir", "Voir l’engagement"),
    "meeting": Words("Réunion", "", "Voir la réunion"),
    "delegation": Words("Délégation", "se termine", "Voir la délégation"),
    "confirmation": Words("Confirmation", "à donner", "Lire et confirmer"),
}


def until(kind: Kind, due_on: date, today: date | None) -> str:
    """« à rendre pour le 3 mars 2027 (dans 7 jours) », « en retard de 8 jours (c’était pour le 3 mars 2027) ».

    Without ``today``, the day alone.
    """
    verb = WORDS[kind].verb
    link = "pour le" if verb.startswith("à ") else "le"
    if today is None:
        return f"{verb} {link} {long_date(due_on)}".strip()
    far = distance(due_on, today)
    if due_on < today:
        was = f"c’était {link} {long_date(due_on)}"
        return f"{far} ({was})" if verb.startswith("à ") else was
    if due_on == today:
        return f"{verb} aujourd’hui".strip()
    return f"{verb} {link} {long_date(due_on)} ({far})".strip()
