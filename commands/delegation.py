"""``projet-partage delegation``: the delegations of signature."""

from datetime import date
from typing import Annotated

import typer

from actions.signing.delegate_signature import DelegationRequest, delegate_signature, revoke_delegation
from commands.completion import emails
from commands.lazy_group import group
from commands.open_database import acting, now, open_database
from commands.options import As, AsJson, PartyCode, read_date
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
    since: Annotated[
        date, typer.Option("--from", parser=read_date, metavar="AAAA-MM-JJ", help="Le premier jour.")
    ],
    until: Annotated[date, typer.Option(parser=read_date, metavar="AAAA-MM-JJ", help="Le dernier jour.")],
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
    with open_database() as db:
        delegation = delegate_signature(db, acting(db, email), request, now=now())
    sentence = (
        f"{delegate} peut signer pour {party} du {day(since)} au {day(until)}, sur « {delegation.scope} » "
        f"(arrêté {order}, délégation n° {delegation.id})."
    )
    answer(sentence, DelegationShown.of(delegation, delegate), as_json)


@app.command()
def revoke(
    number: Annotated[int, typer.Argument(metavar="NUMÉRO", help="Le numéro de la délégation.")],
    email: As,
    as_json: AsJson = False,
) -> None:
    """Met fin à une délégation ; ce qui a été signé sous elle demeure."""
    with open_database() as db:
        delegation = revoke_delegation(db, acting(db, email), number, now=now())
    ended = DelegationEnded.model_validate(delegation)
    answer(f"La délégation n° {number} (arrêté {delegation.order_reference}) est révoquée.", ended, as_json)
