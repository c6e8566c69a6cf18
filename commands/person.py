"""``projet-partage person``: the people and the roles they hold."""

from datetime import date
from typing import Annotated

import typer

from actions.people.add_person import Registration, add_person
from actions.people.correct_name import NameCorrection, correct_name
from actions.people.end_role import RoleEnd, end_role
from actions.people.erase_person import erase_person
from actions.people.personal_link import renew_links
from commands.completion import emails
from commands.lazy_group import group
from commands.open_database import act, acting, now, open_database
from commands.options import As, AsJson, day_option, party_option
from commands.printing import answer, day
from models.person import SYSTEM, Role
from models.stored_row import identity
from notifications.personal_links import PersonalLinks
from queries.ledger.find import find_person
from queries.people.held_roles import find_role
from settings import settings

app = group("Les personnes et leurs rôles.")

Email = Annotated[
    str,
    typer.Argument(metavar="ADRESSE", help="L’adresse électronique de la personne.", autocompletion=emails),
]


@app.command()
def add(
    email: Annotated[str, typer.Argument(metavar="ADRESSE", help="L’adresse électronique de la personne.")],
    name: Annotated[str, typer.Option(metavar="NOM", help="Prénom et nom.")],
    role: Annotated[Role, typer.Option(help="Le rôle donné.")],
    party: Annotated[str | None, party_option("Pour quelle collectivité.")] = None,
    as_json: AsJson = False,
) -> None:
    """Inscrit une personne, ou donne un rôle de plus à une personne déjà inscrite."""
    with open_database() as db:
        person = add_person(db, Registration(email, name, role, party), now=now())
    where = f" pour {party}" if party else ""
    data = {"id": person.id, "email": person.email, "name": person.name, "role": role, "party": party}
    answer(f"{person.name} <{person.email}> est {role.label}{where}.", data, as_json)


@app.command()
def links(
    email: Email,
    renew: Annotated[
        bool, typer.Option("--renew", help="En donne de nouvelles ; les anciennes ne répondent plus.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Donne les adresses secrètes d’une personne : son agenda, la fréquence de ses messages."""
    with open_database() as db:
        if renew:
            person = renew_links(db, SYSTEM, email, now=now())
        else:
            with db.read() as session:
                person = find_person(session, email)
    own = PersonalLinks(settings().secret(), settings().public_url)
    of = (identity(person), person.links_version)
    data = {"email": person.email, "calendar": own.calendar(*of), "frequency": own.frequency(*of)}
    sentence = (
        f"Agenda de {person.name} : {data['calendar']}\nFréquence de ses messages : {data['frequency']}"
    )
    answer(sentence, data, as_json)


@app.command("end-role")
def end_one_role(
    email: Email,
    role: Annotated[Role, typer.Option(help="Le rôle qui prend fin.")],
    by: As,
    party: Annotated[str | None, party_option("Pour quelle collectivité, s’il en a pour plusieurs.")] = None,
    project: Annotated[
        str | None, typer.Option(metavar="PROJET", help="Dans quel projet, s’il en a dans plusieurs.")
    ] = None,
    last_day: Annotated[
        date | None, day_option("Le dernier jour du rôle ; sans lui, tout de suite.", "--last-day")
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


@app.command()
def rename(
    email: Email,
    name: Annotated[str, typer.Option(metavar="NOM", help="Prénom et nom, comme ils s’écrivent désormais.")],
    by: As,
    as_json: AsJson = False,
) -> None:
    """Corrige le nom d’une personne ; ce qu’elle a signé garde le nom d’alors. Une adresse se change sur les pages."""
    person = act(correct_name, by, NameCorrection(email, name))
    data = {"id": person.id, "email": person.email, "name": person.name}
    answer(
        f"{person.email} : {person.name} ; un message le dit à la personne et à sa collectivité.",
        data,
        as_json,
    )


@app.command()
def erase(
    email: Email,
    agent: As,
    as_json: AsJson = False,
) -> None:
    """Efface les données d’une personne qui n’a plus de rôle ; son nom reste sur les actes qu’elle a signés."""
    keeps_name = act(erase_person, agent, email)
    kept = " ; son nom reste sur les actes qu’elle a signés ou enregistrés" if keeps_name else ""
    answer(f"Les données de {email} sont effacées{kept}.", {"email": email, "name_kept": keeps_name}, as_json)
