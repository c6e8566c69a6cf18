"""Roles end: one's own from « Mon compte », others' from the participants of a project."""

from datetime import date

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from actions.people.end_role import RoleEnd, end_role
from actions.people.role_mails import RoleEnded
from models.columns import LONGEST_REASON
from models.refusal import Refusal
from models.role_rules import HeldRole, UnknownRole
from queries.access.project_access import Header, access_to_project
from queries.people.held_roles import NO_SUCH_ROLE, refusal_to_end, roles_in_project, roles_of_person
from web.access.signed_in import OurForm
from web.pages.form_fields import Fields, TypedFields, WrongField, day, needed, words
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter(prefix="/projets/{slug}/participants")
mine = APIRouter(prefix="/mon-compte/roles")
AT_ONCE, LATER = "maintenant", "plus-tard"


@mine.get("")
def ask_which_of_mine(visit: Visit) -> HTMLResponse:
    """The roles of the visitor, and the form by which they give one up."""
    return _my_page(visit)


@mine.post("", dependencies=[OurForm])
def give_up(visit: Visit, fields: TypedFields) -> Response:
    """They leave the role, at once or after a last day."""
    with visit.read() as session:
        offered = roles_of_person(session, visit.person_id, visit.now)
    try:
        ended = visit.do(end_role, _asked(fields, offered))
    except Refusal as refusal:
        return _my_page(visit, refusal, fields)
    return visit.done("/mon-compte", _said(ended))


def _my_page(visit: Visit, refusal: Refusal | None = None, fields: Fields | None = None) -> HTMLResponse:
    with visit.read() as session:
        roles = roles_of_person(session, visit.person_id, visit.now)
        refusals = [(each, refusal_to_end(session, visit.actor, each, visit.now)) for each in roles]
    return visit.page(
        "my_roles.html",
        refusal=refusal,
        fields=fields,
        roles=roles,
        offered=[role for role, why_not in refusals if why_not is None],
        refusals=[why_not for _, why_not in refusals if why_not is not None],
        at_once=AT_ONCE,
        later=LATER,
    )


@router.get("/roles", dependencies=[may(Permission.end_role)])
def ask_which(visit: Visit, slug: str) -> HTMLResponse:
    """The roles of the project that who asks may end, and the form."""
    fields = {"role": visit.request.query_params.get("role", "")}
    return _project_page(visit, slug, fields=fields)


@router.post("/roles", dependencies=[may(Permission.end_role), OurForm])
def end(visit: Visit, slug: str, fields: TypedFields) -> Response:
    """The role ends, and its holder is told at once."""
    with visit.read() as session:
        _, offered = _others_roles(session, visit, slug)
    try:
        ended = visit.do(end_role, _asked(fields, offered))
    except Refusal as refusal:
        return _project_page(visit, slug, refusal, fields)
    return visit.done(f"/projets/{slug}/participants", _said(ended))


def _project_page(
    visit: Visit, slug: str, refusal: Refusal | None = None, fields: Fields | None = None
) -> HTMLResponse:
    with visit.read() as session:
        header, roles = _others_roles(session, visit, slug)
        endable = [each for each in roles if not refusal_to_end(session, visit.actor, each, visit.now)]
    return visit.page(
        "end_role.html",
        refusal=refusal,
        fields=fields,
        header=header,
        roles=endable,
        at_once=AT_ONCE,
        later=LATER,
    )


def _others_roles(session: Session, visit: Visit, slug: str) -> tuple[Header, list[HeldRole]]:
    access = access_to_project(session, slug, visit.person_id, visit.now)
    roles = roles_in_project(session, access.project_id, visit.now)
    return access.header, [each for each in roles if each.person_id != visit.person_id]


def _asked(fields: Fields, offered: list[HeldRole]) -> RoleEnd:
    """What was filled in, of one of the roles that the page offers."""
    number = needed(fields, "role", "Rôle")
    if number not in {str(each.mandate_id) for each in offered}:
        raise UnknownRole(NO_SUCH_ROLE)
    reason = words(fields, "motif", "Motif", LONGEST_REASON)
    return RoleEnd(int(number), _last_day(fields), reason)


def _last_day(fields: Fields) -> date | None:
    if fields.get("quand") not in (AT_ONCE, LATER):
        raise WrongField(
            "quand", "Quand", "dites si le rôle prend fin tout de suite ou après un dernier jour"
        )
    return None if fields["quand"] == AT_ONCE else day(fields, "dernier-jour", "Dernier jour")


def _said(ended: RoleEnded) -> str:
    """What has been done, and what it leaves."""
    held = ended.held
    when = f"prend fin après le {ended.last_day:%d/%m/%Y}" if ended.last_day else "a pris fin"
    said = f"Le rôle de {held.person_name} ({held.label}) {when} : un message le lui dit."
    if ended.orders:
        orders = ", ".join(str(each) for each in ended.orders)
        said += f" Les délégations qu’il avait données prennent fin avec lui : {orders}."
    if ended.leaves_nobody:
        said += " Attention : personne d’autre n’a ce rôle ; invitez quelqu’un."
    return said
