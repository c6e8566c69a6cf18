"""``projet-partage office``: who is mayor or president of a city; many at once after an election."""

from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from actions.people.hand_over import Handover, HandoverOutcome, hand_over
from actions.people.propose_holder import NewHolder, propose_holder
from commands.input_file import read_file
from commands.lazy_group import group
from commands.open_database import act, acting, file_store, now, open_database
from commands.options import As, AsJson, PartyCode, SharesMailbox, day_option
from commands.printing import print_list
from commands.proposal_view import answer_proposal
from models.file_text import decode
from models.handover_file import read_handover

app = group("Les maires et présidents : les nommer, préparer une passation.")

FirstDay = Annotated[
    date | None, day_option("Le premier jour de la fonction ; sans lui, dès la confirmation.", "--on")
]


@app.command()
def propose(
    party: PartyCode,
    person: Annotated[str, typer.Option(metavar="ADRESSE", help="Qui devient maire ou président.")],
    name: Annotated[str, typer.Option(metavar="NOM", help="Prénom et nom.")],
    email: As,
    quality: Annotated[str | None, typer.Option(metavar="QUALITÉ", help="« Maire », « Présidente »…")] = None,
    on: FirstDay = None,
    file: Annotated[Path | None, typer.Option(metavar="FICHIER", help="L’acte qui le prouve.")] = None,
    shares_mailbox: SharesMailbox = False,
    as_json: AsJson = False,
) -> None:
    """Propose le maire ou président d’une collectivité ; l’autre côté le confirme."""
    with open_database() as db, file_store().receive_path(file) if file else nullcontext() as proof:
        holder = NewHolder(party, person, name, quality, on, proof, shares_mailbox)
        proposal = propose_holder(db, acting(db, email), holder, now=now())
    answer_proposal(proposal, as_json)


@app.command()
def handover(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FICHIER.csv",
            help="Une ligne par collectivité : code;nom;adresse;qualite (et boite_partagee : oui).",
        ),
    ],
    email: As,
    on: FirstDay = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Montre ce qui changerait, sans rien proposer.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Propose les nouveaux maires et présidents de plusieurs collectivités, tous ou aucun."""
    lines = tuple(read_handover(decode(read_file(file), file=file.name, by_line=True), file=file.name))
    outcomes = act(hand_over, email, Handover(lines, on, dry_run))
    print_list(
        [_data(each) for each in outcomes],
        as_json,
        ("Collectivité", "Nouveau titulaire", "Aujourd’hui", "Délégations qui finissent", "Validations qui passent",
         "Proposition", "Attend"),
        (
            (
                each.city,
                each.line.name,
                each.effects.former or "personne",
                ", ".join(each.effects.delegations) or "–",
                ", ".join(each.effects.pending) or "–",
                str(each.proposal or "à blanc"),
                each.waits_for,
            )
            for each in outcomes
        ),
        "Rien ne change.",
    )  # fmt: skip


def _data(outcome: HandoverOutcome) -> dict[str, Any]:
    return {
        "line": outcome.line.number,
        "party": outcome.line.code,
        "city": outcome.city,
        "person": outcome.line.email,
        "former": outcome.effects.former,
        "delegations": list(outcome.effects.delegations),
        "pending": list(outcome.effects.pending),
        "proposal": outcome.proposal,
        "waits_for": outcome.waits_for,
    }
