"""Who may do what on the pages: the one table roles × permissions, and what asks it before each page.

The actions ask again, and more closely (whose party, which delegation, which state): what is refused here is
only what no one of that role may ever do (domain: « Who acts »).
"""

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
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
from web.dependencies import db_of

AGENT, CONTACT, SIGNATORY = Role.agency_agent, Role.local_contact, Role.signatory
CONTRACTOR, OBSERVER = Role.contractor, Role.observer
EVERY_ROLE = frozenset(Role)
THE_AGENCY = frozenset({AGENT})


class Permission(StrEnum):
    """What the pages let somebody do; ``label`` completes « vous ne pouvez pas … »."""

    create_project = "create_project"
    read = "read"
    comment = "comment"
    submit = "submit"
    sign_off = "sign_off"
    record_paper = "record_paper"
    delegate = "delegate"
    keep_commitment = "keep_commitment"
    waive_commitment = "waive_commitment"
    hold_strand = "hold_strand"
    leave = "leave"
    open_stage = "open_stage"
    sign_charter = "sign_charter"
    steer = "steer"
    remind = "remind"
    extend = "extend"
    invite = "invite"
    appoint = "appoint"
    convene = "convene"

    @property
    def label(self) -> str:
        return LABELS[self]


RIGHTS: dict[Permission, frozenset[Role]] = {
    Permission.create_project: THE_AGENCY,
    Permission.read: EVERY_ROLE,
    Permission.comment: EVERY_ROLE,
    Permission.submit: frozenset({AGENT, CONTACT, CONTRACTOR}),
    Permission.sign_off: frozenset({SIGNATORY}),
    Permission.record_paper: frozenset({AGENT, CONTACT, SIGNATORY}),
    Permission.delegate: frozenset({CONTACT, SIGNATORY}),
    Permission.keep_commitment: frozenset({AGENT, CONTACT, SIGNATORY, CONTRACTOR}),
    Permission.waive_commitment: THE_AGENCY,
    Permission.hold_strand: frozenset({CONTACT, SIGNATORY}),
    Permission.leave: frozenset({AGENT, CONTACT, SIGNATORY}),
    Permission.open_stage: THE_AGENCY,
    Permission.sign_charter: THE_AGENCY,
    Permission.steer: THE_AGENCY,
    Permission.remind: THE_AGENCY,
    Permission.extend: THE_AGENCY,
    Permission.invite: THE_AGENCY,
    Permission.appoint: THE_AGENCY,
    Permission.convene: THE_AGENCY,
}
"""An anonymous visitor has none of these rights; an outsider of the project does not even learn that it exists."""

LABELS = {
    Permission.create_project: "créer un projet",
    Permission.read: "lire ce projet",
    Permission.comment: "commenter",
    Permission.submit: "déposer un livrable",
    Permission.sign_off: "valider un livrable",
    Permission.record_paper: "enregistrer un acte pris sur papier",
    Permission.delegate: "enregistrer une délégation de signature",
    Permission.keep_commitment: "déclarer un engagement tenu",
    Permission.waive_commitment: "lever un engagement",
    Permission.hold_strand: "enregistrer un volet de concertation",
    Permission.leave: "enregistrer le départ d’une collectivité",
    Permission.open_stage: "ouvrir une étape",
    Permission.sign_charter: "signer la charte pour l’ANCT",
    Permission.steer: "mettre en pause, reprendre ou annuler le projet",
    Permission.remind: "envoyer un rappel",
    Permission.extend: "reporter une échéance",
    Permission.invite: "inviter quelqu’un",
    Permission.appoint: "désigner le prestataire",
    Permission.convene: "convoquer une réunion",
}


class NotYours(Refusal):
    """Nobody who only has the person's roles may do it; ``permission`` is what they asked for."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission
        who = listing([f"« {role.label} »" for role in Role if role in RIGHTS[permission]])
        super().__init__(
            f"Vous ne pouvez pas {permission.label} dans ce projet : il y faut le rôle {who.replace(' et ', ' ou ')}. "
            "Si ce devrait être le vôtre, écrivez à l’agent de l’ANCT qui conduit le projet."
        )


def may(permission: Permission) -> Any:
    """For a page's ``dependencies``: who is signed in holds a role that may do it, in the project it is about.

    The project is that of ``slug`` in the address, or of its ``sign_off_id``. Raises ``NeedsSignIn``,
    ``NotVisible`` for an outsider, ``NotYours``.
    """

    def check(request: Request, who: Visitor) -> None:
        now = datetime.now(UTC)
        with db_of(request).read() as session:
            roles = _roles(session, request, who.person_id, now)
        if not roles & RIGHTS[permission]:
            raise NotYours(permission)

    check.permission = permission  # type: ignore[attr-defined]
    return Depends(check)


def permission_of(check: Callable[..., Any]) -> Permission | None:
    """The permission that a dependency asks for, if it is one of ``may``."""
    return getattr(check, "permission", None)


def _roles(session: Session, request: Request, person_id: int, now: datetime) -> frozenset[Role]:
    connection = session.connection()
    if not {"slug", "sign_off_id"} & set(request.path_params):
        held = standings(connection, person_id, now).values()
        return frozenset(role for each in held for role in each.roles) | _everywhere(session, person_id, now)
    if not str(request.path_params.get("slug", "")).isprintable():
        raise NotVisible  # PostgreSQL refuses to look for some characters
    project_id = connection.execute(_project_of(request)).scalar()
    if project_id is None:
        raise NotVisible
    return require_standing(connection, person_id, project_id, now).roles


def _everywhere(session: Session, person_id: int, now: datetime) -> frozenset[Role]:
    """An agent of the ANCT is one before there is any project."""
    return THE_AGENCY if has_role(session, person_id, AGENT, now) else frozenset()


def _project_of(request: Request) -> sa.Select[tuple[int]]:
    if "slug" in request.path_params:
        return sa.select(PROJECT.c.id).where(PROJECT.c.slug == request.path_params["slug"])
    of_sign_off = sa.select(STAGE.c.project_id).join(DELIVERABLE, DELIVERABLE.c.stage_id == STAGE.c.id)
    joined = of_sign_off.join(SIGN_OFF, SIGN_OFF.c.deliverable_id == DELIVERABLE.c.id)
    number = str(request.path_params["sign_off_id"])
    return joined.where(SIGN_OFF.c.id == (int(number) if number.isdecimal() and len(number) < 16 else 0))
