"""The journal of a project, as « audit log » gives it: each fact, who did it, how they were recognised."""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import Field
from sqlmodel import col, select

from models.person import AuthMethod, Person
from queries.ledger.verify_journal import count_entries, read_journal
from web.api.bearer import Caller
from web.api.declared import A_PAGE, PAGED, Instant, Page, Shown, Slug, link_pages, problems
from web.api.sight import look_at
from web.dependencies import db_of

router = APIRouter(prefix="/projects/{slug}/journal", tags=["Journal"])


class EntryShown(Shown):
    """One fact; its hash holds the one before, so that nothing is changed unseen."""

    seq: int
    at: Instant
    event: str = Field(examples=["sign_off.recorded"])
    actor: str | None = Field(description="Qui ; vide pour le système.")
    actor_id: int | None
    auth_method: AuthMethod = Field(description="Comment cette personne a été reconnue.")
    party: str | None = Field(description="Pour quelle collectivité.")
    payload: dict[str, Any]
    hash: str


@router.get("", operation_id="read_journal", summary="Le journal", responses=problems(404, 422) | PAGED)
def read(
    request: Request, response: Response, caller: Caller, slug: Slug, page: Page = 1
) -> list[EntryShown]:
    """Les faits du projet, du plus ancien au plus récent."""
    project = look_at(request, caller, slug).project
    with db_of(request).read() as session:
        entries = read_journal(session, project, after=(page - 1) * A_PAGE, most=A_PAGE)
        found = count_entries(session, project)
        actors = {each.actor_id for each in entries if each.actor_id}
        people = session.exec(select(Person.id, Person.name).where(col(Person.id).in_(actors)))
        names = dict(people.all())
    link_pages(request, response, page, found)
    return [
        EntryShown(
            seq=each.seq,
            at=each.at,
            event=each.event,
            actor=names.get(each.actor_id),
            actor_id=each.actor_id,
            auth_method=each.auth_method,
            party=each.party_code,
            payload=each.payload,
            hash=each.hash,
        )
        for each in entries
    ]
