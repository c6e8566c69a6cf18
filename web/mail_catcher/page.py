"""``python -m web.mail_catcher.page``: the mails caught on this machine, each as its reader sees it.

Loopback only, with no way to say otherwise: it shows everybody's mail, secret links included. A page of
another site cannot read it under its own name either (DNS rebinding): the ``Host`` must be this machine.
"""

from pathlib import Path
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, Response
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from logs import set_up_logs
from settings import settings
from web.failures import answer_failures
from web.mail_catcher.mails import CaughtMail, CaughtMails, NoSuchMail
from web.mail_catcher.safe_mail import MAIL_POLICY, SANDBOX, Light, html_as_shown, text_as_shown
from web.pages.rendering import bare_page, query_of
from web.server.methods import HeadAsGet
from web.server.protections import SCRIPTLESS_POLICY, SafeAnswers
from web.server.serving import Listening, serve
from web.server.static_files import ADDRESS, STATIC, FingerprintedFiles

PAGE_SIZE = 50
SECONDS_BETWEEN_LOOKS = 5
NO_SCRIPT = {"Content-Security-Policy": SCRIPTLESS_POLICY}
OUR_NAMES = ["localhost", "127.0.0.1"]


def make_mail_page(folder: Path) -> ASGIApp:
    """The application that shows the mails of this Maildir."""
    mails = CaughtMails(folder)
    app = FastAPI(title="Courrier local", docs_url=None, redoc_url=None, openapi_url=None)
    app.mount(ADDRESS, FingerprintedFiles(directory=STATIC), "static")
    _add_list(app, mails)
    _add_mail(app, mails)
    _add_parts(app, mails)
    answer_failures(app)

    @app.exception_handler(NoSuchMail)
    def no_such_mail(request: Request, failure: Exception) -> HTMLResponse:
        return bare_page("mail_gone.html", status=404)

    guarded = TrustedHostMiddleware(HeadAsGet(app), OUR_NAMES, www_redirect=False)
    return SafeAnswers(guarded, NO_SCRIPT)


def _add_list(app: FastAPI, mails: CaughtMails) -> None:
    @app.get("/")
    def list_mails(
        request: Request,
        recipient: Annotated[str, Query(alias="a")] = "",
        subject: Annotated[str, Query(alias="objet")] = "",
        number: Annotated[int, Query(alias="page", ge=1, le=1_000_000)] = 1,
        follows: Annotated[str, Query(alias="suivre")] = "",
    ) -> HTMLResponse:
        matching = mails.find(recipient, subject, start=(number - 1) * PAGE_SIZE, most=PAGE_SIZE + 1)
        return bare_page(
            "mails.html",
            mails=matching[:PAGE_SIZE],
            total=mails.count(),
            recipient=recipient,
            subject=subject,
            number=number,
            follows=bool(follows),
            seconds=SECONDS_BETWEEN_LOOKS,
            newer=query_of(request, {"page": number - 1 if number > 2 else None}) if number > 1 else None,
            older=query_of(request, {"page": number + 1}) if len(matching) > PAGE_SIZE else None,
            follow=query_of(request, {"suivre": None if follows else "1"}),
        )


def _add_mail(app: FastAPI, mails: CaughtMails) -> None:
    @app.get("/mails/{name}")
    def show_mail(name: str, light: Annotated[Light, Query(alias="lumiere")] = Light.as_here) -> HTMLResponse:
        mail = mails.read(name)
        return bare_page(
            "mail.html",
            mail=mail,
            summary=mail.summary,
            text=text_as_shown(mail.text) if mail.text is not None else None,
            lights=list(Light),
            light=light,
            sandbox=SANDBOX,
        )


def _add_parts(app: FastAPI, mails: CaughtMails) -> None:
    @app.get("/mails/{name}/html")
    def show_html(name: str, light: Annotated[Light, Query(alias="lumiere")] = Light.as_here) -> HTMLResponse:
        mail = mails.read(name)
        html = html_as_shown(mail.html or "", light)
        headers = {"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"}
        return HTMLResponse(html, headers=headers)

    @app.get("/mails/{name}/pieces/{number}")
    def give_file(name: str, number: int) -> Response:
        return _file(mails.read(name), number)


def _file(mail: CaughtMail, number: int) -> Response:
    """A file to keep, never to open here: its name and its kind are the sender's."""
    if not 0 <= number < len(mail.attachments):
        raise HTTPException(404)
    file = mail.attachments[number]
    is_calendar = file.kind == "text/calendar" or file.name.endswith(".ics")
    name = f"piece-{number + 1}.ics" if is_calendar else f"piece-{number + 1}.bin"
    return Response(
        file.content,
        media_type="text/calendar" if is_calendar else "application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


if __name__ == "__main__":
    set_up_logs("mail-page", settings().log_format)
    serve(make_mail_page(settings().data_dir.absolute() / "mail"), Listening(settings().mail_page_port))
