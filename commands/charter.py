"""``projet-partage charter``: the ANCT signs the charter, in the last place."""

from actions.signing.sign_charter import CHARTER, CharterSignature, sign_charter
from commands.content_read import ContentRead, content_to_sign
from commands.lazy_group import group
from commands.open_database import acting, now, open_database
from commands.options import As, AsJson, Slug
from commands.printing import answer
from database.engine import Database
from models.answer_shapes import CharterSigned
from models.stored_row import identity
from queries.deliverables.versions import versions_to_read
from queries.ledger.find import find_deliverable, find_project, find_stage

app = group("La signature de la charte par l’ANCT.")


@app.command()
def sign(
    slug: Slug,
    email: As,
    sha256: ContentRead = None,
    as_json: AsJson = False,
) -> None:
    """L’ANCT signe la charte, après l’approbation de chaque conseil.

    Elle signe le contenu lu : celui de --sha256, ou celui que la commande montre avant de demander.
    """
    with open_database() as db:
        read = _content(db, slug, sha256)
        signature = sign_charter(db, acting(db, email), CharterSignature(slug, read), now=now())
    signed = CharterSigned(id=signature.id, slug=slug, sha256=signature.sha256, at=signature.signed_at)
    answer(f"L’ANCT a signé la charte, empreinte {signature.sha256}.", signed, as_json)


def _content(db: Database, slug: str, sha256: str | None) -> str:
    """The hash of the content that was read; empty while there is no charter, which the action refuses."""
    with db.read() as session:
        stage = find_stage(session, find_project(session, slug), "charter")
        if stage.opened_at is None:
            return ""
        charter = find_deliverable(session, stage, CHARTER, None)
        versions = versions_to_read(session, identity(charter))
    if not versions:
        return ""
    return content_to_sign(
        versions, sha256, title=charter.title, slug=slug, act="signer la charte pour l’ANCT"
    )
