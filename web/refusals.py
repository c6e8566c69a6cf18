"""What each refusal is over HTTP: one status, for the page that shows it and for the API's problem.

404 for what the address names and may not be known, 403 for what its person never may, 422 for a value to correct, 409
for a rule that the present state opposes (RFC 9110). Codes are names that programs are written against: add, never
rename.
"""

from dataclasses import dataclass

from actions.access.sessions import SessionOver
from actions.authority.mandates import IncompatibleRoles
from actions.commitments.settle_commitment import EvidenceNeeded
from actions.files.scan_file import InfectedFile, ScannerAway
from actions.files.store_file import NoRoomLeft, TooLargeFile, UnusableFile
from actions.people.add_person import ContractorIsAppointed, InvalidEmail
from actions.people.invite_person import OfficeHeld
from actions.people.propose_holder import HoldsAlready, WrongFirstDay
from actions.projects.appoint_contractor import InvalidAward
from actions.projects.create_project import OtherOfficeHolder, ProjectExists, UnknownKey
from actions.projects.name_agent import NotAnAgent
from actions.reminders.remind_by_hand import NobodyToRemind, NothingAwaited, RemindedToday
from actions.stages.extend_deadline import DeadlineNotLater, NotInTheStage
from models.accession import AlreadyParty, CharterSigned, NotAccepted
from models.address_change import (
    AddressIsTheirs,
    AddressLinkGone,
    AddressTaken,
    SameAddress,
    TooManyAddressChanges,
)
from models.agency_signature import CitiesSignFirst
from models.api_token import ReadOnlyToken, TooManyTokens, UnknownToken
from models.comment import (
    CommentTooLong,
    EmptyComment,
    TooManyComments,
    UnknownComment,
    WithdrawalUnexplained,
)
from models.commitment import CommitmentSettled, UnknownCommitment, WordsTooLong
from models.consultation_strand import InvalidStrand, StrandsComeFirst, UnknownStrand
from models.contractor import ContractAlreadyAwarded, InvalidEndOfContract, InvalidSiret, NoContract
from models.deliberation_rules import UnlawfulDeliberation
from models.deliverable import MinorNeedsReason, NoteTooLong, NothingToRevise, SameContent, UnknownDeliverable
from models.file_kind import MisnamedFile, RefusedKind
from models.former_name import InvalidName
from models.handover_file import InvalidHandover
from models.invalid_file import InvalidFile
from models.lifecycle import UnknownLifecycle
from models.limits import OutOfLimits
from models.local_authority import UnknownAuthority, WrongAuthorityName
from models.meeting import AlreadyConvened, InvalidMeeting, MeetingSettled, NothingMoves, UnknownMeeting
from models.minor_revision import AlreadyObjected, MinorForbidden, NothingToObjectTo, ObjectionTooLate
from models.party import UnknownParty, WrongNumberOfSignatories
from models.person import NotAllowed, SharedMailbox, UnknownPerson
from models.person_name import OtherName
from models.project_title import TitleWithoutLetters
from models.proposal_rules import (
    NewContact,
    NotYourKey,
    OtherProposal,
    ProposalSettled,
    SamePerson,
    UnknownProposal,
)
from models.recorded_act import InvalidPaperAct, NobodyInOffice
from models.refusal import Refusal
from models.role_rules import (
    AlreadyEnding,
    EndIsPlanned,
    InvalidEnd,
    LastAgent,
    LeavesSoon,
    StillInCharge,
    UnknownRole,
)
from models.shared_project import ProjectNotActive, UnknownProject, WrongProjectState
from models.sign_off import (
    AlreadyDecided,
    NoAuthority,
    NotConcerned,
    NothingToWithdraw,
    NotSubmittedYet,
    OtherContent,
    OtherOrganisation,
    ReasonNeeded,
    UnreadableVersion,
    WeakerAct,
    WeakerWithdrawal,
)
from models.signature_delegation import InvalidDelegation, UnknownScope
from models.stage import StageMovesOn
from models.transition_rules import GateNotReached, StageOutOfOrder
from models.unreadable_file import DamagedFile, HeavyFile, InspectionBusy, LockedFile
from models.web_session import WhoAreYou
from queries.access.project_access import NotVisible
from queries.deliverables.files import LostFile
from queries.ledger.find import UnknownStage
from web.rights import NotYours

