"""``projet-partage stage``: the ANCT opens a stage, or moves its deadline."""

from datetime import date
from typing import Annotated

import typer

from actions.stages.extend_deadline import DeadlineExtension, extend_deadline
from actions.stages.request_transition import TransitionRequest, request_transition
from commands.completion import party_codes
from commands.lazy_group import group
from commands.open_database import acting, now, open_database
from commands.options import As, AsJson, Reason, Slug, StageKey, read_date
from commands.printing import answer, day
from models.answer_shapes import DeadlineMoved
from models.stage import StageStatus

app = group("Ouvrir une étape, reporter son échéance.")


@app.command("open")
def open_(slug: Slug, stage: StageKey, email: As, as_json: AsJson = False) -> None:
    """L’ANCT ouvre une étape ; son déroulement commence un instant après."""
    with open_database() as db:
        opened = request_transition(db, acting(db, email), TransitionRequest(slug, stage), now=now())
    data = {"slug": slug, "stage": opened.key, "status": opened.status}
    if opened.status is StageStatus.opening:
        answer(f"Étape « {opened.key} » : ouverture en cours.", data, as_json)
    else:
        answer(
            f"Étape « {opened.key} » : {opened.status.label}, elle avait déjà été demandée.", data, as_json
        )


@app.command()
def extend(
    slug: Slug,
    stage: StageKey,
    until: Annotated[
        date, typer.Option(parser=read_date, metavar="AAAA-MM-JJ", help="La nouvelle échéance.")
    ],
    reason: Reason,
    email: As,
    party: Annotated[
        str | None,
        typer.Option(
            metavar="CODE",
            help="La collectivité à qui donner ce délai ; sans elle, c’est à toutes.",
            autocompletion=party_codes,
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """L’ANCT reporte l’échéance d’une étape, pour toutes ou pour une seule, avec un motif."""
    with open_database() as db:
        extension = DeadlineExtension(slug, stage, until, reason, party)
        moved = extend_deadline(db, acting(db, email), extension, now=now())
    deadline = DeadlineMoved(slug=slug, stage=moved.key, party=party, due_on=until)
    whose = f" pour {party}" if party else ""
    answer(f"Étape « {moved.key} » : échéance reportée au {day(until)}{whose}.", deadline, as_json)
