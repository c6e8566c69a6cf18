"""What every message carries, whoever reads it and whatever it tells."""

import re
from datetime import date
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, HttpUrl, TypeAdapter

from notifications.typography import french, of, quoted, visible

_http_url = TypeAdapter(HttpUrl)


def _absolute(link: str) -> str:
    _http_url.validate_python(link)
    return link


def _printable(text: str) -> str:
    return french(visible(text))


Text = Annotated[str, AfterValidator(_printable)]
Link = Annotated[str, AfterValidator(_absolute)]


class Message(BaseModel):
    """One event told to one reader, in plain values only: it renders without a database.

    ``link`` is absolute and is where the mail's one button leads; ``agent_…`` is the agent of the ANCT in
    charge of the project, in whose name we write and to whom an answer goes. ``template_name`` is the
    message's name everywhere: in the notices, in the registry, in the file names.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    template_name: ClassVar[str] = ""

    recipient_name: Text
    project_title: Text
    project_slug: str
    agent_name: Text
    agent_email: Text
    link: Link

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Name the message after its class: ``StageClosed`` is ``stage_closed``."""
        cls.template_name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @property
    def is_for_the_agent(self) -> bool:
        """Whether the reader is the very person in whose name we write."""
        return self.recipient_name == self.agent_name

    def headline(self) -> str:
        """What the mail says, in a few words: its subject without the project, and its title."""
        raise NotImplementedError

    def subject(self) -> str:
        """The subject line, not yet encoded; always on one line once sent."""
        return f"{self.headline()} – {self.project_title}"


class StageMessage(Message):
    """A message about one stage, named as people read it (« Diagnostic territorial »)."""

    stage_title: Text


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
