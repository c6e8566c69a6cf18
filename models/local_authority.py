"""The local authorities of France: who may be a party, checked against the Code officiel géographique (COG).

The list is ``cog.tsv.gz`` beside this file (``cog.md`` says where it comes from). It is read once, at the
first question, and kept as sorted lines: only the authorities asked for become objects.
Etalab publishes the COG as data for npm and as an API: parties are checked without either.
"""

import gzip
import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from models.folded import folded_lines
from models.labelled_enum import LabelledEnum
from models.refusal import Refusal

COG = Path(__file__).with_name("cog.tsv.gz")
EPCI_SHORT = {
    "communaute de communes": "cc",
    "communaute d agglomeration": "ca",
    "communaute urbaine": "cu",
}


class AuthorityKind(LabelledEnum):
    """What a local authority is; its code is an INSEE code, a SIREN or a département's number."""

    commune = "commune", "commune"
    epci = "epci", "EPCI"
    departement = "departement", "département"

    @property
    def with_article(self) -> str:
        return f"une {self.label}" if self is AuthorityKind.commune else f"un {self.label}"

    @property
    def code_length(self) -> range:
        return {"commune": range(5, 6), "epci": range(9, 10), "departement": range(2, 4)}[self]

    @property
    def code_shape(self) -> str:
        """How a code of this kind is made, as a French clause."""
        return {
            "commune": "un code commune a cinq caractères",
            "epci": "un code d’EPCI est son SIREN, neuf chiffres",
            "departement": "un code de département a deux ou trois caractères",
        }[self]


@dataclass(frozen=True, slots=True)
class LocalAuthority:
    """A commune (``code``: INSEE, 5 characters), an EPCI (its SIREN) or a département (2 or 3 characters).

    ``departement`` is the code of the département whose public holidays count; for an EPCI across several,
    the one where most of its people live. ``population`` is the municipal population. The source has no SIREN
    for the départements nor for some overseas communes, and no population where nobody lives.
    """

    code: str
    kind: AuthorityKind
    name: str
    siren: str | None
    departement: str
    population: int | None

    def __str__(self) -> str:
        return f"{self.code} ({self.name})"


class UnknownAuthority(Refusal):
    """No authority of the kind asked for has this code.

    ``suggestion`` is the authority probably meant (a lost zero, a code since replaced, a SIREN…):
    an import may correct the code with it when ``check_name`` accepts the name given beside the code, and must say so.
    """

    def __init__(self, code: str, reason: str, suggestion: LocalAuthority | None = None) -> None:
        self.suggestion = suggestion
        advice = f"voulez-vous dire {suggestion} ?" if suggestion else "vérifiez ce code sur insee.fr."
        super().__init__(f"{code.strip() or '(code vide)'} : {reason} ; {advice}")


class WrongAuthorityName(Refusal):
    """The name given beside a code is not the name of the authority that has this code.

    ``candidates`` are the authorities that do have that name, those of the same kind first.
    """

    def __init__(self, authority: LocalAuthority, given_name: str, candidates: list[LocalAuthority]) -> None:
        self.candidates = candidates
        codes = ", ".join(f"{each.code} ({each.kind.label}, {each.departement})" for each in candidates[:3])
        advice = f"« {given_name} » a pour code {codes}" if candidates else "aucune collectivité n’a ce nom"
        owner = f"{authority.name} ({authority.kind.label})"
        super().__init__(
            f"{authority.code} est le code de {owner}, pas de « {given_name} » : "
            f"{advice} ; corrigez le code ou le nom."
        )


def find_authority(code: str, *, kind: AuthorityKind | None = None) -> LocalAuthority:
    """The authority that has exactly this code today; raises ``UnknownAuthority``.

    Nothing is corrected here: ``9306`` or ``2a004`` are refused, with the right code as ``suggestion``.
    """
    columns = _columns(code)
    if columns is None:
        raise _unknown(code, kind)
    if columns[6]:
        raise _replaced(columns, kind)
    authority = _authority(columns)
    if kind is not None and authority.kind is not kind:
        actual = f"{authority.kind.with_article} ({authority.name})"
        raise UnknownAuthority(code, f"c’est le code d’{actual}, pas d’{kind.with_article}")
    return authority


def siren_of(code: str) -> str | None:
    """The SIREN of the authority with this code today; None where the COG has none (the départements, a few overseas
    communes) and for a code that no longer stands."""
    try:
        return find_authority(code).siren
    except UnknownAuthority:
        return None


def authorities_named(name: str) -> list[LocalAuthority]:
    """All that have this name, whatever its case, accents, hyphens and apostrophes: communes, EPCI, then
    départements, each by code. « Communauté de communes » may stand for « CC »; so for « CA » and « CU »."""
    key = _fold(name)
    authorities = (
        [_authority(line.split("\t")) for line, named in _named_lines() if named == key] if key else []
    )
    order = list(AuthorityKind)
    return sorted(authorities, key=lambda each: (order.index(each.kind), each.code))


