"""``projet-partage project``: create, import, read and steer the shared projects."""

from pathlib import Path
from typing import Annotated

import typer

from commands.lazy_group import group
from commands.open_database import act, acting, now, open_database
from commands.options import As, AsJson, Reason, Slug
from commands.printing import answer, day, print_json, print_list

app = group("Créer, importer, lire et conduire les projets.")


@app.command()
def create(
    file: Annotated[Path, typer.Argument(metavar="FICHIER.yaml", help="Le projet, en YAML.")],
    as_json: AsJson = False,
) -> None:
    """Crée un projet, entier ou pas du tout, et en donne l’identifiant."""
    from actions.projects.create_project import ProjectRequest, create_project
    from models.answer_shapes import ProjectCreated
    from models.people_file import located_in
    from models.project_file import ProjectFile
    from models.yaml_file import read_text, read_yaml_text

    text = read_text(file)
    request = ProjectRequest(read_yaml_text(text, ProjectFile, file=file.name))
    with open_database() as db, located_in(text, file=file.name):
        project = create_project(db, None, request, now=now())
    # The identifier alone: a script takes it as it is.
    answer(project.slug, ProjectCreated.model_validate(project), as_json)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """Donne les projets et l’étape où chacun se trouve."""
    from queries.projects.show_project import list_projects

    with open_database() as db:
        projects = list_projects(db)
    rows = []
    for each in projects:
        stage = "–"
        if each.current_stage_status:
            stage = f"{each.current_stage_title} ({each.current_stage_status.label})"
        rows.append(
            (
                each.slug,
                each.title + (f" – {each.trouble}" if each.trouble else ""),
                each.status.label,
                stage,
                day(each.due_on),
            )
        )
    columns = ("Projet", "Titre", "État", "Étape", "Échéance")
    empty = "Aucun projet : créez-en un avec « projet-partage project create FICHIER.yaml »."
    print_list(projects, as_json, columns, rows, empty)


@app.command()
def show(slug: Slug, as_json: AsJson = False) -> None:
    """Montre un projet : ses étapes, qui a validé quoi, et ce qui manque."""
    from commands.project_view import print_project
    from queries.projects.show_project import show_project

    with open_database() as db:
        project = show_project(db, slug, now())
    if as_json:
        print_json(project)
    else:
        print_project(project)


@app.command("import-anct")
def import_anct(
    file: Annotated[Path, typer.Argument(metavar="FICHIER.csv", help="La liste publique de l’ANCT.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Dit ce qui serait fait, sans rien écrire.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Importe la liste publique de l’ANCT : une ligne pour chaque correction ou refus.

    Un projet est importé en entier ou pas du tout. Dès que quelque chose est refusé, le code de sortie est 1 :
    corrigez la liste et importez-la de nouveau.
    """
    from actions.projects.import_anct import ImportRequest, import_anct
    from commands.anct_view import IncompleteImport, import_values, print_import
    from commands.input_file import read_file

    request = ImportRequest(read_file(file), file.name, dry_run)
    with open_database() as db:
        report = import_anct(db, request, now=now())
    if as_json:
        print_json(import_values(report, dry_run=dry_run))
    else:
        print_import(report, dry_run=dry_run)
    if report.refusals:
        raise IncompleteImport(report, dry_run=dry_run)


@app.command("take-charge")
def take_charge(slug: Slug, email: As, as_json: AsJson = False) -> None:
    """Met un projet au nom de l’agent de l’ANCT qui le suit (un projet importé n’en a pas)."""
    from actions.projects.take_charge import take_charge

    with open_database() as db:
        actor = acting(db, email)
        project = take_charge(db, actor, slug, now=now())
    answer(
        f"{actor.name} suit le projet « {project.title} ».", {"slug": slug, "agency_agent": email}, as_json
    )


@app.command()
def pause(slug: Slug, email: As, reason: Reason, as_json: AsJson = False) -> None:
    """Met un projet en pause : rien n’est rappelé tant qu’elle dure."""
    _change("pause", slug, email, reason, as_json)


@app.command()
def resume(slug: Slug, email: As, reason: Reason, as_json: AsJson = False) -> None:
    """Reprend un projet en pause."""
    _change("resume", slug, email, reason, as_json)


@app.command()
def cancel(slug: Slug, email: As, reason: Reason, as_json: AsJson = False) -> None:
    """Annule un projet, pour de bon."""
    _change("cancel", slug, email, reason, as_json)


def _change(event: str, slug: str, email: str, reason: str, as_json: bool) -> None:
    from actions.projects.change_project_status import StatusChange, change_project_status
    from models.answer_shapes import ProjectStatusChanged

    project = act(change_project_status, email, StatusChange(slug, event, reason))
    changed = ProjectStatusChanged.model_validate(project)
    answer(f"Le projet « {project.title} » est {project.status.label} : {reason}", changed, as_json)
