"""A project as a person reads it: its stages, who has signed what, and what is still missing."""

from rich.text import Text

from commands.printing import day, print_table, say
from models.act_kind import ActKind
from models.commitment import CommitmentStatus
from models.project_shapes import DeliverableShown, ProjectShown, StageShown
from models.sign_off import Decision
from models.stage import StageStatus

COLOURS = {
    Decision.approved: "green",
    Decision.approved_with_reservations: "yellow",
    Decision.refused: "red",
}


def print_project(project: ProjectShown) -> None:
    """Print what ``show_project`` gives."""
    reason = f" ({project.status_reason})" if project.status_reason else ""
    say(f"{project.title} – {project.status.label}{reason}", style="bold")
    period = project.period
    say(f"{project.slug}, du {day(period.from_)} au {day(period.until)}")
    names = {party.code: party.name for party in project.parties}
    _print_parties(project)
    _print_stages(project)
    for stage in project.stages:
        if stage.deliverables and stage.status != StageStatus.closed:
            _print_matrix(stage, names)
        _print_missing(stage)
    _print_commitments(project)


def _print_parties(project: ProjectShown) -> None:
    say("")
    rows = [
        (each.code, each.name, each.role.label + (" (partie)" if each.left_at else ""))
        for each in project.parties
    ]
    print_table(("Code", "Collectivité", "Rôle"), rows, empty="Aucune collectivité.")


def _print_stages(project: ProjectShown) -> None:
    say("")
    rows = [
        (
            Text(f"{each.title}", style="bold" if each.key == project.current_stage else ""),
            each.key,
            each.status.label,
            day(each.due_on),
            str(len(each.missing)) if each.missing else "–",
        )
        for each in project.stages
    ]
    print_table(("Étape", "Clé", "État", "Échéance", "Manque"), rows, empty="Aucune étape.")


def _print_matrix(stage: StageShown, names: dict[str, str]) -> None:
    say("")
    say(f"Validations de l’étape « {stage.title} »", style="bold")
    titles = {each.key: each.title for each in stage.deliverables}
    rows: list[list[str | Text]] = []
    for code in stage.roster:
        own = {each.key: each for each in stage.deliverables if each.party in (None, code)}
        rows.append([names[code], *(_cell(own.get(key), code) for key in titles)])
    print_table(("Collectivité", *titles.values()), rows, empty="Aucun signataire.")


def _cell(deliverable: DeliverableShown | None, party: str) -> Text:
    if deliverable is None:
        return Text("–")
    if not deliverable.version:
        return Text("à déposer", style="dim")
    version = f"v{deliverable.version} : "
    if not deliverable.is_signed:
        return Text(version + "déposé")
    live = (each for each in deliverable.sign_offs if each.is_live)
    sign_off = next((each for each in live if each.party == party), None)
    if sign_off is None:
        return Text(version + "attendu", style="cyan")
    decision = sign_off.decision
    act = "" if sign_off.act_kind == ActKind.technical_validation else f", {sign_off.act_kind.label}"
    on_paper = " (sur papier)" if sign_off.recorded_by else ""
    on = sign_off.acted_on or sign_off.at
    return Text(f"{version}{decision.label} le {day(on)}{act}{on_paper}", style=COLOURS[decision])


def _print_missing(stage: StageShown) -> None:
    if stage.missing:
        say("")
        say(f"Ce qui manque à l’étape « {stage.title} »", style="bold")
        for each in stage.missing:
            say(f"- {each.text}")


def _print_commitments(project: ProjectShown) -> None:
    if not project.commitments:
        return
    counts = {
        status: sum(each.status == status for each in project.commitments) for status in CommitmentStatus
    }
    summary = ", ".join(f"{count} {status.label}" for status, count in counts.items() if count)
    say("")
    say(f"Engagements : {summary} (« projet-partage commitment list {project.slug} »).")
