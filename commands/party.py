"""``projet-partage party``: a local authority joins a project, or leaves it."""

from pathlib import Path
from typing import Annotated

import typer

from actions.projects.join_project import JoinRequest, join_project
from actions.projects.leave_project import DepartureRequest, propose_departure
from commands.lazy_group import group
from commands.open_database import act, acting, file_store, now, open_database
from commands.options import As, AsJson, Reason, Slug, party_option
from commands.printing import answer
from commands.proposal_view import answer_proposal
from models.party import PartyRole
from models.project_file import PartyEntry
from models.yaml_file import read_yaml

app = group("Les collectivités qui entrent dans un projet ou le quittent.")


@app.command()
def join(
    slug: Slug,
    file: Annotated[
        Path, typer.Argument(metavar="FICHIER.yaml", help="La collectivité, comme dans un fichier de projet.")
    ],
    email: As,
    as_json: AsJson = False,
) -> None:
    """L’ANCT fait entrer une collectivité ; elle compte dans les étapes qui s’ouvriront ensuite."""
    entry = read_yaml(file, PartyEntry)
    party = act(join_project, email, JoinRequest(slug, entry))
    role = "signataire" if party.role is PartyRole.signatory else "observatrice"
    data = {"slug": slug, "code": party.code, "name": party.name, "role": party.role}
    answer(f"{party.address} entre dans le projet, comme {role}.", data, as_json)


@app.command()
def leave(
    slug: Slug,
    party: Annotated[str, party_option("La collectivité qui part.")],
    reason: Reason,
    file: Annotated[Path, typer.Option(metavar="FICHIER", help="La décision de la collectivité, numérisée.")],
    email: As,
    as_json: AsJson = False,
) -> None:
    """Propose le départ d’une collectivité, avec sa décision ; l’ANCT le confirme."""
    with open_database() as db, file_store().receive_path(file) as decision:
        request = DepartureRequest(slug, party, reason, decision)
        proposal = propose_departure(db, acting(db, email), request, now=now())
    answer_proposal(proposal, as_json)
