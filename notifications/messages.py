"""Every message we send, by name, and how one becomes a mail: a subject, an HTML part, a text part."""

import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from notifications import deliverable_messages as deliverable
from notifications import project_messages as project
from notifications import stage_messages as stage
from notifications.message import Message
from notifications.typography import FrenchTypography, one_line, teach

MESSAGES: dict[str, type[Message]] = {
    message.template_name: message
    for message in (
        project.Welcome,
        stage.StageOpenedForContact,
        deliverable.DeliverableRequested,
        deliverable.SignOffRequested,
        deliverable.AgencySignatureRequested,
        deliverable.NewVersionSubmitted,
        deliverable.MinorRevisionRecorded,
        deliverable.DeliverableRefusedForAuthor,
        deliverable.DeliverableRefusedForOthers,
        deliverable.ReservationToAnswer,
        deliverable.SignOffWithdrawn,
        stage.ContractorAwardAwaited,
        stage.ContractorAppointed,
        stage.PeerReadingOpened,
        stage.StrandsRequested,
        stage.StageSignedOff,
        stage.StageClosed,
        project.CommitmentsCreated,
        project.ProjectPaused,
        project.ProjectResumed,
        project.ProjectCancelled,
        project.PartyLeft,
        project.LessonsPublished,
        project.ProjectInFollowUp,
    )
}


class RenderedMail(NamedTuple):
    """A message in words, ready to leave: one line of subject, HTML, and plain text with the same words."""

    subject: str
    html: str
    text: str


def message_from(name: str, values: dict[str, Any]) -> Message:
    """The message ``name`` with these plain values (dates may be ISO text, as JSON keeps them).

    Raises ``KeyError`` for a name that is not in `MESSAGES`, Pydantic's ``ValidationError`` for wrong values.
    """
    return MESSAGES[name].model_validate(values)


def render(message: Message) -> RenderedMail:
    """Both parts of the mail come from one template, so they cannot drift apart."""
    return RenderedMail(
        subject=one_line(message.subject()),
        html=_render(message, "html"),
        text=re.sub(r"\n{3,}", "\n\n", _render(message, "txt")).strip() + "\n",
    )


def _render(message: Message, kind: str) -> str:
    template = _environment(kind).get_template(f"{message.template_name}.jinja")
    return template.render(m=message)


@cache
def _environment(kind: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=kind == "html",  # noqa: S701 — the other kind is plain text, where « &amp; » is a fault
        undefined=StrictUndefined,
        extensions=[FrenchTypography],
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    teach(environment)
    environment.globals.update(layout=f"base.{kind}", parts=environment.get_template(f"parts.{kind}").module)
    return environment
