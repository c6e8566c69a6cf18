"""One request for a page, as the page sees it: who asks, what the site is made with, and how to answer."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlmodel import Session

from actions.access.sign_in import SignedIn
from actions.ledger.action import Action, RequestT, ResultT
from models.paris_time import paris_day
from models.person import Actor
from models.person_name import OtherName
from models.refusal import Refusal
from web.access.drafts import TAKES_UP, author_word
from web.access.signed_in import Visitor, form_token, visitor
from web.pages.rendering import Frame, render
from web.pages.shared_mailbox import question
from web.pages.upload import Upload, read_upload
from web.refusals import kind_of
from web.site import site_of


class TakenUp(Refusal):
    """What was typed before the session ended is back in its form."""

    sentence = (
        "Votre connexion avait pris fin : rien n’est encore enregistré. Voici ce que vous aviez écrit : relisez, puis "
        "envoyez."
    )


NOTE_COOKIE = "annonce"
NOTE_LIFE = 60
"""Seconds; a note is shown on the next page, or not at all."""


class BaseVisit:
    """A request by anybody, signed in or not."""

    def __init__(self, request: Request) -> None:
        self.request, self.site = request, site_of(request)

    @property
    def now(self) -> datetime:
        """The present instant, read again each time: an upload lasts minutes."""
        return datetime.now(UTC)

    @property
    def today(self) -> date:
        """The present day in Paris."""
        return paris_day(self.now)

    @property
    def visitor(self) -> SignedIn | None:
        """Who is signed in, if anybody."""
        return visitor(self.request)

    def read(self) -> AbstractContextManager[Session]:
        """A session that only reads."""
        return self.site.db.read()

    def page(
        self,
        template: str,
        *,
        status: int | None = None,
        refusal: Refusal | None = None,
        other_name: OtherName | None = None,
        fields: Mapping[str, str] | None = None,
        **values: Any,
    ) -> HTMLResponse:
        """The page of this template in its frame; everything in ``values`` is escaped.

        A form that was refused is shown again with the ``refusal`` at the top and what was typed (``fields``): nothing
        that somebody typed is lost. Its ``status`` is then that of the refusal. ``other_name`` has the form ask who is
        meant, where another refusal stands at the top.
        """
        if status is None:
            status = kind_of(refusal).status if refusal else 200
        values["problem"] = str(refusal) if refusal else None
        values["mailbox"] = question(fields or {}, other_name or refusal)
        values |= {"today": self.today, "file_limit_mb": self.site.file_limit_mb}
        frame = self._frame()
        answer = HTMLResponse(render(template, frame, fields=fields or {}, **values), status)
        if frame.note:
            answer.delete_cookie(NOTE_COOKIE, path="/")
        return answer

    def done(self, path: str, sentence: str) -> RedirectResponse:
        """Go on to this page of ours, which says once what has just been done (« C’est noté. »)."""
        answer = RedirectResponse(path, status_code=303)
        answer.set_cookie(
            NOTE_COOKIE, str(self._notes().dumps(sentence)), max_age=NOTE_LIFE, path="/",
            secure=self.site.is_published, httponly=True, samesite="lax",
        )  # fmt: skip
        return answer

    def _frame(self) -> Frame:
        here = self.request.url.path
        return Frame(
            here,
            address=self.site.public_url + here,
            me=self.visitor,
            token=form_token(self.request),
            author=author_word(self.request, self.visitor.person_id) if self.visitor else "",
            note=self._note(),
            mail_page=self.site.mail_page,
            look=self.site.look,
        )

    def _note(self) -> str | None:
        """What ``done`` said; only what we wrote ourselves is shown."""
        try:
            note: str = self._notes().loads(self.request.cookies.get(NOTE_COOKIE, ""), max_age=NOTE_LIFE)
        except BadSignature:
            return None
        return note

    def _notes(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.site.secret, salt=NOTE_COOKIE)


class SignedInVisit(BaseVisit):
    """A request by somebody who is signed in (``who``); anybody else is sent to sign in (``NeedsSignIn``)."""

    def __init__(self, request: Request, who: Visitor) -> None:
        super().__init__(request)
        self.who = who

    @property
    def actor(self) -> Actor:
        """Who acts, and how they signed in."""
        return self.who.actor

    @property
    def person_id(self) -> int:
        """The id of the person."""
        return self.who.person_id

    def upload(self) -> AbstractAsyncContextManager[Upload]:
        """The form with a file that they send (``web.pages.upload.read_upload``)."""
        return read_upload(self.request, self.site.files)

    def do(self, action: Action[RequestT, ResultT], asked: RequestT) -> ResultT:
        """Call this action for the person, now. It commits; raises what it raises.

        A form that only takes up what had been typed does nothing: raises ``TakenUp``, and is shown again.
        """
        if TAKES_UP in self.request.query_params:
            raise TakenUp
        return action(self.site.db, self.actor, asked, now=self.now)


PublicVisit = Annotated[BaseVisit, Depends()]
"""For a page that anybody may open."""
Visit = Annotated[SignedInVisit, Depends()]
"""For a page that requires signing in."""
