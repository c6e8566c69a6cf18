"""What ProConnect tells of somebody, and why nobody enters through it."""

from dataclasses import dataclass, field

from models.refusal import Refusal

OR_BY_MAIL = "ou demandez un lien par courriel"


@dataclass(frozen=True, slots=True)
class ProvenPerson:
    """Somebody as ProConnect proved them: their ``name`` there, ``email`` in lower case, ``siret`` (14 digits) of
    their organisation, ``acr`` how sure it is, ``id_token`` what it signed of their session."""

    name: str
    email: str
    siret: str | None
    acr: str | None
    id_token: str = field(repr=False)


class ProviderAway(Refusal):
    """ProConnect cannot be reached, or does not work."""

    sentence = f"ProConnect ne répond pas pour l’instant : réessayez dans quelques minutes, {OR_BY_MAIL}."


class RequestNotAccepted(Refusal):
    """ProConnect says no to us: a setting of ours, or of our declaration there. ``error`` is its word for it."""

    def __init__(self, error: str) -> None:
        super().__init__(
            f"ProConnect n’a pas accepté la demande de ce site ({error}) : demandez un lien par courriel, "
            "et signalez-le à l’ANCT."
        )


class EntryDeclined(Refusal):
    """The person said no on ProConnect's pages, or turned back."""

    sentence = f"La connexion par ProConnect n’a pas été menée à son terme : recommencez-la, {OR_BY_MAIL}."


class TryOver(Refusal):
    """The try is not this browser's, has served, or is too old."""

    sentence = (
        "Cette tentative de connexion ne sert plus : elle a déjà servi, ses dix minutes sont passées, "
        f"ou elle a commencé dans un autre navigateur. Recommencez-la, {OR_BY_MAIL}."
    )


class NotTrusted(Refusal):
    """What came back is not what ProConnect signed for us, now, about this try. ``why`` is for the log."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(
            "La réponse de ProConnect n’a pas pu être vérifiée, et personne n’a été connecté : recommencez, "
            f"{OR_BY_MAIL} ; si cela se répète, signalez-le à l’ANCT."
        )


class TooWeakProof(Refusal):
    """ProConnect is less sure of the person than this site asks."""

    sentence = (
        "Votre compte ProConnect ne donne pas le niveau de garantie demandé ici : activez-y la double "
        f"authentification, {OR_BY_MAIL}."
    )


class UnknownToUs(Refusal):
    """Nobody is registered under the address of this account."""

    def __init__(self, name: str, email: str) -> None:
        who = f"{name}, {email}" if name else email
        super().__init__(
            f"ProConnect vous a reconnu ({who}), mais personne n’est inscrit ici sous cette adresse : "
            f"demandez à l’ANCT de vous y inviter, {OR_BY_MAIL} à l’adresse où vous recevez les messages du projet."
        )
