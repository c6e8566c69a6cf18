"""The Core tables, once: what statements are made of where ORM objects would cost too much."""

from typing import cast

import sqlalchemy as sa
from sqlmodel import SQLModel

from models.agency_signature import AgencySignature
from models.api_token import ApiToken
from models.audit_entry import AuditEntry, Journal
from models.channel import Channel
from models.comment import Comment
from models.commitment import Commitment
from models.consultation_strand import ConsultationStrand
from models.contractor import ContractAward, Contractor
from models.deliverable import Deliverable, DeliverableVersion
from models.incident import Incident
from models.installation import Installation
from models.meeting import Meeting
from models.notice import Notice
from models.outbox import Nudge
from models.party import Party, PartyDeparture
from models.party_deadline import PartyDeadline
from models.periodic_round import PeriodicRound
from models.person import Mandate, Person
from models.process_agreement import ProcessAgreement
from models.publication import Publication
from models.recorded_act import RecordedAct
from models.reminder import ManualReminder, Reminder, ReminderRound
from models.shared_project import SharedProject
from models.sign_off import SignOff
from models.signature_delegation import SignatureDelegation
from models.stage import RosterSeat, Stage, StageTransition
from models.web_session import SignInAttempt, SignInLink, WebSession


def _table(model: type[SQLModel]) -> sa.Table:
    return cast("sa.Table", model.__table__)  # type: ignore[attr-defined]


AGENCY_SIGNATURE = _table(AgencySignature)
API_TOKEN = _table(ApiToken)
AUDIT_ENTRY = _table(AuditEntry)
AWARD = _table(ContractAward)
CHANNEL = _table(Channel)
COMMENT = _table(Comment)
COMMITMENT = _table(Commitment)
CONTRACTOR = _table(Contractor)
DELEGATION = _table(SignatureDelegation)
DELIVERABLE = _table(Deliverable)
DEPARTURE = _table(PartyDeparture)
INCIDENT = _table(Incident)
INSTALLATION = _table(Installation)
JOURNAL = _table(Journal)
MANDATE = _table(Mandate)
MANUAL_REMINDER = _table(ManualReminder)
MEETING = _table(Meeting)
NOTICE = _table(Notice)
NUDGE = _table(Nudge)
PARTY = _table(Party)
PARTY_DEADLINE = _table(PartyDeadline)
PERIODIC_ROUND = _table(PeriodicRound)
PERSON = _table(Person)
PROCESS_AGREEMENT = _table(ProcessAgreement)
PROJECT = _table(SharedProject)
PUBLICATION = _table(Publication)
RECORDED_ACT = _table(RecordedAct)
REMINDER = _table(Reminder)
REMINDER_ROUND = _table(ReminderRound)
SEAT = _table(RosterSeat)
SIGN_IN_ATTEMPT = _table(SignInAttempt)
SIGN_IN_LINK = _table(SignInLink)
SIGN_OFF = _table(SignOff)
STAGE = _table(Stage)
STAGE_TRANSITION = _table(StageTransition)
STRAND = _table(ConsultationStrand)
VERSION = _table(DeliverableVersion)
WEB_SESSION = _table(WebSession)
