"""For which organisation does somebody act? ProConnect says, and it must be the party whose decision is written."""

from models.local_authority import siren_of
from models.person import Actor, AuthMethod
from models.sign_off import OtherOrganisation


def check_organisation(actor: Actor, party_code: str, party_name: str, deed: str) -> None:
    """Raises ``OtherOrganisation`` when ProConnect brought the actor for another organisation than this party.

    Those recognised otherwise are not concerned: nothing says for whom they came. A party whose SIREN is
    unknown is not taken on trust.
    """
    if actor.auth_method is not AuthMethod.proconnect:
        return
    expected = siren_of(party_code)
    if expected is None or actor.organisation_siren != expected:
        raise OtherOrganisation(party_name, expected, actor.organisation_siren, deed)


def by_proconnect(actor: Actor) -> dict[str, str | None]:
    """What the journal keeps of an entry by ProConnect: how sure it was, and the SIREN of the organisation."""
    if actor.auth_method is not AuthMethod.proconnect:
        return {}
    return {"acr": actor.acr, "organisation": actor.organisation_siren}
