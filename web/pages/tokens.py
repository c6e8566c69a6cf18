"""« Mes jetons »: what lets programs act in my name; each is shown once, when it is made, and revoked in one click."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from actions.access.sign_in import SignedIn
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
from web.access.signed_in import OurForm, Visitor
from web.dependencies import db_of, public_url_of
from web.pages.addresses import Number
from web.pages.rendering import done, page

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
def show_tokens(request: Request, who: Visitor) -> HTMLResponse:
    """The live ones, those that ended, and the form of a new one."""
    return _shown(request, who)


@router.post("", dependencies=[OurForm])
def create(
    request: Request,
    who: Visitor,
    name: Annotated[str, Form(alias="nom")] = "",
    duration: Annotated[str, Form(alias="duree")] = str(DEFAULT_DAYS),
    rights: Annotated[str, Form(alias="droits")] = READS,
) -> HTMLResponse:
    """Make one. The page itself shows its secret: in no address, no cookie, no log; nobody shows it again."""
    fields = {"nom": name, "duree": duration, "droits": rights}
    try:
        days = int(duration) if duration.isdecimal() and len(duration) < 4 else 0
        token = TokenRequest(name, days, is_read_only=rights != WRITES)
        made = create_token(db_of(request), who.actor, token, now=datetime.now(UTC))
    except Refusal as refusal:
        return _shown(request, who, refusal=refusal, fields=fields)
    return _shown(request, who, made=made)


@router.post("/{token_id}/fin", dependencies=[OurForm])
def revoke(request: Request, who: Visitor, token_id: Number) -> Response:
    """End one at once."""
    revocation = Revocation(who.person_id, token_id)
    token = revoke_token(db_of(request), who.actor, revocation, now=datetime.now(UTC))
    return done(request, HERE, f"Le jeton « {token.name} » est révoqué : il n’ouvre plus rien.")


@router.post("/fin", dependencies=[OurForm])
def revoke_all(request: Request, who: Visitor) -> Response:
    """End them all: a computer was lost, or their places are forgotten."""
    count = revoke_all_tokens(db_of(request), who.actor, person_id=who.person_id, now=datetime.now(UTC))
    sentence = "Le jeton est révoqué" if count == 1 else f"{count} jetons sont révoqués"
    return done(request, HERE, f"{sentence} : plus aucun programme n’agit en votre nom.")


def _shown(
    request: Request,
    who: SignedIn,
    *,
    made: NewToken | None = None,
    refusal: Refusal | None = None,
    fields: dict[str, str] | None = None,
) -> HTMLResponse:
    now = datetime.now(UTC)
    with db_of(request).read() as session:
        tokens = list_tokens(session, who.person_id)
    return page(
        request,
        "tokens.html",
        refusal=refusal,
        fields=fields,
        live=[each for each in tokens if each.is_live(now)],
        ended=[each for each in tokens if not each.is_live(now)],
        made=made,
        lives=LIVES,
        rights=RIGHTS,
        default=DEFAULT_DAYS,
        address=public_url_of(request) + "/api/v1/me",
    )
