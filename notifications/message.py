"""What every message carries, for any reader and any event."""

import re
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, HttpUrl, TypeAdapter

from notifications.calendar import CalendarEvent, deadline_event
from notifications.outgoing_mail import DocumentPart
from notifications.typography import french, of, quoted, visible

TEAM = "L’équipe des projets partagés"
"""Who signs when no agent is in charge."""
_http_url = TypeAdapter(HttpUrl)
_OUT_OF_PLACE = re.compile(r"[\s\x00-\x1f\x7f<>\"]")


def _absolute(link: str) -> str:
    _http_url.validate_python(link)
    if _OUT_OF_PLACE.search(link):
        raise ValueError("a link has no space, no line end, no bracket, no quotation mark")
    return link


def _printable(text: str) -> str:
    return french(visible(text))


Text = Annotated[str, AfterValidator(_printable)]
Link = Annotated[str, AfterValidator(_absolute)]


class Message(BaseModel):
    """One event told to one reader, in plain values only: it renders without a database.

    ``link`` is absolute and is where the mail's one button leads; ``frequency_link``, where its reader chooses
    how often we write. ``agent_…`` is the agent of the ANCT in whose name we write and to whom an answer goes.
    ``template_name`` is the message's name everywhere: in the notices, in the registry, in the file names.
    A message that is not about one project has no ``project_slug``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    template_name: ClassVar[str] = ""

    recipient_name: Text
    recipient_email: str | None = None
    project_title: Text | None = None
    project_slug: str | None = None
    agent_name: Text | None = None
    agent_email: Text | None = None
    link: Link
    frequency_link: Link | None = None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Name the message after its class: ``StageClosed`` is ``stage_closed``."""
        cls.template_name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @property
    def agent(self) -> tuple[str | None, str | None]:
        """The name and the address of the agent in whose name we write, as far as there is one."""
        return (self.agent_name if self.agent_name != TEAM else None) or None, self.agent_email or None

    @property
    def signature(self) -> str:
        """In whose name the mail is signed; the agent does not get letters from themselves."""
        name, _ = self.agent
        if name and name == self.recipient_name:
            return "La plateforme des projets partagés"
        return f"{name}, pour l’ANCT" if name else TEAM

    @property
    def answers_to(self) -> str | None:
        """The address that an answer goes to, when somebody reads it; never the reader's own."""
        name, address = self.agent
        return address if name != self.recipient_name else None

    @property
    def about(self) -> str | None:
        """The title of the one project the mail is about."""
        return self.project_title if self.project_slug else None

    @property
    def scope(self) -> str | None:
        """How the subject ends: the project, if the mail is about one."""
        return self.about

    def headline(self) -> str:
        """What the mail says, in a few words: its subject without the project, and its title."""
        raise NotImplementedError

    def subject(self) -> str:
        """The subject line, not yet encoded; always on one line once sent."""
        return f"{self.headline()} – {self.scope}" if self.scope else self.headline()

    def event(self) -> CalendarEvent | None:
        """What the reader can put in their calendar, if the mail is about a day or an hour."""
        return None

    def document(self) -> DocumentPart | None:
        """A document to keep, that travels with the mail: made when it leaves, and stored nowhere."""
        return None


class ProjectMessage(Message):
    """A message about one project."""

    project_title: Text
    project_slug: str
    agent_name: Text
    agent_email: Text


class StageMessage(ProjectMessage):
    """A message about one stage, named as people read it (« Diagnostic territorial »)."""

    stage_title: Text


class StageDeadline(StageMessage):
    """A message that says until when a stage lasts for its reader.

    ``event_uid`` (« echeance-{stage}-{party, or 0} ») and ``event_sequence`` make the deadline an entry of a
    calendar; without the first there is none.
    """

    due_on: date | None = None
    event_uid: str | None = None
    event_sequence: int = 0

    def event(self) -> CalendarEvent | None:
        """The deadline, all day long."""
        if self.event_uid is None or self.due_on is None:
            return None
        return deadline_event(
            self.event_uid,
            self.event_sequence,
            stage_title=self.stage_title,
            project_title=self.project_title,
            due_on=self.due_on,
            url=self.link,
        )


class DeliverableMessage(StageMessage):
    """A message about one deliverable; ``deliverable_party`` is the city whose own it is, if one's."""

    deliverable_title: Text
    deliverable_party: Text | None = None

    @property
    def deliverable(self) -> str:
        """« Charte », « Diagnostic » de Niort."""
        title = quoted(self.deliverable_title)
        return f"{title} {of(self.deliverable_party)}" if self.deliverable_party else title


class Dated(BaseModel):
    """A line of a list with its day: a commitment and when it is due, a party and when it signed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Text
    on: date | None = None
