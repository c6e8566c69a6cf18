"""``/healthz`` and ``/readyz``: what a monitor asks. No session, no secret, nothing that changes anything."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from models.refusal import typeset
from queries.system.machinery import DATABASE, SENTENCES, Machinery, Part
from web.site import site_of

router = APIRouter()
SECONDS_TO_ANSWER = 5
_threads = ThreadPoolExecutor(4, thread_name_prefix="readyz")
"""Of their own: pages that wait for a database that hangs must not keep a monitor waiting too."""


@router.get("/healthz")
async def is_alive() -> JSONResponse:
    """200 as long as the process answers, whatever the state of the rest."""
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
async def is_ready(request: Request) -> JSONResponse:
    """200 while database, engine and periodic rounds are well; else 503, with what is not."""
    looked = asyncio.get_running_loop().run_in_executor(_threads, site_of(request).machinery)
    try:
        machinery = await asyncio.wait_for(looked, SECONDS_TO_ANSWER)
    except TimeoutError:  # only a database that hangs takes so long
        machinery = Machinery((Part(DATABASE, typeset(SENTENCES[DATABASE])),))
    return JSONResponse(shown(machinery), 200 if machinery.is_well else 503)


def shown(machinery: Machinery) -> dict[str, object]:
    """``not_well`` names what is wrong; ``parts`` says it of each, in French, with its last date (ISO 8601, UTC)."""
    return {
        "ready": machinery.is_well,
        "not_well": [part.name for part in machinery.not_well],
        "parts": {
            part.name: {
                "well": part.is_well,
                "text": part.text or None,
                "last_at": part.last_at.isoformat() if part.last_at else None,
            }
            for part in machinery.parts
        },
    }
