"""The story of the demonstration as it is told on the terminal: when, who, what, and what is awaited."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from sqlmodel import col, func, select

from commands.demo_cast import Cast
from models.commitment import STILL_OPEN, Commitment
from models.notice import Notice
from models.paris_time import PARIS, paris_day
from models.sign_off import SignOff
from models.stored_row import identity
from queries.ledger.find import find_project, find_stage, lifecycle_of, parties_of, stages_of
from queries.ledger.verify_journal import Verification
from queries.reminders.preview import preview_reminders
from queries.signing.matrix import matrix_of

STYLES = {"good": "green", "soft": "cyan", "hard": "bold red", "strong": "bold"}


class Timeline:
    """Lines with the hour, grouped by stage, and a summary at the end."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.began = self.stage_began = monotonic()
        self.stages = 0

    def say(self, line: str) -> None:
        """A line of news about the system itself."""
        self.console.print(f"[dim]{escape(line)}[/dim]")

    def begin(self, cast: Cast) -> None:
        """Who goes together, and around what."""
        with cast.db.read() as session:
            project = find_project(session, cast.slug)
            cities = [party.name for party in parties_of(session, identity(project))]
            total = len(stages_of(session, project))
        self.total = total
        self.console.print(
            Panel(
                f"[bold]{escape(project.title)}[/bold] ({escape(project.slug)})\n"
                f"{', '.join(cities)}\n"
                f"du {project.period_from:%d/%m/%Y} au {project.period_until:%d/%m/%Y}, sept étapes",
                title="Projet partagé",
                expand=False,
            )
        )

    def open_stage(self, title: str) -> None:
        """A stage begins."""
        self.stages += 1
        self.stage_began = monotonic()
        self.console.rule(f"[bold]{self.stages}/{self.total} · {escape(title)}", align="left")

    def tell(self, who: str, what: str, style: str) -> None:
        """Somebody did something."""
        hour = datetime.now(PARIS).strftime("%H:%M:%S")
        self.console.print(
            f"[dim]{hour}[/dim]  [{STYLES[style]}]{escape(who):<18}[/] {escape(what)}", soft_wrap=True
        )

    @contextmanager
    def waiting(self) -> Iterator[Callable[[str], None]]:
        """While the flow works, say in which state the stage is (on a terminal only)."""
        if not self.console.is_terminal:
            yield lambda _state: None
            return
        with self.console.status("…") as status:
            yield lambda state: status.update(f"étape {state}…")

    def close_stage(self, cast: Cast, key: str) -> None:
        """A stage has ended: how many signatures, how long."""
        with cast.db.read() as session:
            stage = find_stage(session, find_project(session, cast.slug), key)
            signed = len(matrix_of(session.connection(), identity(stage)))
        seconds = monotonic() - self.stage_began
        self.console.print(f"[green]✔[/green] Étape close : {signed} validations, {seconds:.1f} s\n")

    def finish(self, cast: Cast, verification: Verification) -> None:
        """The books: stages, signatures, commitments, mails, journal."""
        with cast.db.read() as session:
            project = find_project(session, cast.slug)
            table = Table(title=f"{project.title} : {project.status.label}", title_style="bold")
            for column in ("Étape", "État", "Ouverte", "Close"):
                table.add_column(column)
            for stage in stages_of(session, project):
                name = lifecycle_of(project).stage(stage.key).title
                table.add_row(name, stage.status.label, _hour(stage.opened_at), _hour(stage.closed_at))
            open_commitments = session.exec(
                select(func.count())
                .select_from(Commitment)
                .where(Commitment.project_id == project.id, col(Commitment.status).in_(STILL_OPEN))
            ).one()
            signed = session.exec(select(func.count()).select_from(SignOff)).one()
            sent = session.exec(
                select(func.count()).select_from(Notice).where(col(Notice.sent_at).is_not(None))
            ).one()
        self.console.print(table)
        self._tell_next_reminders(cast)
        state = (
            "intact" if not verification.tamperings else f"{len(verification.tamperings)} ligne(s) altérée(s)"
        )
        self.console.print(
            f"{signed} décisions signées, {open_commitments} engagements encore à tenir, {sent} mails partis, "
            f"journal {state} ({verification.entries} lignes), {monotonic() - self.began:.0f} s en tout.",
            soft_wrap=True,
        )

    def _tell_next_reminders(self, cast: Cast) -> None:
        """When people will next be reminded of what they have promised, if nothing happens until then."""
        now = datetime.now(UTC)
        for day in (paris_day(now) + timedelta(days=ahead) for ahead in range(60)):
            planned = preview_reminders(cast.db, day=day, now=now)
            lines = sum(len(each.lines) for each in planned)
            if lines:
                self.console.print(
                    f"Prochains rappels le {day:%d/%m/%Y} : {lines} ligne(s) dans {len(planned)} récapitulatif(s) "
                    f"(« projet-partage reminders preview --on {day} » les montre).",
                    soft_wrap=True,
                )
                return


def _hour(at: datetime | None) -> str:
    return at.astimezone(PARIS).strftime("%H:%M:%S") if at else ""
