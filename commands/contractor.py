"""``projet-partage contractor``: the ANCT records the contract it awarded."""

from datetime import date
from decimal import Decimal
from typing import Annotated

import typer

from actions.projects.appoint_contractor import AwardRequest, Firm, InvalidAward, appoint_contractor
from commands.lazy_group import group
from commands.open_database import act
from commands.options import As, AsJson, Slug, day_option, read_amount
from commands.printing import answer
from models.answer_shapes import Awarded, FirmShown

app = group("L’attribution du marché au prestataire.")


@app.command()
def appoint(
    slug: Slug,
    email: As,
    name: Annotated[str, typer.Option(metavar="NOM", help="L’entreprise, mandataire du groupement.")],
    siret: Annotated[str, typer.Option(metavar="SIRET", help="Ses 14 chiffres.")],
    contact_name: Annotated[str, typer.Option(metavar="NOM", help="À qui écrire.")],
    contact_email: Annotated[str, typer.Option(metavar="ADRESSE", help="Son adresse électronique.")],
    amount: Annotated[
        Decimal, typer.Option(parser=read_amount, metavar="EUROS", help="Le montant du marché, hors taxes.")
    ],
    on: Annotated[date, day_option("Le jour de l’attribution.")],
    member: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NOM;SIRET;CONTACT;ADRESSE",
            help="Une autre entreprise du groupement ; autant qu’il en faut.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """L’ANCT désigne le prestataire, seul ou à la tête d’un groupement."""
    lead = Firm(name, siret, contact_name, contact_email)
    firms = [lead, *(_member(text) for text in member or ())]
    award = act(appoint_contractor, email, AwardRequest(slug, firms, amount, on))
    awarded = Awarded(
        id=award.id,
        slug=slug,
        amount_eur=award.amount_eur,
        awarded_on=award.awarded_on,
        firms=[FirmShown.model_validate(firm) for firm in firms],
    )
    others = f", avec {', '.join(firm.name for firm in firms[1:])}" if firms[1:] else ""
    answer(f"Le marché est attribué à {name}{others}.", awarded, as_json)


def _member(text: str) -> Firm:
    parts = [part.strip() for part in text.split(";")]
    if len(parts) != len(("name", "siret", "contact_name", "contact_email")) or not all(parts):
        raise InvalidAward(
            f"« {text} » ne décrit pas une entreprise du groupement : écrivez « NOM;SIRET;CONTACT;ADRESSE »."
        )
    return Firm(*parts)
