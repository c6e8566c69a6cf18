"""``projet-partage audit``: verify the journal of facts, and read it."""

from typing import Annotated

import typer

from commands.audit_view import print_entries
from commands.completion import audited
from commands.lazy_group import group
from commands.open_database import open_database
from commands.options import AsJson
from commands.printing import print_json, say
from queries.ledger.find import find_project
from queries.ledger.verify_journal import Verification, read_journal, show_entries, verify_journal
from queries.people.register_page import register_lines

app = group("Le journal des faits : le vérifier, le lire.")

REGISTER_WORD = "register"
"""The register, where a project's slug is asked for: no project may have it (``create_project.TAKEN``)."""
ProjectOrRegister = Annotated[
    str,
    typer.Argument(
        metavar="PROJET", help="L’identifiant du projet, ou « register ».", autocompletion=audited
    ),
]


@app.command()
def verify(as_json: AsJson = False) -> None:
    """Relit tout le journal ; sort avec 1 si une ligne a été modifiée, retirée, ajoutée ou déplacée."""
    with open_database() as db:
        verification = verify_journal(db)
    if as_json:
        print_json(_values(verification))
    else:
        _tell(verification)
    if verification.tamperings:
        raise typer.Exit(1)


def _values(verification: Verification) -> dict[str, object]:
    lines = [
        {"journal": each.journal, "seq": each.seq, "text": each.text} for each in verification.tamperings
    ]
    return {"entries": verification.entries, "heads": verification.heads, "tamperings": lines}


def _tell(verification: Verification) -> None:
    for each in verification.tamperings:
        say(f"{each.journal}, {each.text}", style="red")
    if verification.tamperings:
        say(
            f"Journal altéré : {len(verification.tamperings)} anomalie(s) sur {verification.entries} faits.",
            style="red bold",
        )
        return
    say(f"Journal intact : {verification.entries} faits, {len(verification.heads)} journaux.", style="green")
    for journal, head in sorted(verification.heads.items()):
        say(f"- {journal} : {head or 'vide'}")


@app.command()
def log(slug: ProjectOrRegister, as_json: AsJson = False) -> None:
    """Donne le journal d’un projet, ou le registre (« register »), du plus ancien fait au plus récent.

    Le registre est ce qui ne tient à aucun projet : fonctions, délégations, personnes, jetons.
    """
    with open_database() as db, db.read() as session:
        of_register = slug == REGISTER_WORD
        entries = read_journal(session, None if of_register else find_project(session, slug))
        shown = show_entries(session, entries)
        sentences = [line.sentence for line in register_lines(session, entries)] if of_register else None
    if as_json:
        print_json(shown)
    else:
        print_entries(shown, sentences)
