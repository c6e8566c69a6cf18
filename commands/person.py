"""``projet-partage person``: the people and the roles they hold."""

from typing import Annotated

import typer
from sqlmodel import select

from actions.people.add_person import Registration, add_person
from actions.people.correct_name import NameCorrection, correct_name
from actions.people.erase_person import erase_person
from actions.people.move_person import Move, move_person
from actions.people.personal_link import renew_links
from commands.completion import emails
from commands.lazy_group import group
from commands.open_database import act, now, open_database
from commands.options import As, AsJson, SharesMailbox, party_option
from commands.printing import answer
from commands.proposal_view import answer_proposal, proposed
from database.engine import Database
from models.person import SYSTEM, Role
from models.proposal import Proposal, ProposalKind, is_open
from models.stored_row import identity
from notifications.personal_links import PersonalLinks
from queries.ledger.find import find_person
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
    quality: Annotated[str | None, typer.Option(metavar="QUALITÉ", help="« Maire », « Présidente »…")] = None,
    shares_mailbox: SharesMailbox = False,
    as_json: AsJson = False,
) -> None:
    """Inscrit une personne, ou donne un rôle de plus à une personne déjà inscrite.

    La fonction de maire ou de président est proposée : la collectivité la confirme.
    """
    with open_database() as db:
        asked = Registration(email, name, role, party, quality, shares_mailbox)
        person = add_person(db, asked, now=now())
        office = _proposed_office(db, identity(person), party) if role is Role.signatory else None
    where = f" pour {party}" if party else ""
    data = {"id": person.id, "email": person.email, "name": person.name, "role": role, "party": party}
    data["proposal"] = office.id if office else None
    holds = f"{person.name} <{person.email}> est {role.label}{where}."
    answer(proposed(office) if office else holds, data, as_json)


def _proposed_office(db: Database, person_id: int, party: str | None) -> Proposal | None:
    """The office that waits to be confirmed for this person; none when they hold it already."""
    query = select(Proposal).where(
        Proposal.kind == ProposalKind.office,
        Proposal.authority_code == party,
        Proposal.subject_id == person_id,
        is_open(now()),
    )
    with db.read() as session:
        return session.exec(query).one_or_none()


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


@app.command()
def rename(
    email: Email,
    name: Annotated[str, typer.Option(metavar="NOM", help="Prénom et nom, comme ils s’écrivent désormais.")],
    by: As,
    as_json: AsJson = False,
) -> None:
    """Corrige le nom d’une personne ; ce qu’elle a signé garde le nom d’alors."""
    person = act(correct_name, by, NameCorrection(email, name))
    data = {"id": person.id, "email": person.email, "name": person.name}
    answer(
        f"{person.email} : {person.name} ; un message le dit à la personne et à sa collectivité.",
        data,
        as_json,
    )


@app.command()
def move(
    email: Email,
    new_email: Annotated[str, typer.Argument(metavar="NOUVELLE", help="Sa nouvelle adresse.")],
    by: As,
    as_json: AsJson = False,
) -> None:
    """Propose une autre adresse pour une personne dont la boîte ne répond plus ; l’autre côté le confirme."""
    answer_proposal(act(move_person, by, Move(email, new_email)), as_json)


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
