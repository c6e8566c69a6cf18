"""The projects of the ANCT's list: its lines, grouped by theme and period; each whole, or held back.

A line that is refused holds back every project it may belong to: one city left out would make another project.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from models.anct_list import AnctLine, AnctList, Period, RefusedLine, Remark
from models.folded import folded
from models.lifecycle import Lifecycle
from models.party import WrongNumberOfSignatories
from models.project_title import slug_of

_ALIKE = 0.85
"""Themes that are this much the same may be one, mistyped."""


@dataclass(slots=True)
class ListedProject:
    """The lines that share a theme and a period; ``held_back`` says why it cannot be imported, if so."""

    theme: str
    period: Period
    lines: list[AnctLine] = field(default_factory=list)
    held_back: Remark | None = None

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
        return f"projet « {self.theme} » ({_numbers([line.line for line in self.lines])})"


@dataclass(slots=True)
class ListedProjects:
    """The projects of a list, in its order, and what is to be said of its lines."""

    projects: list[ListedProject]
    corrections: list[Remark]
    refused: list[RefusedLine]

    @property
    def refusals(self) -> list[Remark]:
        """What is said of the lines that are refused."""
        return [each.remark for each in self.refused]


def listed_projects(listed: AnctList, lifecycle: Lifecycle) -> ListedProjects:
    """Group the lines. A project without three to five signatories (lifecycle data), with the slug of another, or that
    may be missing a line that is refused, is held back."""
    grouped = ListedProjects([], list(listed.corrections), list(listed.refused))
    grouped.projects = _grouped(listed.lines, grouped)
    _hold_wrong_numbers(grouped, lifecycle)
    _hold_same_projects(grouped)
    lacking: dict[str, list[RefusedLine]] = {}
    for line in grouped.refused:
        for project in _possible_projects(line, grouped.projects):
            lacking.setdefault(project.label, []).append(line)
    for project in grouped.projects:
        if project.label in lacking and project.held_back is None:
            project.held_back = _lacks(project, lacking[project.label])
    return grouped


def _grouped(lines: list[AnctLine], said: ListedProjects) -> list[ListedProject]:
    """The projects; a theme written otherwise than the first time is corrected, a line that stands twice left out."""
    projects: dict[tuple[str, Period], ListedProject] = {}
    for line in lines:
        period = (line.period_from, line.period_until)
        project = projects.setdefault((folded(line.theme), period), ListedProject(line.theme, period))
        if twin := next((each for each in project.lines if each.code == line.code), None):
            _say_double(line, twin, said)
            continue
        if line.theme != project.theme:
            sentence = f"thème « {line.theme} » lu « {project.theme} », comme ligne {project.first_line}"
            said.corrections.append(Remark(line.line, sentence))
        project.lines.append(line)
    return list(projects.values())


def _say_double(line: AnctLine, twin: AnctLine, said: ListedProjects) -> None:
    """The same city, by its code and its name: left out. By its code alone, another city may be meant."""
    sentence = f"{line.name} ({line.code}) est déjà dans ce projet, ligne {twin.line}"
    if line.is_named:
        said.corrections.append(Remark(line.line, f"{sentence} : cette ligne est laissée de côté"))
        return
    remark = Remark(
        line.line, f"{sentence}, et aucun nom n’est écrit : corrigez le code, ou retirez cette ligne"
    )
    said.refused.append(RefusedLine(remark, line.theme, (line.period_from, line.period_until)))


def _hold_wrong_numbers(grouped: ListedProjects, lifecycle: Lifecycle) -> None:
    roster = lifecycle.roster
    for project in grouped.projects:
        count = len(project.lines)
        if roster.min <= count <= roster.max:
            continue
        wrong = WrongNumberOfSignatories(count, roster.min, roster.max)
        project.held_back = Remark(project.first_line, f"{project.label} refusé. {wrong}")
        grouped.refused += [RefusedLine(project.held_back, project.theme, project.period)]


def _hold_same_projects(grouped: ListedProjects) -> None:
    seen: dict[tuple[str, int], ListedProject] = {}
    for project in grouped.projects:
        other = seen.setdefault(project.identity, project)
        if other is project:
            continue
        advice = "accordez les périodes si c’est le même, sinon changez le thème"
        for one, two in ((other, project), (project, other)):
            sentence = f"{one.label} refusé : il s’appellerait « {one.slug} » comme le {two.label} ; {advice}"
            one.held_back = one.held_back or Remark(one.first_line, sentence)


def _possible_projects(line: RefusedLine, projects: list[ListedProject]) -> list[ListedProject]:
    """Those that the line may be one of. When nothing tells whose it is, it may be anybody's."""
    theme = folded(line.theme or "")
    free = [each for each in projects if each.held_back is None]
    alike = [each for each in free if theme and _is_alike(theme, folded(each.theme))]
    if alike:
        return [
            each for each in alike if folded(each.theme) == theme or _may_overlap(line.period, each.period)
        ]
    text = f" {folded(line.text)} "
    if named := [each for each in projects if f" {folded(each.theme)} " in text]:
        return named
    if line.is_whole:
        return [each for each in projects if not theme and _may_overlap(line.period, each.period)]
    return projects


def _is_alike(theme: str, other: str) -> bool:
    """Both are folded."""
    if abs(len(theme) - len(other)) > (1 - _ALIKE) * (len(theme) + len(other)):
        return False
    return SequenceMatcher(None, theme, other, autojunk=False).ratio() >= _ALIKE


def _may_overlap(one: Period | None, other: Period) -> bool:
    return one is None or (one[0] <= other[1] and other[0] <= one[1])


def _lacks(project: ListedProject, lacking: list[RefusedLine]) -> Remark:
    lines = sorted({each.remark.line for each in lacking})
    is_one = len(lines) == 1
    sentence = (
        f"{project.label} retenu : {'la ' if is_one else 'les '}{_numbers(lines)}, "
        f"{'refusée, en est' if is_one else 'refusées, en sont'} peut-être ; "
        f"corrigez-{'la' if is_one else 'les'}, puis importez la liste de nouveau"
    )
    return Remark(project.first_line, sentence)


def _numbers(lines: list[int]) -> str:
    return f"ligne{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines))}"


def in_order(remarks: list[Remark]) -> Iterator[Remark]:
    """The remarks in the order of the list, each once."""
    yield from sorted(dict.fromkeys(remarks), key=lambda remark: remark.line)
