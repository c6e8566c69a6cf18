"""The local authorities by their names, as people write them (``models.place_name``)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from models.cog import AuthorityKind, LocalAuthority, authority_of, cog_lines, columns_of, current
from models.folded import folded
from models.place_name import (
    Reading,
    arrondissement,
    of_epci,
    readings,
    spelled_out,
    spelled_out_lines,
    without_article,
    without_small_words,
)

MOST_NEAR = 5
Lines = Mapping[str, Sequence[str]]
"""Lines of the COG, by a form of their name."""


def authorities_named(name: str) -> list[LocalAuthority]:
    """All that this may name today: communes, EPCI, then départements, each by code.

    A name written in full names itself; only then are « Ville de », a département beside it, a missing article, missing
    small words and the short name of an EPCI tried, in that order.
    """
    ways = list(readings(name))
    for tier, forms in enumerate(((_exact,), (_exact, _loose), (_bare,), (_short,))):
        tried = ways[:1] if tier == 0 else ways
        lines = {line for way in tried for form in forms for line in form(way) if _fits(line, way)}
        if lines:
            return _in_order(authority_of(line.split("\t")) for line in lines)
    return []


def successors_named(name: str) -> list[tuple[str, LocalAuthority]]:
    """The merged communes and the arrondissements that this may name, each with the commune to name instead."""
    ways = [*readings(name), *(Reading(found) for found in [arrondissement(name)] if found)]
    old = {
        line: successor
        for way in ways
        for line in _of_replaced().get(spelled_out(way.name), ())
        if (successor := current(line.split("\t")[0])) and _has_hint(successor, way.hint)
    }
    return sorted(
        ((line.split("\t")[2], successor) for line, successor in old.items()), key=lambda each: each[1].code
    )


def places_named(name: str) -> list[LocalAuthority]:
    """All that this names or named: today's authorities, then those that have taken the place of others."""
    named = authorities_named(name)
    later = {each.code: each for _, each in successors_named(name)}
    return named + [each for code, each in later.items() if code not in {one.code for one in named}]


def authorities_like(name: str) -> list[LocalAuthority]:
    """Those whose name is a letter or two away from this one, the nearest only, the most peopled first."""
    from rapidfuzz import process  # forty milliseconds, for whoever mistypes
    from rapidfuzz.distance import OSA

    distances: dict[str, int] = {}
    for way in readings(name):
        spelled = spelled_out(way.name)
        most = 0 if len(spelled) < 4 else 1 if len(spelled) < 8 else 2
        close = process.extract(
            spelled, list(_of_exact()), scorer=OSA.distance, score_cutoff=most, limit=None
        )
        for key, distance, _ in close if most else ():
            for line in _of_exact()[key]:
                if _fits(line, way):
                    distances[line] = min(int(distance), distances.get(line, 9))
    nearest = min(distances.values(), default=0)
    near = [authority_of(line.split("\t")) for line, distance in distances.items() if distance == nearest]
    return sorted(near, key=lambda each: (-(each.population or 0), each.code))[:MOST_NEAR]


def authorities_near(name: str) -> list[LocalAuthority]:
    """When none has this name: the nearest by their letters, else those of its département whose name begins so."""
    if near := authorities_like(name):
        return near
    begins = [
        line
        for way, prefix in ((way, spelled_out(way.name)) for way in readings(name) if way.hint)
        for line, spelled in _named_lines()
        if spelled.startswith(prefix) and _fits(line, way)
    ]
    return [authority_of(line.split("\t")) for line in begins[:MOST_NEAR]]


def search_authorities(prefix: str, limit: int = 20) -> list[LocalAuthority]:
    """The ``limit`` most peopled ones whose code or name starts with ``prefix``, else whose name says its words."""
    code, name = prefix.strip().upper(), spelled_out(prefix)
    matching = [
        line
        for line, spelled in _named_lines()
        if line.startswith(code)
        or (name and (spelled.startswith(name) or without_article(spelled).startswith(name)))
    ]
    if not matching and name:
        words = without_small_words(name).split()
        matching = [line for line, spelled in _named_lines() if _says(spelled, words)]
    rows = sorted(
        (line.split("\t") for line in matching), key=lambda columns: (-int(columns[5] or 0), columns[0])
    )
    return [authority_of(columns) for columns in rows[:limit]]


