"""The daily digest of a person: what is awaited of them, what others owe, what happened; and where projects stand."""

from collections.abc import Sequence
from datetime import date

from pydantic import BaseModel, ConfigDict

from notifications.awaited_words import WORDS, Kind, until
from notifications.message import TEAM, Link, Message, Text
from notifications.typography import NBSP, count, cut, distance, french, one_line


class Line(BaseModel):
    """A part of a digest, in plain values."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DigestItem(Line):
    """One thing awaited by ``due_on``; ``subject`` identifies it and is not shown.

    ``copied``: it is another's to do (``party``, if known), and late; its reader only has to know.
    """

    subject: str
    kind: Kind
    text: Text
    due_on: date
    link: Link
    copied: bool = False
    party: Text | None = None

    @property
    def label(self) -> str:
        """« Validation pour Niort », « Livrable »: its reader may act for several parties."""
        label = WORDS[self.kind].label
        if self.copied or not self.party or self.kind not in ("sign_off", "commitment", "confirmation"):
            return label
        return f"{label} pour {one_line(self.party)}"

    @property
    def is_asked(self) -> bool:
        """Whether its reader has something to do, which a meeting or the end of a delegation is not."""
        return not self.copied and self.kind not in ("meeting", "delegation")

    def is_late(self, today: date) -> bool:
        """Whether its day has passed."""
        return self.due_on < today

    def urgency(self, today: date) -> str:
        """« late », « now » (today or tomorrow), « soon »: what colour it is shown in."""
        if self.due_on < today:
            return "late"
        return "now" if (self.due_on - today).days < 2 else "soon"

    def until(self, today: date) -> str:
        """By when, in words; for a copy, who is how late."""
        if self.copied and self.is_late(today):
            late = until(self.kind, self.due_on, today)
            return f"{self.party} est {late}" if self.party else late
        return until(self.kind, self.due_on, today)


class NewsLine(Line):
    """Something that happened: the headline of a message that waited for the digest, and its link."""

    text: Text
    link: Link


class ProjectState(Line):
    """Where a project stands; ``blocking`` says what is missing, ``more_blocking`` how many more there are."""

    stage_title: Text | None = None
    status_label: Text
    due_on: date | None = None
    late_days: int = 0
    blocking: tuple[Text, ...] = ()
    more_blocking: int = 0
    open_commitments: int = 0
    late_commitments: int = 0


class DigestProject(Line):
    """The part of a digest about one project; ``link`` is the project's page."""

    title: Text
    slug: str
    link: Link
    agent_name: Text | None = None
    agent_email: Text | None = None
    items: tuple[DigestItem, ...] = ()
    news: tuple[NewsLine, ...] = ()
    state: ProjectState | None = None

    @property
    def own(self) -> list[DigestItem]:
        """What is its reader's, most urgent first."""
        return sorted((item for item in self.items if not item.copied), key=lambda item: item.due_on)

    @property
    def copies(self) -> list[DigestItem]:
        """What is another's and late, longest first."""
        return sorted((item for item in self.items if item.copied), key=lambda item: item.due_on)


class DailyDigest(Message):
    """All that a person is told on ``day``, grouped by project, most urgent first. For anybody.

    It is never empty. It is signed by the agent when all its projects have the same one.
    """

    day: date
    projects: tuple[DigestProject, ...]

    @property
    def items(self) -> list[DigestItem]:
        """All its lines."""
        return [item for project in self.projects for item in project.items]

    @property
    def agent(self) -> tuple[str | None, str | None]:
        names = {project.agent_name for project in self.projects}
        addresses = {project.agent_email for project in self.projects}
        if len(names) > 1 or names <= {TEAM, None}:
            return None, None
        return names.pop(), (addresses.pop() or None if len(addresses) == 1 else None)

    @property
    def about(self) -> str | None:
        return self.projects[0].title if len(self.projects) == 1 else None

    @property
    def scope(self) -> str | None:
        return self.about or count(len(self.projects), "projet")

    def headline(self) -> str:
        return french(_summary(self.items, self.day))

    @property
    def asks(self) -> bool:
        """Whether its reader has something to do."""
        return any(item.is_asked for item in self.items)

    @property
    def preheader(self) -> str:
        """The most urgent line, which a phone shows under the subject."""
        asked = sorted((item for item in self.items if item.is_asked), key=lambda item: item.due_on)
        first = [*asked, *self.items][:1]
        if first:
            return french(f"{cut(first[0].text, 80)}, {first[0].until(self.day)}")
        return next((news.text for project in self.projects for news in project.news), "")


class WeeklyState(DailyDigest):
    """The agent's digest on the first working day of the week: the same, and where each project stands."""

    def headline(self) -> str:
        states = "L’état de votre projet" if len(self.projects) == 1 else "L’état de vos projets"
        if not self.items:
            return states
        return french(f"{states} : {_summary(self.items, self.day, lower=True)}")


class DutiesPassed(DailyDigest):
    """What its reader has just come to be in charge of, in the place of somebody else or besides them."""

    def headline(self) -> str:
        number = len(self.items)
        if number == 1:
            return french(f"Ce qui vous revient : {cut(self.items[0].text, 60)}")
        return french(f"Ce qui vous revient : {number} choses à suivre")


def _summary(items: Sequence[DigestItem], today: date, *, lower: bool = False) -> str:
    """« 3 choses attendues de vous, dont 1 en retard »; else what there is, in the order of what matters."""
    asked = [item for item in items if item.is_asked]
    if asked:
        return _asked(asked, today)
    own = [item for item in items if not item.copied]
    for kind, one, many in (("meeting", "réunion à venir", "réunions à venir"),
                            ("delegation", "délégation se termine", "délégations se terminent")):  # fmt: skip
        if number := sum(item.kind == kind for item in own):
            return count(number, one, many)
    if items:
        return f"{'p' if lower else 'P'}our information, {count(len(items), 'retard')}"
    return "Ce qui s’est passé"


def _asked(asked: Sequence[DigestItem], today: date) -> str:
    late = sum(item.is_late(today) for item in asked)
    if len(asked) == 1:
        far = distance(asked[0].due_on, today).replace("demain", "pour demain")
        return f"1{NBSP}chose attendue de vous, {far}"
    whole = count(len(asked), "chose attendue", "choses attendues") + " de vous"
    return f"{whole}, dont {late} en retard" if late else whole
