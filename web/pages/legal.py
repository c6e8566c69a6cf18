"""What a French public site must say of itself: accessibility, publisher, personal data, licences; and to programs,
whom to write to about a weakness (RFC 9116) and what may be indexed."""

from datetime import UTC, datetime, time, timedelta

from fastapi import APIRouter, HTTPException
from fastapi.responses import HTMLResponse, PlainTextResponse

from actions.access.sign_in import FORGOTTEN_AFTER
from actions.access.tokens import KEPT_AFTER
from actions.mail.forget_old_mail import KEPT
from models.web_session import ATTEMPTS_KEPT, IDLE_LIFE, LINK_LIFE, LONGEST_LIFE
from web.access.signed_in import cookie_name
from web.visit import NOTE_LIFE, PublicVisit

router = APIRouter()
INDEXED = (
    "/publics",
    "/aide",
    "/accessibilite",
    "/mentions-legales",
    "/donnees-personnelles",
    "/licence",
    "/static/",
    "/sitemap.xml",
)
AN_HOUR = timedelta(hours=1)
GOOD_FOR = timedelta(days=180)
"""RFC 9116 advises less than a year; computed on each request, so that it never lapses while the pages run."""


@router.get("/accessibilite")
def accessibility(visit: PublicVisit) -> HTMLResponse:
    """The statement of the RGAA, in the structure of its official model."""
    return visit.page("accessibility.html", publisher=visit.site.publisher, address=visit.site.public_url)


@router.get("/mentions-legales")
def legal_notice(visit: PublicVisit) -> HTMLResponse:
    """Who publishes and who hosts (loi nº 2004-575, article 1-1)."""
    return visit.page("legal_notice.html", publisher=visit.site.publisher)


@router.get("/donnees-personnelles")
def personal_data(visit: PublicVisit) -> HTMLResponse:
    """Articles 13 and 14 of the GDPR; the durations are those that the code applies."""
    kept = {
        "link_minutes": LINK_LIFE // timedelta(minutes=1),
        "idle_hours": IDLE_LIFE // AN_HOUR,
        "session_days": LONGEST_LIFE.days,
        "removed_days": FORGOTTEN_AFTER.days,
        "attempt_hours": ATTEMPTS_KEPT // AN_HOUR,
        "mail_days": KEPT.days,
        "token_days": KEPT_AFTER.days,
        "note_seconds": NOTE_LIFE,
    }
    return visit.page(
        "personal_data.html", publisher=visit.site.publisher, cookie=cookie_name(visit.request), kept=kept
    )


@router.get("/licence")
def licence(visit: PublicVisit) -> HTMLResponse:
    """Of the software, and of what projects publish."""
    return visit.page("licence.html")


@router.get("/.well-known/security.txt")
def security_contact(visit: PublicVisit) -> PlainTextResponse:
    """Whom to tell of a weakness (RFC 9116); 404 while the operator has given no address to write to."""
    contact = visit.site.publisher.contact
    if not contact:
        raise HTTPException(404)
    midnight = datetime.combine(visit.now.date(), time(), UTC)
    lines = (
        f"Contact: mailto:{contact}",
        f"Expires: {(midnight + GOOD_FOR).isoformat()}",
        "Preferred-Languages: fr, en",
        f"Canonical: {visit.site.public_url}/.well-known/security.txt",
    )
    return PlainTextResponse("\n".join(lines) + "\n")


@router.get("/robots.txt")
def robots() -> PlainTextResponse:
    """Search engines may index what is published; the rest is for participants."""
    allowed = "".join(f"Allow: {path}\n" for path in ("/$", *INDEXED))
    return PlainTextResponse(f"User-agent: *\n{allowed}Disallow: /\n")
