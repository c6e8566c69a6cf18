"""``projet-partage consultation``: a city records a strand of its consultation."""

from datetime import date
from typing import Annotated

import typer

from actions.stages.record_strand import HeldStrand, record_strand
from commands.completion import strand_keys
from commands.lazy_group import group
from commands.open_database import act
from commands.options import As, AsJson, PartyCode, Slug, day_option
from commands.printing import answer, day
from models.answer_shapes import StrandRecorded
from models.consultation_strand import MOST_PARTICIPANTS

app = group("Les volets de la concertation de chaque ville.")


@app.command()
def record(
    slug: Slug,
    party: PartyCode,
    strand: Annotated[
        str, typer.Option(metavar="VOLET", help="La clé du volet.", autocompletion=strand_keys)
    ],
    on: Annotated[date, day_option("Le jour où il s’est tenu.")],
    participants: Annotated[
        int, typer.Option(metavar="NOMBRE", help="Combien de personnes sont venues.", max=MOST_PARTICIPANTS)
    ],
    email: As,
    summary: Annotated[str | None, typer.Option(metavar="TEXTE", help="Ce qu’on en retient.")] = None,
    as_json: AsJson = False,
) -> None:
    """Enregistre un volet tenu ; une seconde fois, corrige ce qui en était dit."""
    row = act(record_strand, email, HeldStrand(slug, party, strand, on, participants, summary))
    recorded = StrandRecorded(
        slug=slug, party=party, strand=row.key, held_on=row.held_on, participants=participants
    )
    answer(f"« {row.title} » : tenu le {day(on)} pour {party}, {participants} personnes.", recorded, as_json)
