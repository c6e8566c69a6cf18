"""The Code officiel géographique (COG), by code: ``cog.tsv.gz`` beside this file (``cog.md`` says where it comes from).

It is read once, at the first question, and kept as sorted lines: only the authorities asked for become objects.
Etalab publishes the COG as data for npm and as an API: parties are checked without either.
"""

import gzip
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from models.labelled_enum import LabelledEnum

COG = Path(__file__).with_name("cog.tsv.gz")
REPLACED_BY = 6
"""The column of the code to use instead, filled for what cannot be a party."""


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

    @property
    def where(self) -> str:
        """What tells it from its namesakes: its département's code, or that it is the département itself."""
        return self.kind.label if self.kind is AuthorityKind.departement else self.departement

    def __str__(self) -> str:
        return f"{self.code} ({self.name})"


@cache
def cog_lines() -> list[str]:
    """All of them, sorted by code; the columns are those that ``scripts/build_cog.py`` names."""
    return gzip.decompress(COG.read_bytes()).decode().splitlines()


def columns_of(code: str) -> list[str] | None:
    """The line of exactly this code, be it one that cannot be a party."""
    lines = cog_lines()
    index = bisect_left(lines, f"{code}\t")
    columns = lines[index].split("\t") if index < len(lines) else [""]
    return columns if columns[0] == code and code else None


def authority_of(columns: list[str]) -> LocalAuthority:
    """The authority of a line that can be a party."""
    code, kind, name, siren, departement, population, _ = columns
    return LocalAuthority(
        code=code,
        kind=AuthorityKind(kind),
        name=name,
        siren=siren or None,
        departement=departement,
        population=int(population) if population else None,
    )


def current(code: str) -> LocalAuthority | None:
    """The authority of this code, or the one that has taken its place."""
    columns = columns_of(code)
    if columns and columns[REPLACED_BY]:
        columns = columns_of(columns[REPLACED_BY])
    return authority_of(columns) if columns else None


def commune_with_siren(siren: str) -> LocalAuthority | None:
    """The commune that has this SIREN (nine digits)."""
    rows = (line.split("\t") for line in cog_lines() if f"\t{siren}\t" in line and "\tcommune\t" in line)
    return next((authority_of(columns) for columns in rows), None)
