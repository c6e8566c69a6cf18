"""An agent of the ANCT steers a project: pauses it, resumes it, cancels it, takes charge of it."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from actions.access.sign_in import SignedIn
from actions.projects.change_project_status import StatusChange, change_project_status
from actions.projects.take_charge import take_charge
from models.columns import LONGEST_REASON
from models.refusal import Refusal
from web.access.signed_in import OurForm, Visitor
from web.dependencies import db_of
from web.pages.form_fields import Fields, TypedFields, needed
from web.pages.project import project_page
from web.pages.rendering import done
from web.rights import Permission, may

router = APIRouter(prefix="/projets/{slug}", dependencies=[may(Permission.steer), OurForm])

DONE = {
    "pause": "Le projet est en pause : plus aucun rappel ne part, et chacun en est prévenu.",
    "resume": "Le projet reprend : les rappels repartent, et chacun en est prévenu.",
    "cancel": "Le projet est annulé, et chacun en est prévenu.",
}


class NotSure(Refusal):
    """A cancelled project does not come back: the agent says that they know."""

    sentence = (
        "Un projet annulé ne se rouvre pas : cochez la case qui dit que vous le savez, ou mettez-le en pause."
    )


@router.post("/pause")
def pause(request: Request, slug: str, who: Visitor, fields: TypedFields) -> Response:
    """Stop the clock of the project, with a reason."""
    return _change(request, slug, who, fields, "pause")


@router.post("/reprise")
def resume(request: Request, slug: str, who: Visitor, fields: TypedFields) -> Response:
    """Go on where it stopped."""
    return _change(request, slug, who, fields, "resume")


@router.post("/annulation")
def cancel(request: Request, slug: str, who: Visitor, fields: TypedFields) -> Response:
    """End it before its end; it cannot be undone, which the form has the agent say."""
    return _change(request, slug, who, fields, "cancel")


@router.post("/prise-en-charge")
def take(request: Request, slug: str, who: Visitor) -> Response:
    """Mails about the project go out in the agent's name, and answers come to them."""
    try:
        take_charge(db_of(request), who.actor, slug, now=datetime.now(UTC))
    except Refusal as refusal:
        return project_page(request, slug, who, refusal=refusal)
    return done(request, f"/projets/{slug}", "Vous avez maintenant la charge de ce projet.")


def _change(request: Request, slug: str, who: SignedIn, fields: Fields, event: str) -> Response:
    try:
        if event == "cancel" and not fields.get("certain"):
            raise NotSure
        reason = needed(fields, f"motif-{event}", "Motif", LONGEST_REASON)
        change = StatusChange(slug, event, reason)
        change_project_status(db_of(request), who.actor, change, now=datetime.now(UTC))
    except Refusal as refusal:
        return project_page(request, slug, who, refusal=refusal, fields=fields, unfolded=event)
    return done(request, f"/projets/{slug}", DONE[event])
