"""The local authorities of France: who may be a party, checked against the Code officiel géographique (COG).

A party is named by its code; a name in the place of a code, or beside it, is answered with what it may mean.
"""

import re
from collections.abc import Sequence

from models.authority_names import (
    authorities_named,
    authorities_near,
    places_named,
    search_authorities,
    successors_named,
)
from models.cog import (
    COG,
    AuthorityKind,
    LocalAuthority,
    authority_of,
    columns_of,
    commune_with_siren,
    current,
)
from models.folded import folded, is_same
from models.refusal import Refusal

__all__ = [
    "COG",
    "AuthorityKind",
    "LocalAuthority",
    "UnknownAuthority",
    "WrongAuthorityName",
    "authorities_named",
    "authorities_near",
    "check_name",
    "find_authority",
    "places_named",
    "search_authorities",
    "siren_of",
]  # fmt: skip


LONGEST_SHOWN = 80
"""Characters of what was written that a refusal says again."""
MOST_SHOWN = 5


class UnknownAuthority(Refusal):
    """No authority of the kind asked for has this code.

    ``suggestion`` is the authority probably meant (a lost zero, a code since replaced, a SIREN…):
    an import may correct the code with it when ``check_name`` accepts the name given beside the code, and must say so.
    ``candidates`` are those that could be meant, when it is not sure which.
    """

    def __init__(
        self,
        code: str,
        reason: str,
        suggestion: LocalAuthority | None = None,
        candidates: Sequence[LocalAuthority] = (),
    ) -> None:
        self.suggestion, self.candidates = suggestion, list(candidates)
        if suggestion:
            advice = f"voulez-vous dire {suggestion} ?"
        elif candidates:
            advice = f"voulez-vous dire {or_else(candidates)} ?"
        elif _is_name(code):
            advice = "vérifiez l’orthographe, ou écrivez son code, qui est sur insee.fr."
        else:
            advice = "vérifiez ce code sur insee.fr."
        super().__init__(f"{code.strip()[:LONGEST_SHOWN] or '(code vide)'} : {reason} ; {advice}")


class WrongAuthorityName(Refusal):
    """The name given beside a code is not the name of the authority that has this code.

    ``candidates`` are the authorities that do have that name, those of the same kind first.
    """

    def __init__(self, authority: LocalAuthority, given_name: str, candidates: list[LocalAuthority]) -> None:
        self.candidates = candidates
        codes = ", ".join(f"{each.code} ({each.kind.label}, {each.departement})" for each in candidates[:3])
        advice = f"« {given_name} » a pour code {codes}" if candidates else _none_named(given_name)
        owner = f"{authority.name} ({authority.kind.label})"
        super().__init__(
            f"{authority.code} est le code de {owner}, pas de « {given_name} » : "
            f"{advice} ; corrigez le code ou le nom."
        )


def or_else(authorities: Sequence[LocalAuthority]) -> str:
    """« 93066 (Saint-Denis, 93) ou 97411 (Saint-Denis, 974) »; the first of many."""
    shown = [f"{each.code} ({each.name}, {each.where})" for each in authorities[:MOST_SHOWN]]
    if len(authorities) > MOST_SHOWN:
        return f"{', '.join(shown)} ou une autre, parmi {len(authorities)}"
    return " ou ".join(part for part in (", ".join(shown[:-1]), shown[-1]) if part)


def _none_named(name: str) -> str:
    near = authorities_near(name)
    return "aucune collectivité n’a ce nom" + (f", le plus proche est {or_else(near)}" if near else "")


def find_authority(code: str, *, kind: AuthorityKind | None = None) -> LocalAuthority:
    """The authority that has exactly this code today; raises ``UnknownAuthority``.

    Nothing is corrected here: ``9306`` or ``2a004`` are refused, with the right code as ``suggestion``.
    """
    columns = columns_of(code)
    if columns is None:
        raise _unknown(code, kind)
    if columns[6]:
        raise _replaced(columns, kind)
    authority = authority_of(columns)
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


