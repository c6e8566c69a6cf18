"""A party's decision on one version of a deliverable, bound to its content."""

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from models.act_kind import ActKind
from models.columns import LONGEST_REASON, LONGEST_TEXT, UtcDateTime, core_table, stored, within
from models.evidence import Evidence
from models.labelled_enum import LabelledEnum
from models.limits import BeyondLimits, words
from models.paris_time import french_date_time
from models.person import AuthMethod
from models.refusal import Refusal

WITHDRAWAL = words("Motif du retrait", LONGEST_REASON)
SIGNING_REASON = words("Motif", LONGEST_TEXT, too_long=lambda length: ReasonTooLong(length))


class Decision(LabelledEnum):
    """What a party may decide (rule 4)."""

    approved = "approved", "approuvé"
    approved_with_reservations = "approved_with_reservations", "approuvé avec réserves"
    refused = "refused", "refusé"

    @property
    def passes(self) -> bool:
        """Does this decision let the gate turn? A reservation does, a refusal does not."""
        return self is not Decision.refused


_LIVE = sa.text("withdrawn_at IS NULL AND voided_at IS NULL")
"""As ``is_live``, in the words of an index."""


class SignOff(SQLModel, table=True):
    """One decision. Live until withdrawn by its party or voided by a new version.

    ``recorded_by`` differs from ``signed_by`` when the act was given on paper and recorded afterwards
    (rule 7); ``acted_on`` is then the date on the paper, and ``proof_sha256`` its scan.
    """

    __tablename__ = "sign_off"
    __table_args__ = (
        sa.Index(
            "uq_sign_off_one_live_seat",
            "deliverable_id",
            "party_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    deliverable_id: int = Field(foreign_key="deliverable.id")
    version_id: int = Field(foreign_key="deliverable_version.id")
    party_id: int = Field(foreign_key="party.id")
    round: int
    sha256: str = Field(max_length=64)
    decision: Decision = Field(sa_type=stored(Decision))
    act_kind: ActKind = Field(sa_type=stored(ActKind))
    reason: str | None = Field(default=None, sa_type=within(SIGNING_REASON))
    signed_by: int = Field(foreign_key="person.id")
    delegation_id: int | None = Field(default=None, foreign_key="signature_delegation.id")
    recorded_by: int | None = Field(default=None, foreign_key="person.id")
    acted_on: datetime | None = Field(default=None, sa_type=UtcDateTime)
    proof_sha256: str | None = Field(default=None, max_length=64)
    act_id: int | None = Field(default=None, foreign_key="recorded_act.id")
    evidence: Evidence = Field(default=Evidence.declared, sa_type=stored(Evidence))
    auth_method: AuthMethod = Field(sa_type=stored(AuthMethod))
    at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    withdrawn_reason: str | None = Field(default=None, sa_type=within(WITHDRAWAL))
    voided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def is_live() -> sa.ColumnElement[bool]:
    """The condition of a sign-off that counts: not withdrawn by its party, not voided by a new version (rule 2).

    A party has one at most on a deliverable, always on the round under way. Its columns are those of the table, for
    Core statements as for ORM ones.
    """
    columns = core_table(SignOff).c
    return columns.withdrawn_at.is_(None) & columns.voided_at.is_(None)


class ReasonNeeded(Refusal):
    """A refusal, a reservation, a withdrawal says why (rule 4)."""

    def __init__(self, act: str) -> None:
        super().__init__(
            f"Pour {act}, donnez un motif : il est dit aux personnes concernées et gardé au journal."
        )


class ReasonTooLong(BeyondLimits):
    """The reason is longer than what is kept."""

    def __init__(self, length: int) -> None:
        super().__init__(
            f"Ce motif compte {length} caractères, et {LONGEST_TEXT} au plus se gardent : raccourcissez-le, et "
            "écrivez le reste en commentaire."
        )


class OtherContent(Refusal):
    """The sign-off names another content than the current version (rule 2)."""

    def __init__(
        self,
        title: str,
        read: int | None,
        read_sha256: str,
        current_number: int,
        current_sha256: str,
        submitted_at: datetime,
    ) -> None:
        self.current_sha256 = current_sha256
        since = f"déposée le {french_date_time(submitted_at)}"
        what = (
            f"Vous avez lu la version {read} de « {title} », et la version {current_number} l’a remplacée"
            if read
            else f"L’empreinte {read_sha256[:12]}… n’est celle d’aucune version de « {title} », qui en est à la "
            f"{current_number}"
        )
        super().__init__(f"{what} ({since}, empreinte {current_sha256[:12]}…) : lisez-la, puis validez-la.")


class NotSubmittedYet(Refusal):
    """There is no version to sign off yet."""

    def __init__(self, title: str) -> None:
        super().__init__(f"« {title} » n’a pas encore été déposé : il n’y a rien à valider pour l’instant.")


class UnreadableVersion(Refusal):
    """Its file is damaged or locked by a password: nobody signs what they cannot have read."""

    def __init__(self, title: str, version: int) -> None:
        super().__init__(
            f"La version {version} de « {title} » ne peut pas être validée : son fichier est abîmé, ou protégé par un "
            "mot de passe. Demandez à qui l’a déposée d’en déposer une copie lisible."
        )


class NotConcerned(Refusal):
    """This party does not sign this deliverable: observer, gone, or another city's own deliverable."""

    def __init__(self, party: str, title: str, why: str) -> None:
        super().__init__(f"{party} ne valide pas « {title} » : {why}.")


class NoAuthority(Refusal):
    """The person holds neither the office nor a delegation that covers this act today (rule 3)."""

    def __init__(self, person: str, party: str, title: str) -> None:
        super().__init__(
            f"{person} ne peut pas valider « {title} » pour {party} : il faut en être le maire ou le président, "
            "ou tenir de lui une délégation de signature en cours qui couvre cet acte."
        )


class OtherOrganisation(Refusal):
    """Signed in by ProConnect for another organisation than the party, or for one that cannot be compared."""

    def __init__(self, party: str, party_siren: str | None, actor_siren: str | None, act: str) -> None:
        by_mail = AuthMethod.email_link.as_adverb
        if party_siren is None:
            problem = (
                f"Le SIREN de {party} n’est pas connu ici, et rien ne le rapproche de votre compte ProConnect"
            )
            advice = f"connectez-vous {by_mail}"
        else:
            problem = (
                f"Votre compte ProConnect est celui d’une autre organisation (SIREN {actor_siren})"
                if actor_siren
                else "Votre compte ProConnect ne dit pas de quelle organisation il est"
            )
            advice = f"connectez-vous avec celui de {party} (SIREN {party_siren}), ou {by_mail}"
        super().__init__(f"{problem} : pour {act}, {advice}.")


class AlreadyDecided(Refusal):
    """The party's seat already carries another decision on this version."""

    def __init__(self, party: str, title: str, number: int, decision: Decision) -> None:
        super().__init__(
            f"{party} s’est déjà prononcée sur la version {number} de « {title} » ({decision.label}) : "
            "retirez d’abord cette décision, sur son reçu, pour en donner une autre."
        )


class WeakerAct(Refusal):
    """The act is weaker than the one expected (rule 5)."""

    def __init__(self, title: str, act: ActKind, expected: ActKind) -> None:
        advice = (
            "enregistrez la délibération du conseil avec ses données et son fichier"
            if expected is ActKind.deliberation
            else "faites signer l’élu, ou enregistrez son acte avec sa preuve"
        )
        super().__init__(
            f"« {title} » demande au moins : {expected.label} ; l’acte donné est : {act.label}. "
            f"Pour avancer, {advice}."
        )


class WeakerWithdrawal(Refusal):
    """What was decided by an act is taken back by an act of at least the same rank (rule 4)."""

    def __init__(self, title: str, act: ActKind, live: ActKind) -> None:
        super().__init__(
            f"« {title} » a été décidé par {live.with_article}, et {act.with_article} ne la retire pas : enregistrez "
            "l’acte de même rang qui la retire, avec son fichier (« Retirer par un acte », sur le reçu)."
        )


class NothingToWithdraw(Refusal):
    """The party has no live decision on this deliverable."""

    def __init__(self, party: str, title: str) -> None:
        super().__init__(f"{party} n’a pas de décision en cours sur « {title} » : il n’y a rien à retirer.")
