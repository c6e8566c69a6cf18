"""Create the projects of the ANCT's public list that are not there yet."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.projects.create_project import add_party, add_project
from database.engine import Database
from models.anct_list import AnctLine, Remark, read_anct_list
from models.anct_projects import ListedProject, in_order, listed_projects
from models.audit_entry import Journal
from models.lifecycle import Lifecycle, load_lifecycle
from models.party import Party, PartyRole, WrongNumberOfSignatories
from models.person import SYSTEM
from models.shared_project import ProjectStatus, SharedProject
from models.stage import Stage, StageStatus
from queries.ledger.find import lifecycle_of, signatory_parties
from queries.projects.titles import free_slug, projects_titled


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do: slugs, and the remarks on each line, in the list's order.

    ``completed`` are those of ``already_there`` that were given a city they lacked.
    """

    projects: list[str] = field(default_factory=list)
    already_there: list[str] = field(default_factory=list)
    completed: list[str] = field(default_factory=list)
    corrections: list[Remark] = field(default_factory=list)
    refusals: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """The list, the name that messages give it, and whether it is only tried (``dry_run``: nothing is written)."""

    content: bytes
    file_name: str
    dry_run: bool = False


def import_anct(db: Database, request: ImportRequest, *, now: datetime) -> ImportReport:
    """Create the projects of the list, each with its parties as signatories, nobody named yet; each whole or not at
    all.

    A project that a refused line may belong to is held back: once the line is corrected, the same list imported again
    creates it. Commits each project by itself: when one fails, those before stay, and a second import goes on from
    there. A project already there (same theme, same year of start) is left as it is, but for a city that an import left
    out before anybody took charge of it. A trial reports the same. A period in the past is imported as it is: the ANCT
    decides what follows. Raises ``InvalidFile`` when the list cannot be read as a whole.
    """
    lifecycle = load_lifecycle()
    listed = read_anct_list(request.content, file=request.file_name)
    grouped = listed_projects(listed, lifecycle)
    report = ImportReport(
        corrections=grouped.corrections, refusals=grouped.refusals, remarks=list(listed.remarks)
    )
    for project in grouped.projects:
        with db.read() if request.dry_run else db.write() as session:
            if not request.dry_run:
                _lock_register(session)
            existing = _already_there(session, project)
            if existing is not None:
                _compare(session, existing, project, report, now, dry_run=request.dry_run)
            elif project.held_back:
                report.refusals.append(project.held_back)
            else:
                slug = free_slug(session, project.slug, promised=report.projects)
                if not request.dry_run:
                    _create(session, lifecycle, project, slug, now)
                report.projects.append(slug)
    report.corrections, report.refusals, report.remarks = (
        list(in_order(remarks)) for remarks in (report.corrections, report.refusals, report.remarks)
    )
    return report


def _lock_register(session: Session) -> None:
    """Have two imports at once wait for each other before they look at what is there."""
    register = sa.select(col(Journal.id)).where(col(Journal.project_id).is_(None)).with_for_update()
    session.connection().execute(register)


def _already_there(session: Session, listed: ListedProject) -> SharedProject | None:
    """The project of this theme, however it is written, that starts in the same year; the oldest of several."""
    years = ((each.period_from.year, each) for each in projects_titled(session, listed.theme))
    return next((each for year, each in years if year == listed.period[0].year), None)


def _compare(
    session: Session, existing: SharedProject, listed: ListedProject, report: ImportReport, now: datetime,
    *, dry_run: bool,
) -> None:  # fmt: skip
    """Add to the existing project the cities it lacks, or say why not; parties that left it count as there."""
    report.already_there.append(existing.slug)
    codes = set(session.exec(select(Party.code).where(Party.project_id == existing.id)))
    lacking = [line for line in listed.lines if line.code not in codes]
    if lacking and (reason := _not_completed(session, existing, listed, len(lacking))):
        report.refusals += [Remark(line.line, _lacks(existing, line, reason)) for line in lacking]
    elif lacking:
        report.completed.append(existing.slug)
        for line in lacking:
            if not dry_run:
                add_party(session, existing, line.code, PartyRole.signatory, SYSTEM, now)
            sentence = f"{line.name} ({line.code}) manquait au projet « {existing.slug} », et s’y ajoute"
            report.corrections.append(Remark(line.line, sentence))
    if (existing.period_from, existing.period_until) != listed.period:
        there = f"du {existing.period_from:%d/%m/%Y} au {existing.period_until:%d/%m/%Y}"
        sentence = f"le projet « {existing.slug} » existe déjà, {there} : la période de la liste est ignorée"
        report.remarks.append(Remark(listed.first_line, sentence))


def _not_completed(
    session: Session, existing: SharedProject, listed: ListedProject, lacking: int
) -> str | None:
    """Why the import cannot add what a project lacks: it does what it did not finish, and nothing else."""
    begun = select(Stage.id).where(Stage.project_id == existing.id, Stage.status != StageStatus.planned)
    count, roster = len(signatory_parties(session, existing)) + lacking, lifecycle_of(existing).roster
    if existing.agency_agent_id is not None or existing.status is not ProjectStatus.active:
        return "un agent le suit, ou il n’est plus en cours"
    if session.exec(begun).first() is not None:
        return "il a commencé"
    if count > roster.max:
        return str(WrongNumberOfSignatories(count, roster.min, roster.max)).rstrip(".")
    return "la liste n’est pas lue en entier" if listed.held_back else None


def _lacks(existing: SharedProject, line: AnctLine, reason: str) -> str:
    return (
        f"le projet « {existing.slug} » existe déjà sans {line.name} ({line.code}), et l’import ne l’y ajoute pas "
        f"({reason}) : l’ANCT l’y fait entrer, sur la page de ses participants ou par « projet-partage party join »"
    )


def _create(session: Session, lifecycle: Lifecycle, listed: ListedProject, slug: str, now: datetime) -> None:
    project = SharedProject(
        slug=slug,
        title=listed.theme,
        theme=listed.theme,
        period_from=listed.period[0],
        period_until=listed.period[1],
        lifecycle_key=lifecycle.key,
        lifecycle_version=lifecycle.version,
        created_at=now,
    )
    add_project(session, project, {}, SYSTEM)
    for line in listed.lines:
        add_party(session, project, line.code, PartyRole.signatory, SYSTEM, now)