def _says(spelled: str, words: Sequence[str]) -> bool:
    own = spelled.split()
    return all(any(each.startswith(word) for each in own) for word in words)


def _in_order(authorities: Iterable[LocalAuthority]) -> list[LocalAuthority]:
    order = list(AuthorityKind)
    return sorted(authorities, key=lambda each: (order.index(each.kind), each.code))


def _fits(line: str, way: Reading) -> bool:
    """Is this line of the kind and in the département that are told with the name?"""
    return way.kind in (None, line.split("\t", 2)[1]) and _has_hint(authority_of(line.split("\t")), way.hint)


def _has_hint(authority: LocalAuthority, hint: str | None) -> bool:
    """Is the authority in the département of this code, postal code or name, or has it this code?"""
    if hint is None:
        return True
    code = hint.strip().upper()
    departements = {
        authority.departement,
        "20" if authority.departement in ("2A", "2B") else authority.departement,
    }
    if code == authority.code or code in departements or (len(code) == 1 and f"0{code}" in departements):
        return True
    if len(code) == 5 and code.isdecimal():
        return code.startswith(tuple(departements))
    columns = columns_of(authority.departement)
    return bool(columns) and without_article(folded(hint)) == without_article(
        folded(columns[2] if columns else "")
    )


def _exact(way: Reading) -> Sequence[str]:
    return _of_exact().get(spelled_out(way.name), ())


def _loose(way: Reading) -> Sequence[str]:
    return _of_loose().get(_without_article(way.name), ())


def _bare(way: Reading) -> Sequence[str]:
    return _of_bare().get(without_small_words(spelled_out(way.name)), ())


def _short(way: Reading) -> Sequence[str]:
    return _of_short().get(of_epci(spelled_out(way.name)), ())


def _without_article(name: str) -> str:
    return without_article(spelled_out(name))


@cache
def _named_lines() -> list[tuple[str, str]]:
    """The line and the spelled name of each authority, without the codes that cannot be a party."""
    lines = [line for line in cog_lines() if line.endswith("\t")]
    names = spelled_out_lines("\n".join(line.split("\t", 3)[2] for line in lines))
    return list(zip(lines, names, strict=True))


def _by(form: Callable[[str], str], named: Iterable[tuple[str, str]]) -> Lines:
    index: dict[str, list[str]] = defaultdict(list)
    for line, name in named:
        if key := form(name):
            index[key].append(line)
    return dict(index)


@cache
def _of_exact() -> Lines:
    return _by(str, _named_lines())


@cache
def _of_loose() -> Lines:
    """By the name without its article; « Bors (Canton de …) » is « bors » too."""
    in_brackets = [
        (line, line.split("\t", 3)[2].partition("(")[0]) for line, _ in _named_lines() if "(" in line
    ]
    return _by(without_article, [*_named_lines(), *((line, spelled_out(name)) for line, name in in_brackets)])


@cache
def _of_bare() -> Lines:
    return _by(without_small_words, _named_lines())


@cache
def _of_short() -> Lines:
    """The EPCI by their short name, with and without what stands in brackets."""
    epci = [(line, line.split("\t", 3)[2]) for line in cog_lines() if "\tepci\t" in line]
    names = [(line, part) for line, name in epci for part in {name, name.partition("(")[0]}]
    return _by(of_epci, [(line, spelled_out(name)) for line, name in names])


@cache
def _of_replaced() -> Lines:
    """The lines that cannot be a party and have a name, by it."""
    lines = [line for line in cog_lines() if not line.endswith("\t") and line.split("\t", 3)[2]]
    names = spelled_out_lines("\n".join(line.split("\t", 3)[2] for line in lines))
    return _by(str, zip(lines, names, strict=True))
