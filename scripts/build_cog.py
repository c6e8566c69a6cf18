"""Makes ``models/cog.tsv.gz``, the local authorities of France, from Etalab's npm package.

    python scripts/build_cog.py [VERSION]

Needs npm and the network. The same version gives the same content: the SHA-256 printed at the end
goes into ``models/cog.md`` with the counts. One line per code, sorted, seven columns separated by tabs:
code, kind, name, SIREN, code of the département, population, code to use instead. The last one is filled
for the codes that cannot be a party: municipal arrondissements, merged communes, codes changed since.
"""

import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PACKAGE = "@etalab/decoupage-administratif"
VERSION = "6.0.0"
TARGET = Path(__file__).parents[1] / "models" / "cog.tsv.gz"

Entry = dict[str, Any]
Row = tuple[str, str, str, str, str, str, str]


def download(version: str) -> dict[str, list[Entry]]:
    """The package's files, by name; npm itself checks the archive's integrity."""
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("npm est introuvable : installez Node.js, puis relancez.")
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "pack", "--silent", f"{PACKAGE}@{version}"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 -- no shell
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            return {name: read(archive, name) for name in ("communes", "epci", "departements")}


def read(archive: tarfile.TarFile, name: str) -> list[Entry]:
    file = archive.extractfile(f"package/data/{name}.json")
    if file is None:
        sys.exit(f"{name}.json n’est pas un fichier de l’archive.")
    entries: list[Entry] = json.load(file)
    return entries


def row(code: str, kind: str, name: str, **rest: object) -> Row:
    def text(column: str) -> str:
        return "" if rest.get(column) is None else str(rest[column])

    return (code, kind, name, text("siren"), text("departement"), text("population"), text("instead"))


def current_communes(communes: list[Entry]) -> dict[str, Entry]:
    return {entry["code"]: entry for entry in communes if entry["type"] == "commune-actuelle"}


def commune_rows(current: dict[str, Entry]) -> Iterator[Row]:
    for code, entry in current.items():
        yield row(
            code,
            "commune",
            entry["nom"],
            siren=entry.get("siren"),
            departement=entry["departement"],
            population=entry.get("population"),
        )


def replaced_rows(communes: list[Entry], current: dict[str, Entry]) -> Iterator[Row]:
    """Codes that are not, or no longer, a commune's, each with the commune to use instead."""
    replaced = {old: row(old, "former", "", instead=code) for code, old in former_codes(current)}
    for entry in communes:
        if entry["code"] in current:
            continue
        kind = "arrondissement" if entry["type"] == "arrondissement-municipal" else "merged"
        instead = entry.get("commune") or entry["chefLieu"]
        replaced[entry["code"]] = row(entry["code"], kind, entry["nom"], instead=instead)
    yield from replaced.values()


def former_codes(current: dict[str, Entry]) -> Iterator[tuple[str, str]]:
    for code, entry in current.items():
        yield from ((code, old) for old in entry.get("anciensCodes", []) if old not in current)


def epci_rows(epci: list[Entry], current: dict[str, Entry]) -> Iterator[Row]:
    """An EPCI may span several départements and the source has no seat: the most peopled one stands."""
    for entry in epci:
        people: Counter[str] = Counter()
        for member in entry["membres"]:
            people[current[member["code"]]["departement"]] += member["populationMunicipale"]
        yield row(
            entry["code"],
            "epci",
            entry["nom"],
            siren=entry["code"],
            departement=min(people, key=lambda code: (-people[code], code)),
            population=entry["populationMunicipale"],
        )


def departement_rows(departements: list[Entry], current: dict[str, Entry]) -> Iterator[Row]:
    """The population of a département is the sum of its communes'; unknown when one of them is."""
    people: dict[str, list[int | None]] = {}
    for commune in current.values():
        people.setdefault(commune["departement"], []).append(commune.get("population"))
    for entry in departements:
        counts = people.get(entry["code"], [])
        counted = [count for count in counts if count is not None]
        total = sum(counted) if counted and len(counted) == len(counts) else None
        yield row(entry["code"], "departement", entry["nom"], departement=entry["code"], population=total)


def build(source: dict[str, list[Entry]]) -> str:
    current = current_communes(source["communes"])
    rows = [
        *commune_rows(current),
        *replaced_rows(source["communes"], current),
        *epci_rows(source["epci"], current),
        *departement_rows(source["departements"], current),
    ]
    if len({line[0] for line in rows}) != len(rows):
        sys.exit("Deux collectivités ont le même code : rien n’est écrit.")
    for kind, count in sorted(Counter(line[1] for line in rows).items()):
        print(f"{kind:15}{count:>7}")
    return "".join(sorted("\t".join(line) + "\n" for line in rows))


def main(version: str = VERSION) -> None:
    content = build(download(version)).encode()
    TARGET.write_bytes(gzip.compress(content, compresslevel=9, mtime=0))
    print(f"{TARGET.name} ({PACKAGE} {version}) : SHA-256 du contenu décompressé")
    print(hashlib.sha256(content).hexdigest())


if __name__ == "__main__":
    main(*sys.argv[1:])
