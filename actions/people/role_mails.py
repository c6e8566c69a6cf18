"""The mails of a role that ends: to who held it, to their city or firm, to the ANCT. No preference silences them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, select

from actions.mail.message_values import iso
from actions.mail.notify import tell
from models.person import Actor
from models.role_rules import HeldRole
from models.shared_project import SharedProject
from models.subject import Subject
from queries.people.held_roles import OrderOfOffice, watchers_of


@dataclass(frozen=True, slots=True)
class RoleEnded:
    """A role, the first instant without it, its last day (none: at once), and why it ends.

    It leaves ``leaves_nobody`` in this role in some project; the ``orders`` end with it.
    """

    held: HeldRole
    until: datetime
    last_day: date | None
    reason: str
    leaves_nobody: bool
    orders: tuple[OrderOfOffice, ...]


def tell_role_end(
    session: Session, actor: Actor, ended: RoleEnded, touched: Sequence[int], now: datetime
) -> None:
    """Owe the mails of a role that ends in the projects it touches. Does not commit."""
    held = ended.held
    projects = list(
        session.exec(
            select(SharedProject).where(col(SharedProject.id).in_(touched)).order_by(col(SharedProject.id))
        )
    )
    values: dict[str, Any] = {
        "role_label": held.label,
        "last_day": iso(ended.last_day),
        "reason": ended.reason or None,
        "ended_by": None if actor.person_id == held.person_id else actor.name,
        "projects": [each.title for each in projects],
        "orders": [str(each) for each in ended.orders],
    }
    about = Subject.of("mandate", held.mandate_id, ended.until.isoformat())
    project = projects[0] if len(projects) == 1 else None
    here = f"/projets/{projects[0].slug}/participants" if projects else "/projets"
    tell(session, [held.person_id], "role_ended_for_holder", about, now, project=project, path="/mon-compte",
         **values)  # fmt: skip
    watchers = watchers_of(session, held, touched, now) + [each.delegate_id for each in ended.orders]
    others = [each for each in watchers if each not in (held.person_id, actor.person_id)]
    tell(session, others, "role_ended_for_others", about, now, project=project, path=here,
         person_name=held.person_name, leaves_nobody=ended.leaves_nobody, **values)  # fmt: skip
