"""Who takes part in a project; the ANCT invites somebody into it."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from actions.people.invite_person import Invitation, invite_person
from models.person import LONGEST_EMAIL, LONGEST_QUALITY, ROLES_OF_A_PARTY, Actor, Role
from models.refusal import Refusal
from models.shared_project import project_refusal, refusal_if_cancelled, refusal_unless_before_follow_up
from queries.authority.read_proposal import proposals_of_project
from queries.projects.participants import ParticipantsPage, read_participants
from web.access.signed_in import OurForm
from web.pages.form_fields import Fields, TypedFields, WrongField, needed, words
from web.pages.shared_mailbox import is_shared
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter(prefix="/projets/{slug}/participants")


@router.get("", dependencies=[may(Permission.read)])
def show(visit: Visit, slug: str) -> HTMLResponse:
    """The parties, their people, the contractor, the delegations of signature."""
    return participants_page(visit, slug)


@router.get("/inviter", dependencies=[may(Permission.invite)])
def ask_whom(visit: Visit, slug: str) -> HTMLResponse:
    """The form of an invitation, which says who signs for each city today."""
    fields = {"partie": visit.request.query_params.get("partie", "")}
    return participants_page(visit, slug, "invite.html", fields=fields)


@router.post("/inviter", dependencies=[may(Permission.invite), OurForm])
def invite(visit: Visit, slug: str, fields: TypedFields) -> Response:
    """Register the person, and welcome them by mail."""
    try:
        person = visit.do(invite_person, _invitation(slug, fields))
    except Refusal as refusal:
        return participants_page(visit, slug, "invite.html", refusal=refusal, fields=fields)
    return visit.done(f"/projets/{slug}/participants", _invited(fields, person.name))


def _invited(fields: Fields, name: str) -> str:
    if fields.get("role") == Role.signatory:
        return f"{name} est proposé comme signataire : sa collectivité le confirme, et rien ne change avant."
    return f"L’invitation de {name} est enregistrée : un message de bienvenue part."


def _invitation(slug: str, fields: Fields) -> Invitation:
    role = fields.get("role", "")
    if role not in ROLES_OF_A_PARTY:
        raise WrongField("role", "Rôle", "choisissez-en un")
    email = needed(fields, "adresse", "Adresse électronique", LONGEST_EMAIL)
    return Invitation(
        slug,
        email,
        needed(fields, "nom", "Nom"),
        Role(role),
        needed(fields, "partie", "Collectivité"),
        words(fields, "qualite", "Qualité", LONGEST_QUALITY) or None,
        bool(fields.get("remplace")),
        is_shared(fields, email),
    )


def participants_page(
    visit: Visit,
    slug: str,
    template: str = "participants.html",
    *,
    refusal: Refusal | None = None,
    fields: Fields | None = None,
    **values: Any,
) -> HTMLResponse:
    """One of the pages about who takes part; after a refusal with what was typed."""
    with visit.read() as session:
        shown = read_participants(session, slug, visit.person_id, visit.now)
        waiting = proposals_of_project(session, slug, visit.actor, visit.now)
    return visit.page(
        template,
        proposals=waiting,
        refusal=refusal,
        fields=fields,
        shown=shown,
        parties=[(each.code, each.name) for each in shown.parties],
        departures=_departures(shown, visit.actor),
        **_rights(shown),
        **values,
    )


def _departures(shown: ParticipantsPage, actor: Actor) -> dict[str, Refusal | None]:
    """By code, what would be answered to the departure of each party; first, the parties that the actor acts for."""
    parties = sorted(shown.parties, key=lambda each: each.code not in shown.standing.acts_for)
    return {each.code: shown.departure_refusal(each, actor) for each in parties}


def _rights(shown: ParticipantsPage) -> dict[str, Any]:
    """Which of the acts of these pages are offered: each is asked again when it is done."""
    is_agent, acts_for, project = shown.standing.is_agent, shown.standing.acts_for, shown.header
    return {
        "may_invite": is_agent and not refusal_if_cancelled(project),
        "may_let_in": is_agent and not refusal_unless_before_follow_up(project),
        "may_accede": bool(shown.standing.observes_for) and not refusal_unless_before_follow_up(project),
        "may_appoint": is_agent and not project_refusal(project) and shown.contractor is None,
        "may_replace": is_agent and not refusal_if_cancelled(project) and shown.contractor is not None,
        "may_end_roles": is_agent or bool(acts_for),
        "may_delegate": bool(acts_for) and not refusal_if_cancelled(project),
    }
