"""``projet-partage stage``: the ANCT opens a stage, or moves its deadline."""

from datetime import date
from typing import Annotated

from actions.stages.extend_deadline import DeadlineExtension, extend_deadline
from actions.stages.request_transition import TransitionRequest, request_transition
from commands.lazy_group import group
from commands.open_database import act
from commands.options import As, AsJson, Reason, Slug, StageKey, day_option, party_option
from commands.printing import answer, day
from models.answer_shapes import DeadlineMoved
from models.stage import StageStatus

app = group("Ouvrir une étape, reporter son échéance.")


@app.command("open")
def open_(slug: Slug, stage: StageKey, email: As, as_json: AsJson = False) -> None:
    """L’ANCT ouvre une étape ; son déroulement commence un instant après."""
    opened = act(request_transition, email, TransitionRequest(slug, stage))
    data = {"slug": slug, "stage": opened.key, "status": opened.status}
    state = "ouverture en cours"
    if opened.status is not StageStatus.opening:
        state = f"{opened.status.label}, elle avait déjà été demandée"
    answer(f"Étape « {opened.key} » : {state}.", data, as_json)


@app.command()
def extend(
    slug: Slug,
    stage: StageKey,
    until: Annotated[date, day_option("La nouvelle échéance.")],
    reason: Reason,
    email: As,
    party: Annotated[
        str | None, party_option("La collectivité à qui donner ce délai ; sans elle, c’est à toutes.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """L’ANCT reporte l’échéance d’une étape, pour toutes ou pour une seule, avec un motif."""
    moved = act(extend_deadline, email, DeadlineExtension(slug, stage, until, reason, party))
    deadline = DeadlineMoved(slug=slug, stage=moved.key, party=party, due_on=until)
    whose = f" pour {party}" if party else ""
    answer(f"Étape « {moved.key} » : échéance reportée au {day(until)}{whose}.", deadline, as_json)
