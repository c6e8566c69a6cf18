"""``projet-partage role``: a role ends."""

from datetime import date
from typing import Annotated

import typer

from actions.people.end_role import RoleEnd, end_role
from commands.completion import emails
from commands.lazy_group import group
from commands.open_database import acting, now, open_database
from commands.options import As, AsJson, day_option, party_option
from commands.printing import answer, day
from models.person import Role
from queries.people.held_roles import find_role

app = group("Les rôles : y mettre fin.")

Email = Annotated[
    str,
    typer.Argument(metavar="ADRESSE", help="L’adresse électronique de la personne.", autocompletion=emails),
]


@app.command()
def end(
    email: Email,
    role: Annotated[Role, typer.Option(help="Le rôle qui prend fin.")],
    by: As,
    party: Annotated[str | None, party_option("Pour quelle collectivité, s’il en a pour plusieurs.")] = None,
    project: Annotated[
        str | None, typer.Option(metavar="PROJET", help="Dans quel projet, s’il en a dans plusieurs.")
    ] = None,
    last_day: Annotated[
        date | None, day_option("Le dernier jour du rôle ; sans lui, tout de suite.", "--on", "--last-day")
    ] = None,
    reason: Annotated[
        str, typer.Option(metavar="TEXTE", help="Le motif ; nécessaire pour le rôle de quelqu’un d’autre.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Met fin à un rôle, tout de suite ou après un dernier jour ; ce qui a été signé demeure."""
    with open_database() as db:
        with db.read() as session:
            held = find_role(session, email, role, now(), authority_code=party, slug=project)
        request = RoleEnd(held.mandate_id, last_day, reason)
        ended = end_role(db, acting(db, by), request, now=now())
    when = f"prend fin après le {day(last_day)}" if last_day else "a pris fin"
    sentence = f"Le rôle de {held.person_name} ({held.label}) {when} ; un message le lui dit."
    if ended.orders:
        sentence += f"\nPrennent fin avec lui : {', '.join(str(each) for each in ended.orders)}."
    if ended.leaves_nobody:
        sentence += "\nAttention : personne d’autre n’a ce rôle ; invitez quelqu’un."
    data = {
        "email": email,
        "role": role,
        "party": held.authority_code,
        "last_day": last_day,
        "until": ended.until,
        "leaves_nobody": ended.leaves_nobody,
        "orders": [each.reference for each in ended.orders],
    }
    answer(sentence, data, as_json)
