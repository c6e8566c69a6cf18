"""The arguments and options that many commands share, with their help and their completion."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer

from commands.completion import deliverable_keys, emails, party_codes, project_slugs, stage_keys
from models.columns import DAY
from models.limits import OutOfLimits

LARGEST = 2**31 - 1
"""The largest number of a row."""


def read_date(text: str | date) -> date:
    """A day written year-month-day."""
    if isinstance(text, date):
        return text
    try:
        if len(text) == len("2021-07-12"):
            return DAY.read(date.fromisoformat(text))
    except OutOfLimits as refusal:
        raise typer.BadParameter(str(refusal)) from None
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


def day_option(text: str, *names: str) -> Any:
    """An option that is a day; ``text`` is its help."""
    return typer.Option(*names, parser=read_date, metavar="AAAA-MM-JJ", help=text)


def party_option(text: str, *names: str) -> Any:
    """An option that is the code of a party; ``text`` is its help."""
    return typer.Option(*names, metavar="CODE", help=text, autocompletion=party_codes)


def number_argument(text: str, **options: Any) -> Any:
    """An argument that is the id of a row; ``text`` is its help."""
    return typer.Argument(metavar="NUMÉRO", help=text, min=1, max=LARGEST, **options)


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
    typer.Option(
        "--as",
        metavar="ADRESSE",
        help="Au nom de qui, par son adresse ; « Nom <adresse> » si la boîte est partagée.",
        autocompletion=emails,
    ),
]
PartyCode = Annotated[str, party_option("Le code de la collectivité.", "--party")]
AsJson = Annotated[bool, typer.Option("--json", help="Répond en JSON, pour un programme.")]
SharesMailbox = Annotated[
    bool,
    typer.Option("--shares-mailbox", help="Quelqu’un d’autre a déjà cette adresse : ils partagent la boîte."),
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXTE", help="Le motif, en clair.")]
