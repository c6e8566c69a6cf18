"""The objections to a minor revision, by the same rules as a click."""

from pydantic import Field

from actions.deliverables.object_to_revision import Objection, object_to_revision
from models.answer_shapes import RevisionObjected
from web.api.caller import Caller
from web.api.places import Place
from web.api.router import ApiRouter
from web.api.tags import Tag
from web.api.values import Asked, Code

router = ApiRouter(
    prefix="/projects/{slug}/stages/{stage}/deliverables/{key}/objections", tags=[Tag.deliverables]
)


class ObjectionMade(Asked):
    """For which party somebody objects."""

    party: Code
    deliverable_party: Code | None = Field(
        default=None, description="La ville dont c’est le livrable, si ce n’est pas celle qui s’oppose."
    )


@router.writes("", "object_to_revision", "S’opposer à une révision mineure")
def object_to_it(caller: Caller, place: Place, made: ObjectionMade) -> RevisionObjected:
    """Par qui pourrait signer pour une collectivité qui s’était prononcée, dans les cinq jours ouvrés.

    La révision devient une nouvelle version comme les autres : les validations données sur l’ancien texte tombent.
    Redite par la même personne, c’est la même objection.
    """
    slug, stage, key = place.slug, place.stage, place.key
    objection = Objection(slug, stage, key, made.party, made.deliverable_party)
    version = caller.act_in(slug, object_to_revision, objection)
    return RevisionObjected.of(version, slug, stage, key, made.party)
