"""``projet-partage authority``: who may sign what, and the second key of what is proposed."""

from typing import Annotated

import typer

from actions.confirmation.settle import Drop, confirm_proposal, drop_proposal
from commands.lazy_group import group
from commands.open_database import act, now, open_database
from commands.options import As, AsJson, number_argument, party_option
from commands.printing import day, print_list
from commands.proposal_view import answer_proposal
from queries.authority.list_authorities import list_authorities

app = group("Qui peut signer quoi, sur quelle preuve, et ce qui attend une seconde confirmation.")

Number = Annotated[int, number_argument("Le numéro de la proposition.")]


@app.command("list")
def show(
    party: Annotated[str | None, party_option("Une collectivité seulement.")] = None,
    as_json: AsJson = False,
) -> None:
    """Montre les fonctions et les délégations, et ce qui attend d’être confirmé."""
    with open_database() as db, db.read() as session:
        lines = list_authorities(session, now(), party)
    print_list(
        [line.model_dump(mode="json") for line in lines],
        as_json,
        ("N°", "Collectivité", "Quoi", "Personne", "État", "Preuve", "Attend", "Depuis", "Jusqu’au"),
        (
            (
                str(line.id or "–"),
                line.party,
                line.kind.label,
                line.person or "–",
                line.status.label,
                line.evidence.label,
                line.waits_for or "–",
                day(line.since),
                day(line.until),
            )
            for line in lines
        ),
        "Personne ne peut signer, et rien n’attend.",
    )


@app.command()
def confirm(number: Number, email: As, as_json: AsJson = False) -> None:
    """Confirme ce qu’une autre personne, de l’autre côté, a proposé : c’est alors fait."""
    answer_proposal(act(confirm_proposal, email, number), as_json)


@app.command()
def drop(
    number: Number,
    email: As,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXTE", help="Pourquoi ; dit à qui l’a proposé.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Retire ce que l’on a proposé, ou écarte ce que l’autre côté propose."""
    answer_proposal(act(drop_proposal, email, Drop(number, reason)), as_json)
