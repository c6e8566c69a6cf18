"""What concerns somebody as a whole: the projects that their name or address touches, who watches over them."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session

from models.person import Actor, ActorOrSystem, AuthMethod, Role
from models.tables import PROJECT
from queries.access.rights import has_role
from queries.access.standing import standings, standings_of_concern
from queries.people.held_roles import roles_of_person, watchers_of


def projects_of_concern(session: Session, person_id: int, now: datetime) -> list[int]:
    """The projects where somebody has a role; of an agent of the ANCT, those in their charge."""
    return sorted(standings_of_concern(session.connection(), person_id, now))


def is_reached_by_agent(session: Session, actor: Actor, person_id: int, now: datetime) -> bool:
    """Is the actor an agent of the ANCT in every project, or in one where this person has a role?"""
    projects: list[int | None] = [None, *standings(session.connection(), person_id, now)]
    return any(
        has_role(session, actor.person_id, Role.agency_agent, now, project_id=each) for each in projects
    )


def may_know(session: Session, actor: ActorOrSystem, person_id: int, now: datetime) -> bool:
    """May the actor be told who this person is? Themselves, an agent who reaches them, who shares a project with them,
    and the operator, at the command line."""
    if not isinstance(actor, Actor) or actor.auth_method is AuthMethod.command_line:
        return True
    if actor.person_id == person_id or is_reached_by_agent(session, actor, person_id, now):
        return True
    connection = session.connection()
    mine = standings(connection, actor.person_id, now)
    return bool(mine.keys() & standings(connection, person_id, now).keys())


def watchers_of_person(session: Session, person_id: int, touched: Sequence[int], now: datetime) -> list[int]:
    """Who is told what happens to somebody: the agents in charge of these projects, and for each of their roles the
    contacts and the office holder of the city, the contacts of the contractor, the other agents."""
    in_charge = sa.select(PROJECT.c.agency_agent_id).where(
        PROJECT.c.id.in_(touched), PROJECT.c.agency_agent_id.is_not(None)
    )
    people = list(session.connection().execute(in_charge.order_by(PROJECT.c.id)).scalars())
    for held in roles_of_person(session, person_id, now):
        people += watchers_of(session, held, [each for each in touched if held.is_held_in(each)], now)
    return list(dict.fromkeys(people))
