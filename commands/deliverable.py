"""``projet-partage deliverable``: submit a version of what a stage must produce; object to a minor revision."""

from pathlib import Path
from typing import Annotated

import typer

from actions.deliverables.object_to_revision import Objection, object_to_revision
from actions.deliverables.submit_deliverable import Submission, submit_deliverable
from commands.lazy_group import group
from commands.open_database import act, acting, file_store, now, open_database
from commands.options import As, AsJson, DeliverableKey, PartyCode, Slug, StageKey, party_option
from commands.printing import answer
from models.answer_shapes import RevisionObjected, VersionSubmitted

app = group("Déposer les livrables, s’opposer à une révision mineure.")


@app.command()
def submit(
    slug: Slug,
    stage: StageKey,
    key: DeliverableKey,
    file: Annotated[Path, typer.Argument(metavar="FICHIER", help="Le document.")],
    email: As,
    party: Annotated[str | None, party_option("La ville dont c’est le livrable.")] = None,
    minor: Annotated[
        bool,
        typer.Option(
            "--minor",
            help="Révision mineure : les validations restent, sauf objection.",
        ),
    ] = False,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXTE", help="Pourquoi la révision est mineure.")
    ] = None,
    note: Annotated[
        str | None, typer.Option(metavar="TEXTE", help="Ce qui a changé depuis la version précédente.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Dépose une version d’un livrable ; un contenu nouveau fait tomber les validations de l’ancien."""
    with open_database() as db, file_store().receive_path(file) as received:
        submission = Submission(slug, stage, key, received, party, minor, reason, note)
        version = submit_deliverable(db, acting(db, email), submission, now=now())
    submitted = VersionSubmitted.of(version, slug, stage, key, party)
    kind = "révision mineure" if version.is_minor else "version"
    answer(f"« {key} » : {kind} {version.number} déposée, empreinte {version.sha256}.", submitted, as_json)


@app.command("object")
def object_to_it(
    slug: Slug,
    stage: StageKey,
    key: DeliverableKey,
    party: PartyCode,
    email: As,
    deliverable_party: Annotated[
        str | None, party_option("La ville dont c’est le livrable, si ce n’est pas la vôtre.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """S’oppose à une révision mineure : elle devient une nouvelle version comme les autres."""
    version = act(object_to_revision, email, Objection(slug, stage, key, party, deliverable_party))
    objected = RevisionObjected.of(version, slug, stage, key, party)
    sentence = (
        f"« {key} » : {party} s’oppose, la version {version.number} est une nouvelle version, à valider."
    )
    answer(sentence, objected, as_json)
