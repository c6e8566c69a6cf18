"""``projet-partage delegation``: the delegations of signature."""

from contextlib import AbstractContextManager, nullcontext
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from actions.files.store_file import ReceivedFile
from actions.signing.delegate_signature import DelegationRequest, delegate_signature
from actions.signing.revoke_delegation import revoke_delegation
from commands.completion import emails
from commands.lazy_group import group
from commands.open_database import act, acting, file_store, now, open_database
from commands.options import As, AsJson, PartyCode, day_option, number_argument
from commands.printing import answer, day
from commands.proposal_view import proposed
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
    file: Annotated[Path | None, typer.Option(metavar="FICHIER", help="L’arrêté lui-même, numérisé.")] = None,
    as_json: AsJson = False,
) -> None:
    """Enregistre un arrêté de délégation de signature.

    Le maire ou président le donne de sa main. Proposé par l’interlocuteur, il attend d’être confirmé.
    """
    with open_database() as db, _received(file) as order_file:
        request = DelegationRequest(
            party, delegate, order, scope, since, until, to_elected=elected, order_file=order_file
        )
        proposal = delegate_signature(db, acting(db, email), request, now=now())
    data = DelegationShown.of(proposal, delegate)
    if data.id is None:
        answer(proposed(proposal), data, as_json)
        return
    sentence = (
        f"{delegate} peut signer pour {party} du {day(since)} au {day(until)}, sur « {data.scope} » "
        f"(arrêté {order}, délégation n° {data.id})."
    )
    answer(sentence, data, as_json)


def _received(file: Path | None) -> AbstractContextManager[ReceivedFile | None]:
    return file_store().receive_path(file) if file else nullcontext()


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
