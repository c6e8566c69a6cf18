"""The arguments and options that many commands share, with their help and their completion."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

import typer

from commands.completion import deliverable_keys, emails, party_codes, project_slugs, stage_keys

LARGEST = 2**31 - 1
"""The largest number of a row."""


def read_date(text: str | date) -> date:
    """A day written year-month-day."""
    if isinstance(text, date):
        return text
    try:
        if len(text) == len("2021-07-12"):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise typer.BadParameter(
        f"« {text} » n’est pas une date ; écrivez-la année-mois-jour, par exemple 2021-07-12"
    )


def read_amount(text: str | Decimal) -> Decimal:
    """An amount in euros, with a comma or a point, spaces allowed."""
    if isinstance(text, Decimal):
        return text
    try:
        amount = Decimal("".join(text.split()).replace(",", ".").removesuffix("€"))
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite():
        raise typer.BadParameter(
            f"« {text} » n’est pas un montant ; écrivez-le en chiffres, par exemple 148500.00"
        )
    return amount


Slug = Annotated[
    str, typer.Argument(metavar="PROJET", help="L’identifiant du projet.", autocompletion=project_slugs)
]
StageKey = Annotated[
    str, typer.Argument(metavar="ÉTAPE", help="La clé de l’étape.", autocompletion=stage_keys)
]
DeliverableKey = Annotated[
    str, typer.Argument(metavar="LIVRABLE", help="La clé du livrable.", autocompletion=deliverable_keys)
]
As = Annotated[
    str,
    typer.Option("--as", metavar="ADRESSE", help="Au nom de qui, par son adresse.", autocompletion=emails),
]
PartyCode = Annotated[
    str,
    typer.Option("--party", metavar="CODE", help="Le code de la collectivité.", autocompletion=party_codes),
]
AsJson = Annotated[bool, typer.Option("--json", help="Répond en JSON, pour un programme.")]
ContentRead = Annotated[
    str | None,
    typer.Option(
        "--sha256", metavar="EMPREINTE", help="Le contenu qui a été lu ; sinon, la version courante."
    ),
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXTE", help="Le motif, en clair.")]