def search_authorities(prefix: str, limit: int = 20) -> list[LocalAuthority]:
    """The ``limit`` most peopled ones whose code or name, case and accents aside, starts with ``prefix``."""
    code, name = prefix.strip().upper(), _fold(prefix)
    matching = [
        line.split("\t")
        for line, named in _named_lines()
        if line.startswith(code) or (name and named.startswith(name))
    ]
    matching.sort(key=lambda columns: (-int(columns[5] or 0), columns[0]))
    return [_authority(columns) for columns in matching[:limit]]


def check_name(authority: LocalAuthority, written: str) -> list[str]:
    """What is corrected in a name written beside the authority's code: nothing, or one French sentence when it is
    missing or differs only by case, accents, hyphens… Raises ``WrongAuthorityName`` for any other name."""
    name = written.strip()
    if name == authority.name:
        return []
    if not name:
        return [f"{authority.code} : nom absent, complété en « {authority.name} »"]
    if _fold(name) == _fold(authority.name):
        return [f"{authority.code} : nom « {name} » corrigé en « {authority.name} »"]
    candidates = sorted(authorities_named(name), key=lambda each: each.kind is not authority.kind)
    raise WrongAuthorityName(authority, name, candidates)


@cache
def _lines() -> list[str]:
    """The COG, sorted by code; the columns are those that ``scripts/build_cog.py`` names."""
    return gzip.decompress(COG.read_bytes()).decode().splitlines()


@cache
def _named_lines() -> list[tuple[str, str]]:
    """The line and the folded name of each authority, without the codes that cannot be a party."""
    lines = [line for line in _lines() if line.endswith("\t")]
    names = _fold_lines("\n".join(line.split("\t", 3)[2] for line in lines))
    return list(zip(lines, names, strict=True))


def _columns(code: str) -> list[str] | None:
    lines = _lines()
    index = bisect_left(lines, f"{code}\t")
    columns = lines[index].split("\t") if index < len(lines) else [""]
    return columns if columns[0] == code and code else None


def _authority(columns: list[str]) -> LocalAuthority:
    code, kind, name, siren, departement, population, _ = columns
    return LocalAuthority(
        code=code,
        kind=AuthorityKind(kind),
        name=name,
        siren=siren or None,
        departement=departement,
        population=int(population) if population else None,
    )


def _fold(name: str) -> str:
    return " ".join(_fold_lines(name.replace("\n", " ")))


def _fold_lines(names: str) -> list[str]:
    """Each line folded, « communauté de communes » told as « cc »."""
    spaced = "\n".join(folded_lines(names))
    for long, short in EPCI_SHORT.items():
        spaced = re.sub(f"(?m)^{long}\\b", short, spaced)
    return spaced.split("\n")


def _replaced(columns: list[str], kind: AuthorityKind | None) -> UnknownAuthority:
    code, why, name, *_, instead = columns
    reason = {
        "arrondissement": f"{name} n’est pas une commune à lui seul",
        "merged": f"{name} fait désormais partie d’une autre commune",
        "former": "ce code commune n’a plus cours",
    }[why]
    commune_will_do = kind in (None, AuthorityKind.commune)
    return UnknownAuthority(code, reason, _current(instead) if commune_will_do else None)


def _unknown(code: str, kind: AuthorityKind | None) -> UnknownAuthority:
    plain = re.sub(r"[^0-9A-Z]", "", code.upper())
    guesses = (
        (_current(plain), "un code s’écrit en capitales, sans espace ni ponctuation"),
        (_current(f"0{plain}"), None),
        (_commune_with_siren(plain), "une commune se désigne par son code INSEE, pas par son SIREN"),
        (_only_one_named(code, kind), "c’est un nom, et il faut un code"),
    )
    for meant, reason in guesses:
        if meant and kind in (None, meant.kind):
            return UnknownAuthority(code, reason or meant.kind.code_shape, meant)
    return UnknownAuthority(code, _reason(code, kind))


def _reason(code: str, kind: AuthorityKind | None) -> str:
    kinds = [kind] if kind else [each for each in AuthorityKind if len(code) in each.code_length]
    if not kinds:
        return ", ".join(each.code_shape for each in AuthorityKind)
    if len(code) not in kinds[0].code_length:
        return kinds[0].code_shape
    return f"selon le Code officiel géographique, ce n’est pas le code d’{kinds[0].with_article}"


def _current(code: str) -> LocalAuthority | None:
    columns = _columns(code)
    if columns and columns[6]:
        columns = _columns(columns[6])
    return _authority(columns) if columns else None


def _only_one_named(name: str, kind: AuthorityKind | None) -> LocalAuthority | None:
    namesakes = [each for each in authorities_named(name) if kind in (None, each.kind)]
    return namesakes[0] if len(namesakes) == 1 else None


def _commune_with_siren(number: str) -> LocalAuthority | None:
    """From a SIREN, or from a SIRET, which starts with it."""
    if not re.fullmatch(r"[0-9]{9}([0-9]{5})?", number):
        return None
    siren = f"\t{number[:9]}\t"
    rows = (line.split("\t") for line in _lines() if siren in line and "\tcommune\t" in line)
    return next((_authority(columns) for columns in rows), None)
