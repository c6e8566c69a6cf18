"""Who asks: the personal token of the request, before anything of it is read. No cookie is looked at."""

import math
from datetime import UTC, datetime

from anyio import to_thread
from fastapi import Request
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from actions.access.token_holder import TokenHolder, who_holds_token
from models.api_token import ReadOnlyToken
from web.access.rate import Rate
from web.api import kinds
from web.api.problem import answer_problem
from web.refusals import Kind, kind_of
from web.site import site_of

OPEN = ("/openapi.json", "/problems")
"""What anybody may read: what the API is, and what its problems mean."""
READS = ("GET", "HEAD", "OPTIONS")


class Bearer:
    """Middleware: rejects requests without a live token (401), too frequent (429), or writing with a read-only one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not _is_open(scope):
            no = await self._check(Request(scope))
            if no is not None:
                await no(scope, receive, send)
                return
        await self._app(scope, receive, send)

    async def _check(self, request: Request) -> JSONResponse | None:
        scheme, _, secret = request.headers.get("authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer" or not secret.strip():
            return _unknown(
                kinds.NO_TOKEN,
                "Cette adresse demande un jeton : créez-en un à la page « Mes jetons », puis envoyez l’en-tête "
                "« Authorization: Bearer pp_… ».",
                "Bearer",
            )
        holder = await to_thread.run_sync(_holder, request, secret.strip())
        if holder is None:
            return _unknown(
                kinds.DEAD_TOKEN,
                "Ce jeton est inconnu, expiré ou révoqué : créez-en un autre à la page « Mes jetons ».",
                'Bearer error="invalid_token"',
            )
        return _let_in(request, holder)


def _let_in(request: Request, holder: TokenHolder) -> JSONResponse | None:
    rate: Rate = request.app.state.rate
    if seconds := rate.wait(holder.token_id):
        return answer_problem(
            kinds.TOO_MANY_REQUESTS,
            f"Ce jeton demande trop souvent : attendez {math.ceil(seconds)} s, puis espacez les demandes.",
            headers={"Retry-After": str(math.ceil(seconds))},
        )
    if request.method not in READS:
        try:
            holder.check_may_write()
        except ReadOnlyToken as refusal:
            return answer_problem(kind_of(refusal), str(refusal))
    request.state.holder = holder
    return None


def _is_open(scope: Scope) -> bool:
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    return path in OPEN or path.startswith("/problems/")


def _holder(request: Request, secret: str) -> TokenHolder | None:
    return who_holds_token(site_of(request).db, secret, now=datetime.now(UTC))


def _unknown(kind: Kind, detail: str, challenge: str) -> JSONResponse:
    return answer_problem(kind, detail, headers={"WWW-Authenticate": challenge})
