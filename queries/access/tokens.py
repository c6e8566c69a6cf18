"""The personal tokens of a person."""

from sqlmodel import Session, col, select

from models.api_token import ApiToken


def list_tokens(session: Session, person_id: int) -> list[ApiToken]:
    """The tokens of a person, the newest first, those that ended among them."""
    query = select(ApiToken).where(ApiToken.person_id == person_id)
    return list(session.exec(query.order_by(col(ApiToken.id).desc())))
