"""``projet-partage contractor``: the ANCT records the contract it awarded, and the one that replaces it."""

from datetime import date
from decimal import Decimal
from typing import Annotated

import typer

from actions.projects.appoint_contractor import AwardRequest, Firm, InvalidAward, appoint_contractor
from actions.projects.replace_contractor import Replacement, replace_contractor
from commands.lazy_group import group
from commands.open_database import act
from commands.options import As, AsJson, Reason, SharesMailbox, Slug, day_option, read_amount
from commands.printing import answer
from models.answer_shapes import Awarded, FirmShown
from models.contractor import ContractAward
from models.stored_row import identity

app = group("L’attribution du marché au prestataire.")


Name = Annotated[str, typer.Option(metavar="NOM", help="L’entreprise, mandataire du groupement.")]
Siret = Annotated[str, typer.Option(metavar="SIRET", help="Ses 14 chiffres.")]
ContactName = Annotated[str, typer.Option(metavar="NOM", help="À qui écrire.")]
ContactEmail = Annotated[str, typer.Option(metavar="ADRESSE", help="Son adresse électronique.")]
Amount = Annotated[
    Decimal, typer.Option(parser=read_amount, metavar="EUROS", help="Le montant du marché, hors taxes.")
]
AwardedOn = Annotated[date, day_option("Le jour de l’attribution.", "--on")]
Members = Annotated[
    list[str] | None,
    typer.Option(
        "--member",
        metavar="NOM;SIRET;CONTACT;ADRESSE",
        help="Une autre entreprise du groupement ; autant qu’il en faut.",
    ),
]


@app.command()
def appoint(
    slug: Slug,
    email: As,
    name: Name,
    siret: Siret,
    contact_name: ContactName,
    contact_email: ContactEmail,
    amount: Amount,
    on: AwardedOn,
    member: Members = None,
    shares_mailbox: SharesMailbox = False,
    as_json: AsJson = False,
) -> None:
    """L’ANCT désigne le prestataire, seul ou à la tête d’un groupement."""
    firms = [Firm(name, siret, contact_name, contact_email, shares_mailbox), *map(_member, member or ())]
    request = AwardRequest(slug, firms, amount, on)
    award = act(appoint_contractor, email, request)
    answer(f"Le marché est attribué à {name}{_others(firms)}.", _awarded(award, request), as_json)


@app.command()
def replace(
    slug: Slug,
    email: As,
    name: Name,
    siret: Siret,
    contact_name: ContactName,
    contact_email: ContactEmail,
    amount: Amount,
    on: AwardedOn,
    ended_on: Annotated[date, day_option("Le dernier jour du marché actuel.", "--ended-on")],
    reason: Reason,
    member: Members = None,
    shares_mailbox: SharesMailbox = False,
    as_json: AsJson = False,
) -> None:
    """L’ANCT remplace le prestataire : l’ancien n’a plus accès, ses engagements ouverts passent au nouveau."""
    firms = [Firm(name, siret, contact_name, contact_email, shares_mailbox), *map(_member, member or ())]
    request = AwardRequest(slug, firms, amount, on)
    award = act(replace_contractor, email, Replacement(request, ended_on, reason))
    answer(f"{name}{_others(firms)} prend la suite du marché.", _awarded(award, request), as_json)


def _others(firms: list[Firm]) -> str:
    return f", avec {', '.join(firm.name for firm in firms[1:])}" if firms[1:] else ""


def _awarded(award: ContractAward, request: AwardRequest) -> Awarded:
    return Awarded(
        id=identity(award),
        slug=request.slug,
        amount_eur=award.amount_eur,
        awarded_on=award.awarded_on,
        firms=[FirmShown.model_validate(firm) for firm in request.firms],
    )


def _member(text: str) -> Firm:
    parts = [part.strip() for part in text.split(";")]
    if len(parts) != len(("name", "siret", "contact_name", "contact_email")) or not all(parts):
        raise InvalidAward(
            f"« {text} » ne décrit pas une entreprise du groupement : écrivez « NOM;SIRET;CONTACT;ADRESSE »."
        )
    name, siret, contact_name, contact_email = parts
    return Firm(name, siret, contact_name, contact_email)
