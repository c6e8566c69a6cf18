"""``projet-partage export``: open data, in the national schemas."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from actions.files.store_file import UnusableFile
from commands.lazy_group import group
from commands.open_database import open_database
from commands.options import Slug
from commands.printing import warn
from queries.projects.export_deliberations import InvalidSiretOption, export_deliberations

app = group("Les données ouvertes.")


class ExportFormat(StrEnum):
    """The formats of an export."""

    csv = "csv"


EXPORTS = {ExportFormat.csv: export_deliberations}
"""What writes the deliberations in each format."""


@app.command()
def deliberations(
    slug: Slug,
    output_format: Annotated[ExportFormat, typer.Option("--format", help="Le format.")] = ExportFormat.csv,
    siret: Annotated[
        list[str] | None,
        typer.Option(metavar="CODE=SIRET", help="Le SIRET d’une collectivité ; autant qu’il en faut."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FICHIER", help="Où écrire ; sinon, sur la sortie.")
    ] = None,
) -> None:
    """Exporte les délibérations d’un projet au schéma national SCDL, en CSV."""
    sirets = dict(_pair(text) for text in siret or ())
    with open_database() as db:
        exported = EXPORTS[output_format](db, slug, sirets=sirets)
    for remark in exported.remarks:
        warn(remark)
    if output is None:
        sys.stdout.write(exported.text)
    else:
        _write(output, exported.text)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError:
        raise UnusableFile(
            f"Le fichier « {path} » ne peut pas être écrit : choisissez un autre endroit."
        ) from None


def _pair(text: str) -> tuple[str, str]:
    code, sign, number = text.partition("=")
    if not sign:
        raise InvalidSiretOption(text)
    return code.strip(), number.strip()
