"""``projet-partage token``: the personal tokens of the JSON API, read and revoked; their holder makes them."""

from typing import Annotated

import typer

from actions.access.tokens import Revocation, revoke_token
from commands.completion import emails
from commands.lazy_group import group
from commands.open_database import acting, now, open_database
from commands.options import As, AsJson, number_argument
from commands.printing import answer, moment, print_list
from models.stored_row import identity
from queries.access.tokens import list_tokens
from queries.ledger.find import find_person

app = group("Les jetons personnels de l’API : les lire, les révoquer.")

Person = Annotated[
    str, typer.Argument(metavar="ADRESSE", help="Le titulaire, par son adresse.", autocompletion=emails)
]


@app.command("list")
def list_(person: Person, as_json: AsJson = False) -> None:
    """Donne les jetons d’une personne, sans leur secret, que rien ne garde."""
    at = now()
    with open_database() as db, db.read() as session:
        tokens = list_tokens(session, identity(find_person(session, person)))
    hidden = {"token_hash", "person_id"}
    data = [each.model_dump(exclude=hidden) | {"is_live": each.is_live(at)} for each in tokens]
    rows = [
        (
            str(each.id),
            each.name,
            "lecture" if each.is_read_only else "lecture et écriture",
            moment(each.last_used_at),
            moment(each.expires_at),
            "en service" if each.is_live(at) else "révoqué" if each.revoked_at else "expiré",
        )
        for each in tokens
    ]
    columns = ("N°", "Nom", "Droits", "Utilisé", "Fin", "État")
    print_list(data, as_json, columns, rows, empty="Aucun jeton : ils se créent à la page « Mes jetons ».")


@app.command()
def revoke(
    person: Person,
    number: Annotated[int, number_argument("Le numéro du jeton.")],
    email: As,
    as_json: AsJson = False,
) -> None:
    """Révoque un jeton ; il n’ouvre plus rien."""
    with open_database() as db:
        actor = acting(db, email)
        with db.read() as session:
            person_id = identity(find_person(session, person))
        token = revoke_token(db, actor, Revocation(person_id, number), now=now())
    data = {"id": token.id, "name": token.name, "revoked_at": token.revoked_at}
    answer(f"Le jeton n° {token.id} (« {token.name} ») de {person} est révoqué.", data, as_json)
