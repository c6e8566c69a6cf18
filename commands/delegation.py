"""``projet-partage delegation``: the delegations of signature."""

from datetime import date
from typing import Annotated

import typer

from actions.signing.delegate_signature import DelegationRequest, delegate_signature, revoke_delegation
from commands.completion import emails
from commands.lazy_group import group
from commands.open_database import act
from commands.options import As, AsJson, PartyCode, day_option, number_argument
from commands.printing import answer, day
from models.answer_shapes import DelegationEnded, DelegationShown

app = group("Les délégations de signature.")


@app.command()
def add(
    party: PartyCode,
    delegate: Annotated[
        str, typer.Option(metavar="ADRESSE", help="Qui pourra signer.", autocompletion=emails)
    ],
    order: Annotated[str, typer.Option(metavar="RÉFÉRENCE", help="La référence de l’arrêté.")],
    since: Annotated[date, day_option("Le premier jour.", "--from")],
    until: Annotated[date, day_option("Le dernier jour.")],
    scope: Annotated[
        str,
        typer.Option(metavar="PORTÉE", help="« all », ou des clés d’étapes et de livrables, entre virgules."),
    ],
    email: As,
    elected: Annotated[
        bool,
        typer.Option("--elected", help="Délégation à un élu (CGCT L2122-18), et non à un agent (L2122-19)."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Enregistre un arrêté de délégation de signature."""
    request = DelegationRequest(party, delegate, order, scope, since, until, to_elected=elected)
    delegation = act(delegate_signature, email, request)
    sentence = (
        f"{delegate} peut signer pour {party} du {day(since)} au {day(until)}, sur « {delegation.scope} » "
        f"(arrêté {order}, délégation n° {delegation.id})."
    )
    answer(sentence, DelegationShown.of(delegation, delegate), as_json)


@app.command()
def revoke(
    number: Annotated[int, number_argument("Le numéro de la délégation.")],
    email: As,
    as_json: AsJson = False,
) -> None:
    """Met fin à une délégation ; ce qui a été signé sous elle demeure."""
    delegation = act(revoke_delegation, email, number)
    ended = DelegationEnded.model_validate(delegation)
    answer(f"La délégation n° {number} (arrêté {delegation.order_reference}) est révoquée.", ended, as_json)
