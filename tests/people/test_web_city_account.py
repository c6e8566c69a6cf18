"""« Mon compte » : what a person sees of themselves, chooses, closes and takes away; and nothing of anybody else."""

import json
import re
from collections.abc import Callable
from html import unescape

import sqlalchemy as sa
from cast import MANTES, NIORT, Cast
from site_of_tests import Site
from sqlmodel import SQLModel, select

from actions.access.tokens import TokenRequest, create_token
from actions.deliverables.add_comment import CommentRequest, add_comment
from models.person import AuthMethod, MailFrequency, Person
from models.sign_off import Decision

At = Callable[..., Site]


def test_it_names_the_person_their_roles_and_for_whom(site: At) -> None:
    here = site("charter in review")
    with here.client(here.cast.contact(NIORT)) as contact:
        shown = contact.read("/mon-compte")
    assert here.cast.contact(NIORT).name in shown
    assert "Interlocuteur privilégié" in shown
    assert here.project in shown
    assert "Niort" in shown
    assert "Bourges" not in shown


def test_who_has_no_role_is_told_how_one_is_given(site: At) -> None:
    here = site("met")
    with here.client(here.cast.outsider) as somebody:
        assert "Vous n’avez de rôle dans aucun projet" in somebody.read("/mon-compte")


def test_the_frequency_is_chosen_there_and_recorded_as_theirs(site: At) -> None:
    here = site("met")
    contact = here.cast.contact(NIORT)
    with here.client(contact) as somebody:
        answer = somebody.send("/mon-compte/frequence", {"frequence": "weekly"})
        assert answer.status_code == 303
        assert "C’est noté" in somebody.read("/mon-compte")
        assert somebody.http.post("/mon-compte/frequence", data={"frequence": "never"}).status_code == 403
        assert somebody.send("/mon-compte/frequence", {"frequence": "hourly"}).status_code == 400
    with here.cast.db.read() as session:
        person = session.get_one(Person, contact.person_id)
        chosen = sa.text(
            "SELECT actor_id, auth_method FROM audit_entry WHERE event = 'mail_frequency.chosen'"
        )
        entries = session.connection().execute(chosen).all()
    assert person.mail_frequency is MailFrequency.weekly
    assert entries == [(contact.person_id, AuthMethod.email_link)]


def test_a_renewed_calendar_address_answers_and_the_old_one_does_not(site: At) -> None:
    here = site("charter in review")
    with here.client(here.cast.contact(NIORT)) as somebody:
        old = _calendar(somebody.read("/mon-compte"))
        assert somebody.get(old).status_code == 200
        assert somebody.send("/mon-compte/adresses").status_code == 303
        new = _calendar(somebody.read("/mon-compte"))
        assert new != old
        assert somebody.get(new).status_code == 200
        assert somebody.get(old).status_code == 404


def _calendar(shown: str) -> str:
    match = re.search(r'value="http://[^/]+(/agenda/[^"]+\.ics)"', shown)
    assert match
    return unescape(match[1])


def test_one_session_is_closed_from_another_and_only_by_its_person(site: At) -> None:
    here = site("met")
    contact = here.cast.contact(NIORT)
    with here.client(contact) as phone, here.client(contact) as desk, here.client(here.cast.agent) as other:
        shown = desk.read("/mon-compte")
        numbers = sorted({int(each) for each in re.findall(r"/connexions/([0-9]+)/fin", shown)})
        assert len(numbers) == 2
        assert shown.count("celle-ci") == 1
        assert other.send(f"/mon-compte/connexions/{numbers[0]}/fin").status_code == 409
        assert phone.get("/mon-compte").status_code == 200
        assert desk.send(f"/mon-compte/connexions/{numbers[0]}/fin").status_code == 303
        assert phone.get("/mon-compte").status_code == 303
        assert desk.get("/mon-compte").status_code == 200
        assert "déjà fermée" in desk.send(f"/mon-compte/connexions/{numbers[0]}/fin").text


def test_all_are_closed_at_once(site: At) -> None:
    here = site("met")
    contact = here.cast.contact(NIORT)
    with here.client(contact) as phone, here.client(contact) as desk:
        assert "Me déconnecter partout" in desk.read("/mon-compte")
        desk.send("/deconnexion", {"partout": "oui"})
        assert phone.get("/mon-compte").status_code == desk.get("/mon-compte").status_code == 303


def test_the_export_holds_what_names_the_person_and_no_secret(site: At) -> None:
    here = site("diagnosis in review")
    cast, mayor = here.cast, here.cast.mayor(NIORT)
    number = cast.sign("diagnostic", NIORT, Decision.approved_with_reservations)
    deliverable = cast.deliverable("diagnostic", NIORT)
    add_comment(
        cast.db,
        mayor,
        CommentRequest(cast.slug, deliverable.id or 0, "Rien sur les associations ?"),
        now=cast.now,
    )
    token = create_token(cast.db, mayor, TokenRequest("Tableau de bord", days=30), now=cast.now)
    with here.client(mayor) as somebody:
        answer = somebody.get("/mon-compte/mes-donnees.json")
        secret = somebody.http.cookies["session"]
    assert 'attachment; filename="mes-donnees-projets-partages-' in answer.headers["content-disposition"]
    data = json.loads(answer.text)
    assert data["person"]["email"] == cast.mayor_email(NIORT)
    assert number in [each["id"] for each in data["sign_off"]]
    assert {"Niort"} == {each["party"] for each in data["sign_off"]}
    assert [each["text"] for each in data["comment"]] == ["Rien sur les associations ?"]
    assert [each["name"] for each in data["api_token"]] == ["Tableau de bord"]
    assert data["notice"]
    assert data["mandate"]
    assert data["audit_entry"]
    assert data["web_session"]
    for hidden in (secret, token.secret, "token_hash"):
        assert hidden not in answer.text


def test_the_export_speaks_of_nobody_else(site: At) -> None:
    here = site("diagnosis in review")
    with here.client(here.cast.mayor(NIORT)) as somebody:
        text = somebody.get("/mon-compte/mes-donnees.json").text
    data = json.loads(text)
    mine = here.cast.mayor(NIORT).person_id
    for rows in (data["sign_off"], data["mandate"], data["notice"], data["web_session"]):
        for row in rows:
            keys = {name for name in row if name in ("signed_by", "recorded_by", "person_id", "recipient_id")}
            assert mine in {row[name] for name in keys}
    assert here.cast.mayor_email(MANTES) not in text


def test_every_table_that_names_people_is_exported(site: At) -> None:
    """A table that is added later is exported by itself; what only the engine writes names nobody."""
    here = site("over")
    played = _tables_naming(here.cast)
    with here.client(here.cast.agent) as somebody:
        data = json.loads(somebody.get("/mon-compte/mes-donnees.json").text)
    assert played <= set(data)


def _tables_naming(cast: Cast) -> set[str]:
    """The tables where the agent stands, looked at one column at a time."""
    tables = set()
    with cast.db.read() as session:
        for table in SQLModel.metadata.sorted_tables:
            for key in table.foreign_keys:
                if key.target_fullname == "person.id":
                    query = (
                        select(sa.func.count()).select_from(table).where(key.parent == cast.agent.person_id)
                    )
                    if session.exec(query).one():
                        tables.add(table.name)
    return tables
