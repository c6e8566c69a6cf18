"""``projet-partage audit``: verify the journal of facts, and read it."""

import typer

from commands.audit_view import print_entries
from commands.lazy_group import group
from commands.open_database import open_database
from commands.options import AsJson, Slug
from commands.printing import print_json, say
from queries.ledger.find import find_project
from queries.ledger.verify_journal import Verification, read_journal, show_entries, verify_journal

app = group("Le journal des faits : le vérifier, le lire.")


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
def log(slug: Slug, as_json: AsJson = False) -> None:
    """Donne le journal d’un projet, du plus ancien fait au plus récent."""
    with open_database() as db, db.read() as session:
        entries = read_journal(session, find_project(session, slug))
        shown = show_entries(session, entries)
    if as_json:
        print_json(shown)
    else:
        print_entries(shown)