def check_name(authority: LocalAuthority, written: str) -> list[str]:
    """What is corrected in a name written beside the authority's code: nothing, or one French sentence when it is
    missing, or is another way to write it (case, accents, « St », « Ville de », a name it had before a merger…).
    Raises ``WrongAuthorityName`` for any other name."""
    name = written.strip()
    if name == authority.name:
        return []
    if not name:
        return [f"{authority.code} : nom absent, complété en « {authority.name} »"]
    if is_same(name, authority.name) or authority in places_named(name):
        return [f"{authority.code} : nom « {name} » corrigé en « {authority.name} »"]
    candidates = sorted(authorities_named(name), key=lambda each: each.kind is not authority.kind)
    raise WrongAuthorityName(authority, name, candidates)


def _replaced(columns: list[str], kind: AuthorityKind | None) -> UnknownAuthority:
    code, why, name, *_, instead = columns
    reason = {
        "arrondissement": _no_more(name),
        "merged": _no_more(name),
        "former": "ce code commune n’a plus cours",
    }[why]
    commune_will_do = kind in (None, AuthorityKind.commune)
    return UnknownAuthority(code, reason, current(instead) if commune_will_do else None)


def _unknown(code: str, kind: AuthorityKind | None) -> UnknownAuthority:
    if _is_name(code):
        return _named_instead(code, kind)
    plain = re.sub(r"[^0-9A-Z]", "", code.upper())
    is_number = re.fullmatch(r"[0-9]{9}([0-9]{5})?", plain)  # a SIREN, or a SIRET, which starts with it
    guesses = (
        (current(plain), "un code s’écrit en capitales, sans espace ni ponctuation"),
        (current(f"0{plain}"), None),
        (
            commune_with_siren(plain[:9]) if is_number else None,
            "une commune se désigne par son code INSEE, pas par son SIREN",
        ),
    )
    for meant, reason in guesses:
        if meant and kind in (None, meant.kind):
            return UnknownAuthority(code, reason or meant.kind.code_shape, meant)
    return UnknownAuthority(code, _reason(code, kind))


def _is_name(text: str) -> bool:
    """Has it a word of two letters, which no code has?"""
    return any(len(word) >= 2 and word.isalpha() for word in folded(text).split())


def _named_instead(name: str, kind: AuthorityKind | None) -> UnknownAuthority:
    """A name where a code is expected: whose it is, whose it was, or the nearest ones."""
    towns = [each for each in places_named(name) if kind in (None, each.kind)]
    if kind is None:
        towns = [each for each in towns if each.kind is not AuthorityKind.departement] or towns
    if len(towns) == 1:
        former = [old for old, now in successors_named(name) if not authorities_named(name) and now in towns]
        reason = _no_more(former[0]) if former else "c’est un nom, et il faut un code"
        return UnknownAuthority(name, reason, towns[0])
    if towns:
        return UnknownAuthority(name, "plusieurs collectivités ont ce nom, et il faut un code", None, towns)
    near = [each for each in authorities_near(name) if kind in (None, each.kind)]
    return UnknownAuthority(name, "aucune collectivité n’a ce nom", None, near)


def _no_more(name: str) -> str:
    if name.endswith("Arrondissement"):
        return f"{name} n’est pas une commune à lui seul"
    return f"{name} fait désormais partie d’une autre commune"


def _reason(code: str, kind: AuthorityKind | None) -> str:
    kinds = [kind] if kind else [each for each in AuthorityKind if len(code) in each.code_length]
    if not kinds:
        return ", ".join(each.code_shape for each in AuthorityKind)
    if len(code) not in kinds[0].code_length:
        return kinds[0].code_shape
    return f"selon le Code officiel géographique, ce n’est pas le code d’{kinds[0].with_article}"
