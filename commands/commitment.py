"""``projet-partage commitment``: read the commitments, keep them, waive them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from actions.commitments.settle_commitment import Evidence, Waiver, keep_commitment, waive_commitment
from actions.files.store_file import ReceivedFile
from commands.completion import commitment_ids
from commands.lazy_group import group
from commands.open_database import act, acting, file_store, now, open_database
from commands.options import As, AsJson, Reason, Slug, number_argument
from commands.printing import answer, day, print_list
from queries.commitments.commitments import list_commitments
from queries.ledger.find import find_project

app = group("Les engagements : les lire, les tenir, les lever.")

DOCUMENT = re.compile(
    r"\S+\.(pdf|od[tsp]|docx?|xlsx?|pptx?|csv|png|jpe?g|zip|txt|md|ya?ml|html?)", re.IGNORECASE
)
Number = Annotated[int, number_argument("Le numéro de l’engagement.", autocompletion=commitment_ids)]


@app.command("list")
def list_(slug: Slug, as_json: AsJson = False) -> None:
    """Donne les engagements d’un projet, avec leur échéance et leur état."""
    with open_database() as db, db.read() as session:
        commitments = list_commitments(session, find_project(session, slug))
    rows = [
        (str(each.id), each.owner, each.text, day(each.due_on), each.status.label) for each in commitments
    ]
    empty = "Aucun engagement : ils naissent avec la signature de la charte."
    print_list(commitments, as_json, ("N°", "Qui", "Engagement", "Échéance", "État"), rows, empty)


@app.command()
def keep(
    number: Number,
    email: As,
    evidence: Annotated[
        str,
        typer.Option(
            metavar="TEXTE|FICHIER", help="Comment il a été tenu : une note, un lien ou un fichier."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Enregistre qu’un engagement est tenu, et comment."""
    with open_database() as db:
        actor = acting(db, email)
        with _evidence(evidence) as (text, file):
            kept = keep_commitment(db, actor, Evidence(number, text, file), now=now())
    hash_ = kept.evidence_sha256
    data = {"id": kept.id, "status": kept.status, "evidence": text, "evidence_sha256": hash_}
    answer(f"L’engagement n° {kept.id} est tenu : {text}", data, as_json)


@contextmanager
def _evidence(evidence: str) -> Iterator[tuple[str, ReceivedFile | None]]:
    """The note or the link itself, or the name of a document and the document received.

    What is written like the name of a document is one: missing, it is refused rather than taken for a note.
    """
    if "://" in evidence or not (DOCUMENT.fullmatch(evidence) or _is_file(evidence)):
        yield evidence, None
        return
    with file_store().receive_path(Path(evidence)) as file:
        yield file.name, file


def _is_file(evidence: str) -> bool:
    try:
        return Path(evidence).is_file()
    except OSError:  # a note too long to be a name
        return False


@app.command()
def waive(number: Number, email: As, reason: Reason, as_json: AsJson = False) -> None:
    """L’ANCT lève un engagement, avec un motif."""
    waived = act(waive_commitment, email, Waiver(number, reason))
    data = {"id": waived.id, "status": waived.status}
    answer(f"L’engagement n° {waived.id} est levé : {reason}", data, as_json)
