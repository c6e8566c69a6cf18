"""What anybody may read of the projects: what they published, under which licence. Nothing personal stands there."""

from xml.sax.saxutils import escape

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response

from queries.projects.public import list_public, read_public
from web.visit import PublicVisit

router = APIRouter()


@router.get("/publics")
def list_published(visit: PublicVisit) -> HTMLResponse:
    """The projects that published something, by title."""
    with visit.read() as session:
        projects = list_public(session)
    return visit.page("publics.html", projects=projects)


@router.get("/publics/{slug}")
def show_published(visit: PublicVisit, slug: str) -> HTMLResponse:
    """One of them: what it learnt, document by document, with what is needed to check and to use them again."""
    with visit.read() as session:
        project = read_public(session, slug)
    return visit.page("public.html", project=project)


@router.get("/sitemap.xml")
def list_for_engines(visit: PublicVisit) -> Response:
    """The addresses of these pages, for search engines (sitemaps.org)."""
    with visit.read() as session:
        paths = ["/", "/publics", "/aide", *(each.path for each in list_public(session))]
    places = "".join(f"<url><loc>{escape(visit.site.public_url + each)}</loc></url>\n" for each in paths)
    content = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{places}</urlset>\n'
    return Response(content, media_type="application/xml")
