"""« Mes jetons »: what lets programs act in my name; each is shown once, when it is made, and revoked in one click."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import HTMLResponse, Response

from actions.access.tokens import (
    NewToken,
    Revocation,
    TokenRequest,
    create_token,
    revoke_all_tokens,
    revoke_token,
)
from models.api_token import DEFAULT_DAYS, LONGEST_DAYS
from models.refusal import Refusal
from queries.access.tokens import list_tokens
from web.access.signed_in import OurForm
from web.pages.addresses import Number
from web.visit import Visit

router = APIRouter(prefix="/mes-jetons")
HERE = "/mes-jetons"
READS, WRITES = "lecture", "ecriture"
LIVES = (
    (30, "30 jours"),
    (DEFAULT_DAYS, f"{DEFAULT_DAYS} jours"),
    (180, "6 mois"),
    (LONGEST_DAYS - 1, "un an"),
)
RIGHTS = (
    (
        READS,
        "Lire seulement",
        "Ce que vous voyez, et rien d’autre : pour un tableau de bord, une sauvegarde.",
    ),
    (WRITES, "Lire et écrire", "Tout ce que vous pouvez faire ici, signer compris si vous le pouvez."),
)


@router.get("")
def show_tokens(visit: Visit) -> HTMLResponse:
    """The live ones, those that ended, and the form of a new one."""
    return _shown(visit)


@router.post("", dependencies=[OurForm])
def create(
    visit: Visit,
    name: Annotated[str, Form(alias="nom")] = "",
    duration: Annotated[str, Form(alias="duree")] = str(DEFAULT_DAYS),
    rights: Annotated[str, Form(alias="droits")] = READS,
) -> HTMLResponse:
    """Make one. The page itself shows its secret: in no address, no cookie, no log; nobody shows it again."""
    fields = {"nom": name, "duree": duration, "droits": rights}
    try:
        days = int(duration) if duration.isdecimal() and len(duration) < 4 else 0
        made = visit.do(create_token, TokenRequest(name, days, is_read_only=rights != WRITES))
    except Refusal as refusal:
        return _shown(visit, refusal=refusal, fields=fields)
    return _shown(visit, made=made)


@router.post("/{token_id}/fin", dependencies=[OurForm])
def revoke(visit: Visit, token_id: Number) -> Response:
    """End one at once."""
    token = visit.do(revoke_token, Revocation(visit.person_id, token_id))
    return visit.done(HERE, f"Le jeton « {token.name} » est révoqué : il n’ouvre plus rien.")


@router.post("/fin", dependencies=[OurForm])
def revoke_all(visit: Visit) -> Response:
    """End them all: a computer was lost, or their places are forgotten."""
    count = revoke_all_tokens(visit.site.db, visit.actor, person_id=visit.person_id, now=visit.now)
    sentence = "Le jeton est révoqué" if count == 1 else f"{count} jetons sont révoqués"
    return visit.done(HERE, f"{sentence} : plus aucun programme n’agit en votre nom.")


def _shown(
    visit: Visit,
    *,
    made: NewToken | None = None,
    refusal: Refusal | None = None,
    fields: dict[str, str] | None = None,
) -> HTMLResponse:
    now = visit.now
    with visit.read() as session:
        tokens = list_tokens(session, visit.person_id)
    return visit.page(
        "tokens.html",
        refusal=refusal,
        fields=fields,
        live=[each for each in tokens if each.is_live(now)],
        ended=[each for each in tokens if not each.is_live(now)],
        made=made,
        lives=LIVES,
        rights=RIGHTS,
        default=DEFAULT_DAYS,
        address=visit.site.public_url + "/api/v1/me",
    )
