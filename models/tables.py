"""The Core tables, once: what statements are made of where ORM objects would cost too much."""

from models.address_change import AddressChange
from models.agency_signature import AgencySignature
from models.audit_entry import AuditEntry, Journal
from models.channel import Channel
from models.columns import core_table
from models.comment import Comment
from models.commitment import Commitment
from models.consultation_strand import ConsultationStrand
from models.contractor import ContractAward, ContractEnd, Contractor
from models.deliverable import Deliverable, DeliverableVersion
from models.file_inspection import FileInspection
from models.former_name import FormerName
from models.incident import Incident
from models.meeting import Meeting
from models.notice import Notice
from models.outbox import Nudge
from models.party import Party, PartyDeparture
from models.party_deadline import PartyDeadline
from models.periodic_round import PeriodicRound
from models.person import Mandate, Person
from models.process_agreement import ProcessAgreement
from models.proposal import Proposal
from models.publication import Publication
from models.recorded_act import RecordedAct
from models.reminder import ManualReminder, Reminder, ReminderRound
from models.shared_project import SharedProject
from models.sign_off import SignOff
from models.signature_delegation import SignatureDelegation
from models.stage import RosterSeat, Stage
from models.web_session import SignInAttempt, SignInLink, WebSession

ADDRESS_CHANGE = core_table(AddressChange)
AGENCY_SIGNATURE = core_table(AgencySignature)
AUDIT_ENTRY = core_table(AuditEntry)
AWARD = core_table(ContractAward)
CHANNEL = core_table(Channel)
COMMENT = core_table(Comment)
COMMITMENT = core_table(Commitment)
CONTRACT_END = core_table(ContractEnd)
CONTRACTOR = core_table(Contractor)
DELEGATION = core_table(SignatureDelegation)
DELIVERABLE = core_table(Deliverable)
DEPARTURE = core_table(PartyDeparture)
FILE_INSPECTION = core_table(FileInspection)
FORMER_NAME = core_table(FormerName)
INCIDENT = core_table(Incident)
JOURNAL = core_table(Journal)
MANDATE = core_table(Mandate)
MANUAL_REMINDER = core_table(ManualReminder)
MEETING = core_table(Meeting)
NOTICE = core_table(Notice)
NUDGE = core_table(Nudge)
PARTY = core_table(Party)
PARTY_DEADLINE = core_table(PartyDeadline)
PERIODIC_ROUND = core_table(PeriodicRound)
PERSON = core_table(Person)
PROCESS_AGREEMENT = core_table(ProcessAgreement)
PROJECT = core_table(SharedProject)
PROPOSAL = core_table(Proposal)
PUBLICATION = core_table(Publication)
RECORDED_ACT = core_table(RecordedAct)
REMINDER = core_table(Reminder)
REMINDER_ROUND = core_table(ReminderRound)
SEAT = core_table(RosterSeat)
SIGN_IN_ATTEMPT = core_table(SignInAttempt)
SIGN_IN_LINK = core_table(SignInLink)
SIGN_OFF = core_table(SignOff)
STAGE = core_table(Stage)
STRAND = core_table(ConsultationStrand)
VERSION = core_table(DeliverableVersion)
WEB_SESSION = core_table(WebSession)
