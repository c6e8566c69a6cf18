"""The name of a place as people write it: abbreviations, articles, titles and départements told from the name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from models.folded import folded, folded_lines, is_said_in

_WORDS = {
    "st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes", "mt": "mont", "nd": "notre dame",
    "gd": "grand", "gde": "grande", "lez": "les", "s": "sur", "ss": "sous", "agglo": "agglomeration",
}  # fmt: skip
_SLASHES = (
    (re.compile(r"\bs\s*/\s*s\b\.?", re.IGNORECASE), " sous "),
    (re.compile(r"\b(?:s|sur)\s*/", re.IGNORECASE), " sur "),
    (re.compile(r"\bl(?:[èe]s|ez)?\s*/", re.IGNORECASE), " les "),
    (re.compile(r"/"), " sur "),
    (re.compile(r"\bn\.\s*-?\s*d\.", re.IGNORECASE), " notre dame "),
)
_GROUPINGS = {
    "communaute de communes": "cc",
    "communaute d agglomeration": "ca",
    "communaute urbaine": "cu",
}
_ARTICLE = re.compile(r"^(?:le|la|les|l) (?=\S)")
_SMALL = {"le", "la", "les", "l", "de", "du", "des", "d", "en", "sur", "sous", "et", "a", "au", "aux"}
_EPCI_HEAD = re.compile(
    r"^(?:cc|ca|cu|metropole|eurometropole|communaute|agglomeration)(?: (?:de la|de l|de|du|des|d))? (?=\S)"
)
_EPCI_TAIL = re.compile(r"(?<=\S) (?:metropole|agglomeration|communaute(?: urbaine)?)$")
_TITLES = (
    (r"(?:la |l )?(?:ville|commune|mairie|municipalite|hotel de ville)", "commune"),
    (r"(?:le )?(?:departement|conseil departemental|conseil general|cd)", "departement"),
    (r"(?:la |l )?(?:cc|ca|cu|metropole|communaute|agglomeration)", "epci"),
)
_OF = r" (?:de (?=(?:la|l) )|(?:de|d) |(?P<du>du|des) )"
_HINT = (
    re.compile(r"^(?P<name>.+?)\s*[(\[]\s*(?P<hint>[^()\[\]]+?)\s*[)\]]\s*$"),
    re.compile(r"^(?P<name>.+?)\s*(?:,|\s[-–—]\s)\s*(?P<hint>[^,]+?)\s*$"),
    re.compile(r"^(?P<hint>\d{5}|2[AaBb]\d{3})[\s,–—-]+(?P<name>\D.*)$"),
    re.compile(r"^(?P<name>.*\D)[\s,–—-]+(?P<hint>\d{5}|2[AaBb]|\d{2,3})$"),
)
_NTH, _CITY = r"(\d{1,2})(?:er?|eme|ieme|nde?)?", r"(paris|lyon|marseille)"
_ARRONDISSEMENT = re.compile(rf"^{_CITY} {_NTH}(?: (?:arrondissement|arrt?|ardt))?$")
_ARRONDISSEMENT_OF = re.compile(rf"^{_NTH} (?:arrondissement|arrt?|ardt) (?:de )?{_CITY}$")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way of reading what was written: a name, with the kind of authority and the département that go with it
    (``hint`` as it was written: a code or a name), if any."""

    name: str
    kind: str | None = None
    hint: str | None = None


def spelled_out(name: str) -> str:
    """The name folded, its abbreviations in full: « Seyne s/ Mer », « ST ETIENNE », « CA du Niortais »."""
    return spelled_out_lines(name.replace("\n", " "))[0]


def spelled_out_lines(names: str) -> list[str]:
    """Each line so, all at once for speed."""
    for written, meant in _SLASHES:
        names = written.sub(meant, names)
    spaced = "\n".join(
        " ".join(_WORDS.get(word, word) for word in line.split()) for line in folded_lines(names)
    )
    for long, short in _GROUPINGS.items():
        spaced = re.sub(f"(?m)^{long}\\b", short, spaced)
    return spaced.split("\n")


def is_said_of(words: str, text: str) -> bool:
    """Does ``text`` say each of these words, as they are typed or with their abbreviations in full?"""
    return any(is_said_in(wanted, text) for wanted in {folded(words), spelled_out(words)})


def without_article(spelled: str) -> str:
    """« seyne sur mer » of « la seyne sur mer »."""
    return _ARTICLE.sub("", spelled)


def without_small_words(spelled: str) -> str:
    """« bourg bresse » of « bourg en bresse »; the name itself when it has nothing else."""
    return " ".join(word for word in spelled.split() if word not in _SMALL) or spelled


def of_epci(spelled: str) -> str:
    """The short name of an EPCI: « grand poitiers » of « cu du grand poitiers »."""
    return without_article(_EPCI_TAIL.sub("", _EPCI_HEAD.sub("", spelled)))


def arrondissement(text: str) -> str | None:
    """« paris 20e arrondissement » of « Paris 20 », « 20ème arrondissement de Paris »."""
    words = folded(text)
    if match := _ARRONDISSEMENT.match(words):
        city, nth = match.groups()
    elif match := _ARRONDISSEMENT_OF.match(words):
        nth, city = match.groups()
    else:
        return None
    return f"{city} {int(nth)}{'er' if int(nth) == 1 else 'e'} arrondissement"


def readings(text: str) -> Iterator[Reading]:
    """The ways to read it, the most literal first: as a name, then without what stands around the name."""
    yield Reading(text)
    yield from _titled(text, None)
    for shape in _HINT:
        if match := shape.match(text.strip()):
            name, hint = match["name"], match["hint"]
            if folded(hint) in ("le", "la", "les", "l"):
                yield Reading(f"{hint} {name}")
            else:
                yield Reading(name, None, hint)
                yield from _titled(name, hint)


def _titled(text: str, hint: str | None) -> Iterator[Reading]:
    """« Ville du Havre » is the commune « le Havre »."""
    spelled = spelled_out(text)
    for title, kind in _TITLES:
        if match := re.match(rf"^{title}{_OF}(?=\S)", spelled):
            article = {"du": "le ", "des": "les "}.get(match["du"] or "", "")
            yield Reading(article + spelled[match.end() :], kind, hint)
        elif kind != "commune" and (match := re.match(rf"^{title} (?=\S)", spelled)):
            yield Reading(spelled[match.end() :], kind, hint)
