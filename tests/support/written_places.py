"""The ways in which people write the name of a commune."""

import re
import unicodedata
from collections.abc import Iterator

from models.cog import LocalAuthority, columns_of

_ABBREVIATIONS = (
    (r"\bSaint(?=[- ])", "St"), (r"\bSaint(?=[- ])", "ST."), (r"\bSainte(?=[- ])", "Ste"),
    (r"\bSaints(?=[- ])", "Sts"),
    (r"-sur-", " s/ "), (r"-sur-", " s/"), (r"-sur-", "/"), (r"-sous-", " s/s "),
    (r"-lès-", " l/"), (r"-lès-", "-lez-"),
    (r"\bNotre-Dame\b", "N.-D."), (r"\bMont-", "Mt "), (r"\bGrand-", "Gd "),
)  # fmt: skip


def written_ways(city: LocalAuthority) -> Iterator[str]:
    """Its name in each of them, whatever other commune it then reads like."""
    name, departement = city.name, (columns_of(city.departement) or [""] * 3)[2]
    yield from (name, name.upper(), name.lower(), name.replace("-", " "), name.replace("'", "’"))
    yield from (unicodedata.normalize("NFD", name), name.replace(" ", "\u00a0").replace("-", "\u2011"))
    bare = (
        unicodedata.normalize("NFD", name.replace("œ", "oe").replace("Œ", "OE"))
        .encode("ascii", "ignore")
        .decode()
    )
    yield f"  {bare.upper().replace('-', ' ')} "
    yield from (re.sub(long, short, name) for long, short in _ABBREVIATIONS)
    of = _of(name)
    yield from (f"{title} {of}" for title in ("Ville", "Commune", "Mairie", "la ville", "MAIRIE"))
    yield from (f"{name} ({city.departement})", f"{name}, {departement}", f"{name} ({departement.upper()})")
    yield from (f"{name} ({city.code})", f"{city.code} {name}", f"Ville {of} ({city.departement})")


def without_its_article(city: LocalAuthority) -> Iterator[str]:
    """« Havre (Le) », « Seyne-sur-Mer »."""
    if match := re.match(r"(L[ea]s?) (.+)|(L')(.+)", city.name):
        article, rest = match[1] or match[3], match[2] or match[4]
        yield from (f"{rest} ({article})", rest, rest.replace("-", " ").upper())


def _of(name: str) -> str:
    for article, contracted in (("Le ", "du "), ("Les ", "des ")):
        if name.startswith(article):
            return contracted + name.removeprefix(article)
    return f"d'{name}" if unicodedata.normalize("NFD", name)[0] in "AEIOUYH" else f"de {name}"