PROBLEMS_PATH = "/api/v1/problems"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its code, which is stable, its HTTP status, its title."""

    code: str
    status: int
    title: str

    @property
    def type(self) -> str:
        """Its stable address."""
        return f"{PROBLEMS_PATH}/{self.code}"


NOT_FOUND = Kind("not-found", 404, "Introuvable")
NOT_ALLOWED = Kind("not-allowed", 403, "Réservé à un autre rôle")
CONFLICT = Kind("conflict", 409, "L’état actuel ne le permet pas")
OTHER_OFFICE_HOLDER = Kind("other-office-holder", 409, "Un autre signataire est en fonction")

OF_REFUSALS: dict[type[Refusal], Kind] = {
    NotAllowed: NOT_ALLOWED,
    NotYours: NOT_ALLOWED,
    OtherOrganisation: Kind("other-organisation", 403, "Une autre organisation que la collectivité"),
    NotYourKey: Kind("not-your-key", 403, "Confirmation réservée à d’autres"),
    NewContact: Kind("new-contact", 403, "Interlocuteur depuis moins de cinq jours"),
    SamePerson: Kind("same-person", 403, "Une même personne ne tourne pas les deux clés"),
    NoAuthority: Kind("no-authority", 403, "Ni fonction ni délégation pour signer"),
    ReadOnlyToken: Kind("read-only-token", 403, "Jeton de lecture seule"),
    NotVisible: NOT_FOUND,
    UnknownProject: NOT_FOUND,
    UnknownToken: NOT_FOUND,
    UnknownStage: Kind("unknown-stage", 404, "Étape inconnue"),
    UnknownDeliverable: Kind("unknown-deliverable", 404, "Livrable inconnu dans cette étape"),
    UnknownProposal: Kind("unknown-proposal", 404, "Proposition inconnue"),
    UnknownMeeting: Kind("unknown-meeting", 404, "Réunion inconnue"),
    UnknownCommitment: Kind("unknown-commitment", 404, "Engagement inconnu"),
    ProjectExists: Kind("project-exists", 409, "Projet déjà créé"),
    OtherOfficeHolder: OTHER_OFFICE_HOLDER,
    OfficeHeld: OTHER_OFFICE_HOLDER,
    HoldsAlready: CONFLICT,
    OtherProposal: Kind("other-proposal", 409, "Autre chose est déjà proposé"),
    ProposalSettled: Kind("proposal-settled", 409, "Proposition déjà réglée"),
    AlreadyParty: CONFLICT,
    CharterSigned: Kind("charter-signed", 409, "La charte est signée"),
    NotAccepted: Kind("not-accepted", 409, "Cette collectivité n’entre pas ainsi"),
    ContractorIsAppointed: CONFLICT,
    LostFile: CONFLICT,
    NothingMoves: CONFLICT,
    SessionOver: CONFLICT,
    TooManyTokens: CONFLICT,
    UnknownLifecycle: CONFLICT,
    ProjectNotActive: Kind("project-not-active", 409, "Le projet n’est pas actif"),
    WrongProjectState: Kind("wrong-project-state", 409, "L’état du projet ne le permet pas"),
    StageMovesOn: Kind("stage-moves-on", 409, "L’étape ne le permet pas"),
    StageOutOfOrder: Kind("stage-out-of-order", 409, "Une étape précède"),
    GateNotReached: Kind("gate-not-reached", 409, "L’étape précédente attend encore"),
    DeadlineNotLater: Kind("deadline-not-later", 409, "L’échéance ne recule pas"),
    NotInTheStage: Kind("not-in-the-stage", 409, "Rien n’est demandé à cette collectivité"),
    SameContent: Kind("same-content", 409, "Contenu déjà déposé"),
    NothingToRevise: Kind("nothing-to-revise", 409, "Aucune version à réviser"),
    MinorForbidden: Kind("minor-forbidden", 409, "Pas de révision mineure ici"),
    NothingToObjectTo: Kind("nothing-to-object-to", 409, "Aucune révision mineure à contester"),
    AlreadyObjected: Kind("already-objected", 409, "Une objection a déjà été faite"),
    ObjectionTooLate: Kind("objection-too-late", 409, "Délai d’objection écoulé"),
    StrandsComeFirst: Kind("strands-come-first", 409, "Volets de concertation à tenir d’abord"),
    OtherContent: Kind("other-content", 409, "Un autre contenu que celui qui a été lu"),
    UnreadableVersion: Kind("unreadable-version", 409, "Version illisible"),
    NotSubmittedYet: Kind("not-submitted-yet", 409, "Rien à valider encore"),
    NotConcerned: Kind("not-concerned", 409, "Collectivité non concernée"),
    AlreadyDecided: Kind("already-decided", 409, "Décision déjà donnée"),
    WeakerWithdrawal: Kind("weaker-withdrawal", 409, "Se retire par un acte de même rang"),
    WeakerAct: Kind("weaker-act", 409, "Acte moins solennel que demandé"),
    NothingToWithdraw: Kind("nothing-to-withdraw", 409, "Aucune décision à retirer"),
    CitiesSignFirst: Kind("cities-sign-first", 409, "Les villes signent d’abord"),
    ContractAlreadyAwarded: Kind("contract-already-awarded", 409, "Marché déjà attribué"),
    NoContract: Kind("no-contract", 409, "Aucun prestataire à remplacer"),
    InvalidEndOfContract: Kind("invalid-end-of-contract", 422, "Fin de marché à corriger"),
    IncompatibleRoles: Kind("incompatible-roles", 409, "Rôles incompatibles"),
    AlreadyConvened: Kind("already-convened", 409, "Réunion déjà convoquée"),
    MeetingSettled: Kind("meeting-settled", 409, "Réunion passée ou annulée"),
    AlreadyEnding: Kind("already-ending", 409, "Un rôle qui prend déjà fin"),
    EndIsPlanned: Kind("end-is-planned", 409, "Un rôle dont la fin est prévue"),
    LastAgent: Kind("last-agent", 409, "Le dernier agent de l’ANCT"),
    StillInCharge: Kind("still-in-charge", 409, "Des projets encore en charge"),
    LeavesSoon: Kind("leaves-soon", 409, "Un rôle qui prend fin"),
    OtherName: Kind("other-name", 409, "Une adresse enregistrée sous un autre nom"),
    SharedMailbox: Kind("shared-mailbox", 422, "Une adresse que plusieurs partagent"),
    WhoAreYou: Kind("who-are-you", 422, "Une adresse que plusieurs partagent"),
    AddressTaken: Kind("address-taken", 409, "Une adresse déjà prise"),
    SameAddress: Kind("same-address", 409, "La même adresse"),
    TooManyAddressChanges: Kind("too-many-address-changes", 429, "Trop de changements d’adresse"),
    AddressLinkGone: Kind("address-link-gone", 409, "Un lien qui ne sert plus"),
    AddressIsTheirs: NOT_ALLOWED,
    UnknownRole: Kind("unknown-role", 422, "Rôle inconnu"),
    InvalidEnd: Kind("invalid-end", 422, "Fin de rôle à corriger"),
    InvalidName: Kind("invalid-name", 422, "Nom à corriger"),
    CommitmentSettled: Kind("commitment-settled", 409, "Engagement déjà tenu ou levé"),
    NobodyInOffice: Kind("nobody-in-office", 409, "Aucun maire ni président enregistré"),
    NothingAwaited: Kind("nothing-awaited", 409, "Rien de tel n’est attendu"),
    NobodyToRemind: Kind("nobody-to-remind", 409, "Personne à rappeler"),
    RemindedToday: Kind("reminded-today", 409, "Déjà rappelé il y a moins d’un jour"),
    TooLargeFile: Kind("too-large-file", 413, "Fichier trop gros"),
    RefusedKind: Kind("refused-kind", 415, "Sorte de fichier refusée"),
    LockedFile: Kind("locked-file", 415, "Fichier protégé par un mot de passe"),
    DamagedFile: Kind("damaged-file", 415, "Fichier abîmé ou incomplet"),
    HeavyFile: Kind("heavy-file", 415, "Fichier trop lourd à lire"),
    InspectionBusy: Kind("inspection-busy", 503, "Trop de fichiers à la fois"),
    MisnamedFile: Kind("misnamed-file", 415, "Nom et contenu du fichier en désaccord"),
    NoRoomLeft: Kind("no-room-left", 507, "Plus de place pour les fichiers"),
    ScannerAway: Kind("scanner-away", 503, "Antivirus indisponible"),
    UnusableFile: Kind("unusable-file", 422, "Fichier inutilisable"),
    InfectedFile: Kind("infected-file", 422, "Fichier infecté"),
    InvalidFile: Kind("invalid-file", 422, "Contenu du fichier à corriger"),
    UnknownKey: Kind("unknown-key", 422, "Clé inconnue du déroulé"),
    UnknownParty: Kind("unknown-party", 422, "Collectivité absente du projet"),
    UnknownAuthority: Kind("unknown-authority", 422, "Code inconnu du Code officiel géographique"),
    WrongAuthorityName: Kind("wrong-authority-name", 422, "Nom et code en désaccord"),
    UnknownPerson: Kind("unknown-person", 422, "Personne inconnue"),
    WrongNumberOfSignatories: Kind("wrong-number-of-signatories", 422, "Nombre de signataires"),
    InvalidSiret: Kind("invalid-siret", 422, "SIRET à corriger"),
    EmptyComment: Kind("empty-comment", 422, "Commentaire vide"),
    CommentTooLong: Kind("comment-too-long", 422, "Commentaire trop long"),
    UnknownComment: Kind("unknown-comment", 422, "Commentaire inconnu"),
    WithdrawalUnexplained: Kind("withdrawal-unexplained", 422, "Motif nécessaire"),
    TooManyComments: Kind("too-many-comments", 429, "Trop de commentaires"),
    NotAnAgent: Kind("not-an-agent", 422, "Un agent de l’ANCT est attendu"),
    TitleWithoutLetters: Kind("title-without-letters", 422, "Titre à corriger"),
    ReasonNeeded: Kind("reason-needed", 422, "Motif nécessaire"),
    MinorNeedsReason: Kind("minor-needs-reason", 422, "Motif nécessaire"),
    EvidenceNeeded: Kind("evidence-needed", 422, "Preuve nécessaire"),
    InvalidAward: Kind("invalid-award", 422, "Marché à corriger"),
    OutOfLimits: Kind("out-of-limits", 422, "Valeur hors limites"),
    InvalidEmail: Kind("invalid-email", 422, "Adresse à corriger"),
    InvalidHandover: Kind("invalid-handover", 422, "Passation à corriger"),
    WrongFirstDay: Kind("wrong-first-day", 422, "Premier jour à corriger"),
    InvalidMeeting: Kind("invalid-meeting", 422, "Réunion à corriger"),
    InvalidStrand: Kind("invalid-strand", 422, "Volet à corriger"),
    UnknownStrand: Kind("unknown-strand", 422, "Volet inconnu"),
    WordsTooLong: Kind("words-too-long", 422, "Texte trop long"),
    NoteTooLong: Kind("note-too-long", 422, "Texte trop long"),
    UnknownScope: Kind("unknown-scope", 422, "Portée inconnue"),
    InvalidDelegation: Kind("invalid-delegation", 422, "Délégation à corriger"),
    InvalidPaperAct: Kind("invalid-paper-act", 422, "Acte sur papier à corriger"),
    UnlawfulDeliberation: Kind("unlawful-deliberation", 422, "Délibération contraire à une règle"),
    Refusal: Kind("refused", 422, "Refusé"),
}
"""What each refusal is; one that is not here is what the class it comes from is."""


def kind_of(refusal: Refusal) -> Kind:
    """The kind of problem of a refusal."""
    return next(OF_REFUSALS[each] for each in type(refusal).__mro__ if each in OF_REFUSALS)
