"""The shared project itself and the states it goes through."""

from datetime import date, datetime
from typing import NamedTuple, Protocol

from sqlmodel import Field, SQLModel

from models.columns import DEADLINE, LONGEST_LINE, REASON, UtcDateTime, stored, within
from models.labelled_enum import LabelledEnum
from models.limits import Text
from models.refusal import Refusal

LONGEST_SLUG, LONGEST_THEME = 80, 120

TITLE = Text("Titre", LONGEST_LINE)
THEME = Text("Thème", LONGEST_THEME)


class ProjectStatus(LabelledEnum):
    """Where a project stands."""

    active = "active", "en cours"
    paused = "paused", "en pause"
    cancelled = "cancelled", "annulé"
    in_follow_up = "in_follow_up", "en suivi"

    @property
    def is_ongoing(self) -> bool:
        """Are its meetings held and its commitments reminded?"""
        return self in ONGOING

    @property
    def is_before_follow_up(self) -> bool:
        """Can it still have stages at work, once resumed if it is paused?"""
        return self in BEFORE_FOLLOW_UP


ONGOING = (ProjectStatus.active, ProjectStatus.in_follow_up)
"""Meetings are held and commitments reminded, even once every stage is closed; in SQL, ``status.in_(ONGOING)``."""
BEFORE_FOLLOW_UP = (ProjectStatus.active, ProjectStatus.paused)
"""The stages are not all closed: they move, or will once the project is resumed."""

PROJECT_TRANSITIONS: tuple[tuple[str, ProjectStatus, ProjectStatus], ...] = (
    ("pause", ProjectStatus.active, ProjectStatus.paused),
    ("resume", ProjectStatus.paused, ProjectStatus.active),
    ("cancel", ProjectStatus.active, ProjectStatus.cancelled),
    ("cancel", ProjectStatus.paused, ProjectStatus.cancelled),
    ("complete", ProjectStatus.active, ProjectStatus.in_follow_up),
)


class SharedProject(SQLModel, table=True):
    """Three to five local authorities around one theme, under one version of the lifecycle."""

    __tablename__ = "shared_project"

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True, max_length=LONGEST_SLUG)
    title: str = Field(sa_type=within(TITLE))
    theme: str = Field(sa_type=within(THEME))
    period_from: date = Field(sa_type=within(DEADLINE))
    period_until: date = Field(sa_type=within(DEADLINE))
    lifecycle_key: str = Field(max_length=80)
    lifecycle_version: int
    agency_agent_id: int | None = Field(default=None, foreign_key="person.id")
    status: ProjectStatus = Field(default=ProjectStatus.active, sa_type=stored(ProjectStatus))
    status_reason: str | None = Field(default=None, sa_type=within(REASON))
    created_at: datetime = Field(sa_type=UtcDateTime)
    resumed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ProjectState(NamedTuple):
    """What decides whether a project moves, and what is told when it does not."""

    title: str
    status: ProjectStatus
    status_reason: str | None


class ProjectWithStatus(Protocol):
    """A project, as far as its refusals need it: a row, a snapshot of one, or the head of a page."""

    @property
    def title(self) -> str:
        """What it is called."""
        ...

    @property
    def status(self) -> ProjectStatus:
        """Where it stands."""
        ...

    @property
    def status_reason(self) -> str | None:
        """Why it is paused or cancelled."""
        ...


class UnknownProject(Refusal):
    """No project has this slug."""

    def __init__(self, slug: str, slugs: list[str]) -> None:
        hint = f"projets connus : {', '.join(slugs)}" if slugs else "aucun projet n’est encore créé"
        super().__init__(f"Le projet « {slug} » n’existe pas ({hint}).")


class ProjectNotActive(Refusal):
    """The project is paused, cancelled or over: what was asked is not done in such a project."""

    def __init__(self, project: ProjectWithStatus) -> None:
        advice = {
            ProjectStatus.paused: "demandez à l’ANCT de le reprendre",
            ProjectStatus.cancelled: "un projet annulé ne se rouvre pas",
            ProjectStatus.in_follow_up: "ses étapes sont toutes closes, seuls ses engagements vivent encore",
        }.get(project.status, "")
        reason = f" ({project.status_reason})" if project.status_reason else ""
        super().__init__(f"Le projet « {project.title} » est {project.status.label}{reason} : {advice}.")


def project_refusal(project: ProjectWithStatus) -> ProjectNotActive | None:
    """Why the stages of this project do not move; None while it is active."""
    return None if project.status is ProjectStatus.active else ProjectNotActive(project)


def refusal_if_cancelled(project: ProjectWithStatus) -> ProjectNotActive | None:
    """Why nobody comments, is invited, or has a meeting moved; None unless the project is cancelled."""
    return ProjectNotActive(project) if project.status is ProjectStatus.cancelled else None


def refusal_unless_ongoing(project: ProjectWithStatus) -> ProjectNotActive | None:
    """Why no meeting is convened; None while the project is active or in follow-up."""
    return None if project.status.is_ongoing else ProjectNotActive(project)


def refusal_unless_before_follow_up(project: ProjectWithStatus) -> ProjectNotActive | None:
    """Why no city joins or leaves; None while the project is active or paused."""
    return None if project.status.is_before_follow_up else ProjectNotActive(project)


def days_late(due_on: date | None, today: date, status: ProjectStatus) -> int:
    """How many days ago ``due_on`` passed; 0 before it, without one, and while the project is paused or cancelled."""
    return max((today - due_on).days, 0) if due_on and status.is_ongoing else 0


class WrongProjectState(Refusal):
    """The project cannot be paused, resumed or cancelled from the state it is in."""

    def __init__(self, project: SharedProject, event: str) -> None:
        act = {"pause": "le mettre en pause", "resume": "le reprendre", "cancel": "l’annuler"}.get(
            event, event
        )
        super().__init__(f"Le projet « {project.title} » est {project.status.label} : on ne peut pas {act}.")


def next_project_status(project: SharedProject, event: str) -> ProjectStatus:
    """The state after ``event``; raises ``WrongProjectState`` when the table knows no such change."""
    for name, origin, target in PROJECT_TRANSITIONS:
        if name == event and origin == project.status:
            return target
    raise WrongProjectState(project, event)
