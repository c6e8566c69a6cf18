"""What an import of the ANCT's list says: the projects, then one line for each correction, refusal or remark."""

from typing import Any

from actions.projects.import_anct import ImportReport
from commands.printing import say
from models.refusal import Refusal


class IncompleteImport(Refusal):
    """Something of the list is refused, and with it the projects it may belong to."""

    def __init__(self, report: ImportReport, *, dry_run: bool) -> None:
        lines = "1 refus" if len(report.refusals) == 1 else f"{len(report.refusals)} refus"
        done = "rien ne serait créé" if dry_run else "rien n’est créé"
        super().__init__(
            f"La liste n’est pas importée en entier, {lines} : {done} de ce qui est refusé. Corrigez-la et "
            "importez-la de nouveau : les projets qui sont déjà là ne seront pas refaits."
        )


def import_values(report: ImportReport, *, dry_run: bool) -> dict[str, Any]:
    """The report as plain values."""
    remarks = {"mends": report.corrections, "refusals": report.refusals, "remarks": report.remarks}
    return {
        "dry_run": dry_run,
        "projects": report.projects,
        "already_there": report.already_there,
        "completed": report.completed,
        **{name: [{"line": one.line, "text": one.text} for one in many] for name, many in remarks.items()},
    }


def print_import(report: ImportReport, *, dry_run: bool) -> None:
    """The report for people."""
    done = "serait créé" if dry_run else "créé"
    for slug in report.projects:
        say(f"{done} : {slug}", style="green")
    completed = "serait complété" if dry_run else "complété"
    for slug in report.already_there:
        say(f"{completed if slug in report.completed else 'déjà là'} : {slug}")
    for label, style, remarks in (
        ("corrigé", "yellow", report.corrections),
        ("refusé", "red", report.refusals),
        ("à savoir", "", report.remarks),
    ):
        for remark in remarks:
            say(f"{label}, {remark}", style=style)
    counts = (len(report.projects), len(report.already_there), len(report.corrections), len(report.refusals))
    say("{} à créer ou créés, {} déjà là, {} corrections, {} refus.".format(*counts))
