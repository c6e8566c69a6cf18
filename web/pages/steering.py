"""An agent of the ANCT steers a project: pauses it, resumes it, cancels it, takes charge of it."""

from fastapi import APIRouter
from fastapi.responses import Response

from actions.projects.change_project_status import StatusChange, change_project_status
from actions.projects.take_charge import take_charge
from models.columns import LONGEST_REASON
from models.refusal import Refusal
from web.access.signed_in import OurForm
from web.pages.form_fields import Fields, TypedFields, needed
from web.pages.project import project_page
from web.rights import Permission, may
from web.visit import Visit

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
def pause(visit: Visit, slug: str, fields: TypedFields) -> Response:
    """Stop the clock of the project, with a reason."""
    return _change(visit, slug, fields, "pause")


@router.post("/reprise")
def resume(visit: Visit, slug: str, fields: TypedFields) -> Response:
    """Go on where it stopped."""
    return _change(visit, slug, fields, "resume")


@router.post("/annulation")
def cancel(visit: Visit, slug: str, fields: TypedFields) -> Response:
    """End it before its end; it cannot be undone, which the form has the agent say."""
    return _change(visit, slug, fields, "cancel")


@router.post("/prise-en-charge")
def take(visit: Visit, slug: str) -> Response:
    """Mails about the project go out in the agent's name, and answers come to them."""
    try:
        visit.do(take_charge, slug)
    except Refusal as refusal:
        return project_page(visit, slug, refusal=refusal)
    return visit.done(f"/projets/{slug}", "Vous avez maintenant la charge de ce projet.")


def _change(visit: Visit, slug: str, fields: Fields, event: str) -> Response:
    try:
        if event == "cancel" and not fields.get("certain"):
            raise NotSure
        reason = needed(fields, f"motif-{event}", "Motif", LONGEST_REASON)
        visit.do(change_project_status, StatusChange(slug, event, reason))
    except Refusal as refusal:
        return project_page(visit, slug, refusal=refusal, fields=fields, unfolded=event)
    return visit.done(f"/projets/{slug}", DONE[event])
