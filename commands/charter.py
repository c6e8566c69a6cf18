"""``projet-partage charter``: the ANCT signs the charter, in the last place."""

from actions.signing.sign_charter import CHARTER, CharterSignature, sign_charter
from commands.lazy_group import group
from commands.open_database import acting, now, open_database
from commands.options import As, AsJson, ContentRead, Slug
from commands.printing import answer
from database.engine import Database
from models.answer_shapes import CharterSigned
from queries.ledger.find import find_deliverable, find_project, find_stage

app = group("La signature de la charte par l’ANCT.")


@app.command()
def sign(
    slug: Slug,
    email: As,
    sha256: ContentRead = None,
    as_json: AsJson = False,
) -> None:
    """L’ANCT signe la charte, après l’approbation de chaque conseil."""
    with open_database() as db:
        read = sha256 or _current(db, slug)
        signature = sign_charter(db, acting(db, email), CharterSignature(slug, read), now=now())
    signed = CharterSigned(id=signature.id, slug=slug, sha256=signature.sha256, at=signature.signed_at)
    answer(f"L’ANCT a signé la charte, empreinte {signature.sha256}.", signed, as_json)


def _current(db: Database, slug: str) -> str:
    """The hash of the charter as it stands; empty while there is none, which the action refuses."""
    with db.read() as session:
        stage = find_stage(session, find_project(session, slug), "charter")
        if stage.opened_at is None:
            return ""
        return find_deliverable(session, stage, CHARTER, None).sha256 or ""
