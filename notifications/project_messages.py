"""Messages about a project as a whole: welcome, commitments, pause, departure, follow-up."""

from datetime import date

from notifications.message import Dated, ProjectMessage, Text
from notifications.typography import count, french


class Welcome(ProjectMessage):
    """Somebody joins a project: what it is and what is expected. ``role_label`` follows « en tant que »."""

    role_label: Text
    party_name: Text | None = None

    def headline(self) -> str:
        return "Bienvenue dans le projet partagé"


class CommitmentsCreated(ProjectMessage):
    """Commitments begin: those of the charter or of an action plan. For their owner."""

    owner_name: Text
    source: Text
    commitments: tuple[Dated, ...]

    def headline(self) -> str:
        return f"{count(len(self.commitments), 'engagement')} à tenir par {self.owner_name}"


class ProjectPaused(ProjectMessage):
    """The project is paused: nothing is asked nor reminded until it resumes. For everybody."""

    reason: Text

    def headline(self) -> str:
        return "Le projet est mis en pause"


class ProjectResumed(ProjectMessage):
    """The project goes on where it was. For everybody; ``stage_title`` is the stage it goes on with."""

    reason: Text | None = None
    stage_title: Text | None = None

    def headline(self) -> str:
        return "Le projet reprend"


class ProjectCancelled(ProjectMessage):
    """The project ends before its term. For everybody."""

    reason: Text

    def headline(self) -> str:
        return "Le projet s’arrête"


class PartyLeft(ProjectMessage):
    """A city leaves by a recorded decision; below three signatories the project is paused. For everybody."""

    party_name: Text
    left_on: date
    reason: Text
    remaining_signatories: int
    paused: bool = False

    def headline(self) -> str:
        return french(f"{self.party_name} quitte le projet")


class ContractEnded(ProjectMessage):
    """A contract takes the place of another; names are those of the firms that lead."""

    former_name: Text
    contractor_name: Text
    ended_on: date
    reason: Text


class ContractorReplaced(ContractEnded):
    """Who the contractor is from now on, and whom to write to. For everybody."""

    members: tuple[Text, ...] = ()
    contact_name: Text
    contact_email: Text

    def headline(self) -> str:
        return "Le prestataire change"


class ContractorReplacedForFormer(ContractEnded):
    """For the contacts of the former contractor; ``receipts`` are what they submitted, with its hash, to keep."""

    receipts: tuple[Text, ...] = ()

    def headline(self) -> str:
        return "Votre marché a pris fin"


class LessonsPublished(ProjectMessage):
    """What was learnt is public, under Licence Ouverte 2.0. For everybody; ``resources`` are its titles."""

    resources: tuple[Text, ...] = ()

    def headline(self) -> str:
        return "Les enseignements du projet sont publiés"


class ProjectInFollowUp(ProjectMessage):
    """The stages are over, the commitments are still followed. For everybody."""

    open_commitments: int

    def headline(self) -> str:
        return "Le projet entre en suivi"
