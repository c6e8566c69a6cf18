"""Who may do what on the pages: the one table roles × permissions, and what asks it before each page.

The actions ask again, and more closely (whose party, which delegation, which state): what is refused here is
only what no one of that role may ever do (docs/rules.md, « Who acts »). Signing off, and taking a sign-off back, have
no line: who may not do so hears the action's own refusal, the same on every path.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from fastapi import Depends, Request
from sqlmodel import Session

from models.person import Role
from models.refusal import Refusal
from models.tables import DELIVERABLE, PROJECT, SIGN_OFF, STAGE
from notifications.typography import listing
from queries.access.project_access import NotVisible, require_standing
from queries.access.rights import has_role
from queries.access.standing import standings
from web.access.signed_in import Visitor
from web.site import site_of

AGENT, CONTACT, SIGNATORY = Role.agency_agent, Role.local_contact, Role.signatory
CONTRACTOR, OBSERVER = Role.contractor, Role.observer
EVERY_ROLE = frozenset(Role)
THE_AGENCY = frozenset({AGENT})


class Permission(Enum):
    """What the pages let somebody do: ``label`` completes « vous ne pouvez pas … », and the ``roles`` that may.

    An anonymous visitor has none of these rights; an outsider of the project does not even learn that it exists.
    """

    create_project = "créer un projet", THE_AGENCY
    read_register = "lire le registre", THE_AGENCY
    read = "lire ce projet", EVERY_ROLE
    comment = "commenter", EVERY_ROLE
    submit = "déposer un livrable", frozenset({AGENT, CONTACT, CONTRACTOR})
    object_to_revision = "vous opposer à une révision mineure", frozenset({SIGNATORY})
    record_paper = "enregistrer un acte pris sur papier", frozenset({AGENT, CONTACT, SIGNATORY})
    delegate = "enregistrer une délégation de signature", frozenset({CONTACT, SIGNATORY})
    keep_commitment = "déclarer un engagement tenu", frozenset({AGENT, CONTACT, SIGNATORY, CONTRACTOR})
    waive_commitment = "lever un engagement", THE_AGENCY
    hold_strand = "enregistrer un volet de concertation", frozenset({CONTACT, SIGNATORY})
    leave = "proposer le départ d’une collectivité", frozenset({CONTACT, SIGNATORY, OBSERVER})
    accede = (
        "proposer qu’une collectivité devienne signataire ou adhère à la charte",
        frozenset({AGENT, CONTACT, SIGNATORY, OBSERVER}),
    )
    open_stage = "ouvrir une étape", THE_AGENCY
    sign_charter = "signer la charte pour l’ANCT", THE_AGENCY
    steer = "mettre en pause, reprendre ou annuler le projet", THE_AGENCY
    remind = "envoyer un rappel", THE_AGENCY
    extend = "reporter une échéance", THE_AGENCY
    invite = "inviter quelqu’un", THE_AGENCY
    name_holder = "nommer un maire ou président", frozenset({AGENT, CONTACT, SIGNATORY})
    hand_over = "préparer une passation", THE_AGENCY
    end_role = "mettre fin à un rôle", frozenset({AGENT, CONTACT, SIGNATORY})
    correct_name = "corriger le nom de quelqu’un", THE_AGENCY
    move_person = "proposer une autre adresse pour quelqu’un", frozenset({AGENT, CONTACT, SIGNATORY})
    appoint = "désigner le prestataire", THE_AGENCY
    convene = "convoquer une réunion", THE_AGENCY

    def __init__(self, label: str, roles: frozenset[Role]) -> None:
        self.label, self.roles = label, roles


OF_NO_PROJECT = frozenset({Permission.create_project, Permission.read_register})
"""What is not done in a project."""


class NotYours(Refusal):
    """Nobody who only has the person's roles may do it; ``who`` are the roles that may."""

    def __init__(self, permission: Permission) -> None:
        who = listing([f"« {role.label} »" for role in Role if role in permission.roles])
        self.who = who.replace(" et ", " ou ")
        where, whom = " dans ce projet", "l’agent de l’ANCT qui conduit le projet"
        if permission in OF_NO_PROJECT:
            where, whom = "", "l’ANCT"
        super().__init__(
            f"Vous ne pouvez pas {permission.label}{where} : il y faut le rôle {self.who}. "
            f"Si ce devrait être le vôtre, écrivez à {whom}."
        )


def may(permission: Permission) -> Any:
    """For a page's ``dependencies``: who is signed in holds a role that may do it, in the project it is about.

    The project is that of ``slug`` in the address, or of its ``sign_off_id``. Raises ``NeedsSignIn``,
    ``NotVisible`` for an outsider, ``NotYours``.
    """

    def check(request: Request, who: Visitor) -> None:
        now = datetime.now(UTC)
        with site_of(request).db.read() as session:
            roles = _roles(session, request, who.person_id, now)
        if not roles & permission.roles:
            raise NotYours(permission)

    check.permission = permission  # type: ignore[attr-defined]
    return Depends(check)


def permission_of(check: Callable[..., Any]) -> Permission | None:
    """The permission that a dependency asks for, if it is one of ``may``."""
    return getattr(check, "permission", None)


def _roles(session: Session, request: Request, person_id: int, now: datetime) -> frozenset[Role]:
    connection = session.connection()
    if not {"slug", "sign_off_id"} & set(request.path_params):
        roles = {role for each in standings(connection, person_id, now).values() for role in each.roles}
        # An agent of the ANCT is one before there is any project.
        return frozenset(roles | ({AGENT} if has_role(session, person_id, AGENT, now) else set()))
    if not str(request.path_params.get("slug", "")).isprintable():
        raise NotVisible  # PostgreSQL refuses to look for some characters
    project_id = connection.execute(_project_of(request)).scalar()
    if project_id is None:
        raise NotVisible
    return require_standing(connection, person_id, project_id, now).roles


def _project_of(request: Request) -> sa.Select[int]:
    if "slug" in request.path_params:
        return sa.select(PROJECT.c.id).where(PROJECT.c.slug == request.path_params["slug"])
    of_sign_off = sa.select(STAGE.c.project_id).join(DELIVERABLE, DELIVERABLE.c.stage_id == STAGE.c.id)
    joined = of_sign_off.join(SIGN_OFF, SIGN_OFF.c.deliverable_id == DELIVERABLE.c.id)
    number = str(request.path_params["sign_off_id"])
    return joined.where(SIGN_OFF.c.id == (int(number) if number.isdecimal() and len(number) < 16 else 0))
