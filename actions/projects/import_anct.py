"""Create the projects of the ANCT's public list that are not there yet."""

from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from actions.projects.create_project import add_party, add_project, check_signatories
from database.engine import Database
from models.anct_list import AnctLine, Remark, read_anct_list
from models.audit_entry import Journal
from models.folded import folded
from models.lifecycle import Lifecycle, load_lifecycle
from models.party import Party, PartyRole, WrongNumberOfSignatories
from models.person import SYSTEM
from models.project_title import slug_of
from models.shared_project import SharedProject
from queries.projects.titles import free_slug, projects_titled


@dataclass(slots=True)
class ImportReport:
    """What an import did, or would do: slugs, and the remarks on each line, in the list's order."""

    projects: list[str] = field(default_factory=list)
    already_there: list[str] = field(default_factory=list)
    corrections: list[Remark] = field(default_factory=list)
    refusals: list[Remark] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


@dataclass(slots=True)
class ListedProject:
    """The lines that share a theme and a period."""

    theme: str
    period: tuple[date, date]
    lines: list[AnctLine] = field(default_factory=list)

    @property
    def identity(self) -> tuple[str, int]:
        """What makes the project the same from one import to the next: its theme and the year it starts."""
        return folded(self.theme), self.period[0].year

    @property
    def slug(self) -> str:
        """Its slug, unless another project has it."""
        return slug_of(self.theme, ending=str(self.period[0].year))

    @property
    def first_line(self) -> int:
        return self.lines[0].line

    @property
    def label(self) -> str:
        numbers = ", ".join(str(line.line) for line in self.lines)
        return f"projet « {self.theme} » (ligne{'s' if len(self.lines) > 1 else ''} {numbers})"


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """The list, the name that messages give it, and whether it is only tried (``dry_run``: nothing is written)."""

    content: bytes
    file_name: str
    dry_run: bool = False


def import_anct(db: Database, request: ImportRequest, *, now: datetime) -> ImportReport:
    """Create the projects of the list, each with its parties as signatories, nobody named yet.

    Commits each project by itself: when one fails, those before stay and a second import goes on from there.
    A project already there (same theme, however it is written, same year of start) is left as it is; what it lacks is
    refused. A trial reports the same. A period in the past is imported as it is: the ANCT decides what follows. Raises
    ``InvalidFile`` when no line can be read.
    """
    lifecycle = load_lifecycle()
    listed = read_anct_list(request.content, file=request.file_name)
    report = ImportReport(corrections=listed.corrections, refusals=listed.refusals, remarks=listed.remarks)
    for project in _acceptable(lifecycle, _grouped(listed.lines, report), report):
        with db.read() if request.dry_run else db.write() as session:
            if not request.dry_run:
                _lock_register(session)
            existing = _already_there(session, project)
            if existing is not None:
                _compare(session, existing, project, report)
                continue
            slug = free_slug(session, project.slug, promised=report.projects)
            if not request.dry_run:
                _create(session, lifecycle, project, slug, now)
        report.projects.append(slug)
    for remarks in (report.corrections, report.refusals, report.remarks):
        remarks.sort(key=lambda remark: remark.line)
    return report


def _grouped(lines: list[AnctLine], report: ImportReport) -> list[ListedProject]:
    """The projects of the list; a theme written otherwise than the first time is corrected, a double refused."""
    projects: dict[tuple[str, date, date], ListedProject] = {}
    for line in lines:
        period = (line.period_from, line.period_until)
        project = projects.setdefault((folded(line.theme), *period), ListedProject(line.theme, period))
        twin = next((each for each in project.lines if each.code == line.code), None)
        if twin is not None:
            sentence = (
                f"{line.name} ({line.code}) est déjà dans ce projet, ligne {twin.line} : retirez cette ligne"
            )
            report.refusals.append(Remark(line.line, sentence))
            continue
        if line.theme != project.theme:
            sentence = f"thème « {line.theme} » lu « {project.theme} », comme ligne {project.first_line}"
            report.corrections.append(Remark(line.line, sentence))
        project.lines.append(line)
    return list(projects.values())


def _acceptable(
    lifecycle: Lifecycle, projects: list[ListedProject], report: ImportReport
) -> list[ListedProject]:
    """Those with three to five signatories (lifecycle data) and an identity of their own; the others are refused."""
    kept: dict[tuple[str, int], ListedProject] = {}
    for project in projects:
        try:
            check_signatories(lifecycle, [PartyRole.signatory] * len(project.lines))
        except WrongNumberOfSignatories as refusal:
            report.refusals.append(Remark(project.first_line, f"{project.label} refusé. {refusal}"))
            continue
        other = kept.setdefault(project.identity, project)
        if other is not project:
            sentence = f"{project.label} refusé : il s’appellerait « {project.slug} » comme le {other.label}"
            advice = "accordez les périodes si c’est le même, sinon changez le thème"
            report.refusals.append(Remark(project.first_line, f"{sentence} ; {advice}"))
    return list(kept.values())


def _lock_register(session: Session) -> None:
    """Have two imports at once wait for each other before they look at what is there."""
    register = sa.select(col(Journal.id)).where(col(Journal.project_id).is_(None)).with_for_update()
    session.connection().execute(register)


def _already_there(session: Session, listed: ListedProject) -> SharedProject | None:
    """The project of this theme, however it is written, that starts in the same year; the oldest of several."""
    years = ((each.period_from.year, each) for each in projects_titled(session, listed.theme))
    return next((each for year, each in years if year == listed.period[0].year), None)


def _compare(session: Session, existing: SharedProject, listed: ListedProject, report: ImportReport) -> None:
    """Report what the list has that the existing project has not; parties that left it count as there."""
    report.already_there.append(existing.slug)
    codes = set(session.exec(select(Party.code).where(Party.project_id == existing.id)))
    for line in listed.lines:
        if line.code not in codes:
            sentence = f"le projet « {existing.slug} » existe déjà sans {line.name} ({line.code})"
            advice = "l’import n’ajoute personne à un projet créé, voyez-le avec l’ANCT"
            report.refusals.append(Remark(line.line, f"{sentence} : {advice}"))
    if (existing.period_from, existing.period_until) != listed.period:
        there = f"du {existing.period_from:%d/%m/%Y} au {existing.period_until:%d/%m/%Y}"
        sentence = f"le projet « {existing.slug} » existe déjà, {there} : la période de la liste est ignorée"
        report.remarks.append(Remark(listed.first_line, sentence))


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
