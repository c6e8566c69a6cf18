"""Every message we send, by name, and how one becomes a mail: a subject, an HTML part, a text part."""

import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from notifications import authority_messages as authority
from notifications import comment_messages as comment
from notifications import deliverable_messages as deliverable
from notifications import digest_messages as digest
from notifications import meeting_messages as meeting
from notifications import operator_messages as operator
from notifications import person_messages as person
from notifications import project_messages as project
from notifications import receipt_messages as receipt
from notifications import role_messages as role
from notifications import stage_messages as stage
from notifications.breakable import with_breaks
from notifications.calendar import as_ics
from notifications.message import Message
from notifications.outgoing_mail import CalendarPart
from notifications.typography import FrenchTypography, one_line, teach

MESSAGES: dict[str, type[Message]] = {
    message.template_name: message
    for message in (
        project.Welcome,
        stage.StageOpenedForContact,
        stage.StageOpenedForSignatory,
        stage.StageOpenedForContractor,
        deliverable.DeliverableRequested,
        deliverable.SignOffRequested,
        deliverable.AgencySignatureRequested,
        deliverable.NewVersionSubmitted,
        deliverable.SignOffFell,
        deliverable.MinorRevisionRecorded,
        deliverable.MinorRevisionObjected,
        deliverable.DeliverableRefusedForAuthor,
        deliverable.DeliverableRefusedForOthers,
        deliverable.ReservationToAnswer,
        deliverable.ReservationAnsweredForParty,
        deliverable.ReservationWaivedForParty,
        receipt.SignOffGivenForSignatory,
        deliverable.SignOffWithdrawn,
        comment.CommentAddedForAuthor,
        comment.CommentAddedForCommenter,
        comment.CommentWithdrawnForAuthor,
        stage.ContractorAwardAwaited,
        stage.ContractorAppointed,
        project.ContractorReplaced,
        project.ContractorReplacedForFormer,
        stage.PeerReadingOpened,
        stage.StrandsRequested,
        stage.StageSignedOff,
        stage.StageClosed,
        stage.StageClosedForAgent,
        stage.DeadlineExtended,
        project.CommitmentsCreated,
        project.ProjectPaused,
        project.ProjectResumed,
        project.ProjectCancelled,
        project.PartyLeft,
        project.LessonsPublished,
        project.ProjectInFollowUp,
        meeting.MeetingInvitation,
        meeting.MeetingChanged,
        meeting.MeetingCancelled,
        digest.DailyDigest,
        digest.WeeklyState,
        digest.DutiesPassed,
        person.ReminderFromAgent,
        person.SignInLink,
        authority.AuthorityToConfirm,
        authority.AuthorityProposed,
        authority.AuthoritySettled,
        authority.DelegationRevoked,
        authority.ContactNamed,
        role.RoleEndedForHolder,
        role.RoleEndedForOthers,
        role.NameCorrectedForPerson,
        role.NameCorrectedForOthers,
        role.MailboxSharedForPerson,
        role.AddressAskedForPerson,
        role.AddressLink,
        role.AddressChangedForPerson,
        role.AddressChangedForFormerAddress,
        role.AddressChangedForOthers,
        person.DeliveryFailed,
        operator.MachineryBehindForOperator,
        operator.MachineryWellForOperator,
    )
}


class RenderedMail(NamedTuple):
    """A message in words, ready to leave: one line of subject, HTML, and plain text with the same words.

    ``preheader`` is the line that is read under the subject in a list of mails; ``calendar`` is there when the
    message is about a day or an hour to put in one's calendar.
    """

    subject: str
    html: str
    text: str
    preheader: str
    calendar: CalendarPart | None


def message_from(name: str, values: dict[str, Any]) -> Message:
    """The message ``name`` with these plain values (dates may be ISO text, as JSON keeps them).

    Raises ``KeyError`` for a name that is not in `MESSAGES`, Pydantic's ``ValidationError`` for wrong values.
    """
    return MESSAGES[name].model_validate(values)


def render(message: Message, *, now: datetime) -> RenderedMail:
    """Both parts of the mail come from one template, so they cannot drift apart. ``now`` stamps the calendar."""
    html, text = (_template(message, kind) for kind in ("html", "txt"))
    return RenderedMail(
        subject=one_line(message.subject()),
        html=with_breaks(html.render(m=message)),
        text=re.sub(r"\n{3,}", "\n\n", text.render(m=message)).strip() + "\n",
        preheader=one_line("".join(text.blocks["preheader"](text.new_context({"m": message})))),
        calendar=_calendar(message, now),
    )


def _calendar(message: Message, now: datetime) -> CalendarPart | None:
    event = message.event()
    if event is None:
        return None
    file_name = "reunion.ics" if isinstance(event.start, datetime) else "echeance.ics"
    return CalendarPart(as_ics([event], method=event.method, now=now), event.method, file_name)


def _template(message: Message, kind: str) -> Template:
    return _environment(kind).get_template(f"{message.template_name}.jinja")


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
