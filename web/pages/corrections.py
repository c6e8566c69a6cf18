"""Names and addresses of others are corrected: a name by the ANCT, an address by two keys (rule 11)."""

from collections.abc import Callable

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from actions.people.correct_name import NameCorrection, correct_name
from actions.people.move_person import Move, move_person, refusal_to_move
from models.refusal import Refusal
from models.role_rules import HeldRole, UnknownRole
from queries.access.project_access import Header, access_to_project
from queries.ledger.find import find_person, shared_addresses
from queries.people.held_roles import NO_SUCH_ROLE, roles_in_project
from web.access.signed_in import OurForm
from web.pages.form_fields import Fields, TypedFields, needed
from web.rights import Permission, may
from web.visit import Visit

router = APIRouter(prefix="/projets/{slug}/participants")


People = list[tuple[str, str]]
"""Their addresses, with their names where they share them, and how they are shown."""
Offered = Callable[[Session, Visit, str], tuple[Header, People]]


@router.get("/noms", dependencies=[may(Permission.correct_name)])
def ask_whose_name(visit: Visit, slug: str) -> HTMLResponse:
    """The form by which the ANCT corrects the name of somebody of the project."""
    return _page(visit, slug, "names.html", _people)


@router.post("/noms", dependencies=[may(Permission.correct_name), OurForm])
def correct(visit: Visit, slug: str, fields: TypedFields) -> Response:
    """The name is written otherwise from now on; what was signed keeps the former one."""
    try:
        email = _chosen(visit, slug, _people, fields)
        person = visit.do(correct_name, NameCorrection(email, needed(fields, "nom", "Nom")))
    except Refusal as refusal:
        return _page(visit, slug, "names.html", _people, refusal, fields)
    sentence = f"C’est noté : {person.name}. Un message le lui dit, ainsi qu’à sa collectivité."
    return visit.done(f"/projets/{slug}/participants", sentence)


@router.get("/adresses", dependencies=[may(Permission.move_person)])
def ask_whose_address(visit: Visit, slug: str) -> HTMLResponse:
    """The form by which another address is proposed for somebody whose mailbox answers no more."""
    return _page(visit, slug, "addresses.html", _movable)


@router.post("/adresses", dependencies=[may(Permission.move_person), OurForm])
def move(visit: Visit, slug: str, fields: TypedFields) -> Response:
    """It is proposed; the other side confirms it, and the old mailbox is told at once."""
    try:
        email = _chosen(visit, slug, _movable, fields)
        proposal = visit.do(move_person, Move(email, needed(fields, "adresse", "Nouvelle adresse")))
    except Refusal as refusal:
        return _page(visit, slug, "addresses.html", _movable, refusal, fields)
    sentence = "C’est proposé : rien ne change avant la confirmation. L’ancienne adresse en est prévenue."
    return visit.done(f"/confirmations/{proposal.id}", sentence)


def _page(
    visit: Visit,
    slug: str,
    template: str,
    offered: Offered,
    refusal: Refusal | None = None,
    fields: Fields | None = None,
) -> HTMLResponse:
    with visit.read() as session:
        header, people = offered(session, visit, slug)
    return visit.page(template, refusal=refusal, fields=fields, header=header, people=people)


def _people(session: Session, visit: Visit, slug: str) -> tuple[Header, People]:
    """Those who have a role in the project."""
    access = access_to_project(session, slug, visit.person_id, visit.now)
    roles = roles_in_project(session, access.project_id, visit.now)
    shared = shared_addresses(session, (each.person_email for each in roles))
    named = {_written(each, shared): f"{each.person_name} ({each.label})" for each in reversed(roles)}
    return access.header, list(reversed(named.items()))


def _written(held: HeldRole, shared: set[str]) -> str:
    email = held.person_email
    return f"{held.person_name} <{email}>" if email in shared else email


def _movable(session: Session, visit: Visit, slug: str) -> tuple[Header, People]:
    """Those for whom the visitor may propose another address."""
    header, people = _people(session, visit, slug)
    return header, [
        (email, name)
        for email, name in people
        if not refusal_to_move(session, visit.actor, find_person(session, email), visit.now)
    ]


def _chosen(visit: Visit, slug: str, offered: Offered, fields: Fields) -> str:
    """The address of the person chosen among those that the page offers."""
    with visit.read() as session:
        _, people = offered(session, visit, slug)
    email = needed(fields, "personne", "Personne")
    if email not in dict(people):
        raise UnknownRole(NO_SUCH_ROLE)
    return email
