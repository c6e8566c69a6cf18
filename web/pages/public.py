"""What anybody may read of the projects: what they published, under which licence. Nothing personal stands there."""

from xml.sax.saxutils import escape

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from queries.projects.public import list_public, read_public
from web.dependencies import db_of, public_url_of
from web.pages.rendering import page

router = APIRouter()


@router.get("/publics")
def list_published(request: Request) -> HTMLResponse:
    """The projects that published something, by title."""
    with db_of(request).read() as session:
        projects = list_public(session)
    return page(request, "publics.html", projects=projects, canonical=f"{public_url_of(request)}/publics")


@router.get("/publics/{slug}")
def show_published(request: Request, slug: str) -> HTMLResponse:
    """One of them: what it learnt, document by document, with what is needed to check and to use them again."""
    with db_of(request).read() as session:
        project = read_public(session, slug)
    canonical = f"{public_url_of(request)}/publics/{project.slug}"
    return page(request, "public.html", project=project, canonical=canonical)


@router.get("/sitemap.xml")
def list_for_engines(request: Request) -> Response:
    """The addresses of these pages, for search engines (sitemaps.org)."""
    with db_of(request).read() as session:
        paths = ["/", "/publics", "/aide", *(each.path for each in list_public(session))]
    places = "".join(f"<url><loc>{escape(public_url_of(request) + each)}</loc></url>\n" for each in paths)
    content = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{places}</urlset>\n'
    return Response(content, media_type="application/xml")
