"""The register is read by page, command and API, by agents of the ANCT for all projects; its chain is verified."""

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from api import PROJECT, Api, problem
from cast import NIORT, Cast
from command_line import CommandLine
from journal_forgery import change
from many_projects import counted
from site_of_tests import Site, plain

from actions.access.tokens import Revocation, TokenRequest, create_token, revoke_token
from actions.ledger.journal import record
from actions.people.add_person import ensure_mandate
from actions.people.erase_person import NOBODY, erase_person
from actions.people.personal_link import renew_links
from actions.reminders.set_frequency import set_my_frequency
from actions.signing.revoke_delegation import revoke_delegation
from models.audit_entry import entry_hash
from models.journal_event import REGISTER_EVENTS
from models.person import SYSTEM, Actor, MailFrequency, Mandate, NotAllowed, Role
from models.project_title import slug_of
from models.stored_row import identity
from models.tables import AUDIT_ENTRY, JOURNAL
from queries.ledger.verify_journal import REGISTER, verify_journal, verify_register
from queries.people.register_page import RegisterFilters, RegisterPage, read_register
from settings import settings

At = Callable[[str], Cast]
TakeSite = Callable[..., Site]
CURIOUS = "curieux@ailleurs.example"
TOLD = {
    "person.added", "person.erased", "token.created", "token.revoked", "mail_frequency.chosen", "links.renewed",
    "delegation.recorded", "delegation.revoked", "system.restored",
}  # fmt: skip
OF_REGISTER = sa.select(JOURNAL.c.id).where(JOURNAL.c.project_id.is_(None)).scalar_subquery()


def read(cast: Cast, page: int = 1, **filters: str) -> RegisterPage:
    with cast.db.read() as session:
        return read_register(session, cast.agent, cast.now, page, RegisterFilters(**filters))


def words(text: str) -> str:
    """A sentence, or a page, with its spaces as they are typed."""
    return " ".join(unescape(text).replace("\u00a0", " ").replace("\u202f", " ").split())


def sentences(cast: Cast, **filters: str) -> list[str]:
    return [words(line.sentence) for line in read(cast, **filters).lines]


def agent_of_this_project_only(cast: Cast) -> Actor:
    cast.register("agente@anct.example", "Sophie Le Gall")
    who = cast.person("agente@anct.example")
    role = {"person_id": who.person_id, "role": Role.agency_agent, "project_id": cast.project().id}
    with cast.db.write() as session:
        ensure_mandate(session, Mandate(**role, since=cast.now), SYSTEM)
    return who


def everything_happens(cast: Cast) -> None:
    """A fact of each kind that the register has."""
    cast.delegate()
    revoke_delegation(cast.db, cast.mayor(NIORT), 1, now=cast.now)
    token = create_token(cast.db, cast.agent, TokenRequest("essai"), now=cast.now).token
    revoke_token(cast.db, cast.agent, Revocation(cast.agent.person_id, identity(token)), now=cast.now)
    set_my_frequency(cast.db, cast.mayor(NIORT), MailFrequency.weekly, now=cast.now)
    renew_links(cast.db, cast.mayor(NIORT), cast.mayor_email(NIORT), now=cast.now)
    with cast.db.write() as session:  # as `actions.backup.restore_backup` writes it
        until = cast.now.isoformat()
        record(session, "system.restored", project_id=None, actor=SYSTEM, now=cast.now, holds_until=until)
    cast.give_role("agente@anct.example", "Sophie Le Gall", Role.agency_agent)
    erase_person(cast.db, cast.agent, CURIOUS, now=cast.now)


# What it says


def test_it_tells_of_mandates_delegations_tokens_people_and_erasures(at: At) -> None:
    cast = at("met")
    everything_happens(cast)
    said = sentences(cast)
    until = cast.today.replace(year=cast.today.year + 1)
    assert any(
        re.fullmatch(
            r"Délégation de signature n° 1 de \S+ \S+ à Odile Fournier \(Niort\), du \d\d/\d\d/\d{4} au "
            rf"\d\d/\d\d/{until.year}, pour tous les livrables, par l’arrêté « Arrêté 2026-118 »",
            each,
        )
        for each in said
    )
    assert "Délégation de signature n° 1 révoquée (Niort)" in said
    assert "Sophie Le Gall devient agent de l’ANCT" in said
    assert "Projet « Démocratie culturelle » créé" in said
    assert any(each.endswith("une fois par semaine") for each in said)
    assert any(each.startswith("Jeton n° 1 créé par Camille Roussel, qui agit en son nom") for each in said)
    assert said[0].startswith("Données de la personne n° ")
    assert any(
        each.startswith("Système restauré depuis une sauvegarde : ce qu’elle tient s’arrête le")
        for each in said
    )
    assert not [each for each in said if re.search(r"\bNone\b|\w+_\w+|une personne\b", each)]
    lines = read(cast).lines
    assert set(REGISTER_EVENTS) & {line.event for line in lines} >= TOLD
    assert not [line for line in lines if line.sentence == line.event]


def test_the_newest_facts_come_first_page_by_page(at: At) -> None:
    cast = at("met")
    for number in range(60):
        cast.register(f"personne-{number}@ville.example", f"Personne {number}")
    first = read(cast)
    pages = [read(cast, page) for page in range(1, first.pages + 1)]
    assert [line.seq for page in pages for line in page.lines] == list(range(first.count, 0, -1))
    assert (len(first.lines), first.count) == (50, first.length)
    assert read(cast, 99).page == first.pages


def test_it_is_narrowed_to_an_event_or_to_an_authority(at: At) -> None:
    cast = at("met")
    everything_happens(cast)
    everything = read(cast)
    assert (NIORT, "Niort") in everything.parties
    assert ("person.erased", "données d’une personne effacées") in everything.events
    of_niort = read(cast, party_code=NIORT)
    assert {line.party for line in of_niort.lines} == {"Niort"}
    assert 0 < of_niort.count < everything.count == of_niort.length
    assert {line.event for line in read(cast, event="delegation.revoked").lines} == {"delegation.revoked"}
    assert read(cast, event="rien de tel").lines == ()


def test_an_erased_person_shows_as_erased(at: At) -> None:
    cast = at("met")
    number = cast.outsider.person_id
    assert f"Personne n° {number} inscrite : Une Curieuse" in sentences(cast)
    erase_person(cast.db, cast.agent, CURIOUS, now=cast.now)
    assert f"Personne n° {number} inscrite : {NOBODY}" in sentences(cast)
    assert "Curieuse" not in repr(read(cast))


def test_more_entries_take_no_more_queries(at: At) -> None:
    cast = at("met")
    counts = []
    for more in (0, 40):
        for number in range(more):
            cast.register(f"personne-{number}@ville.example", f"Personne {number}")
        agent, now = cast.agent, cast.now
        with cast.db.read() as session, counted(cast.db) as seen:
            read_register(session, agent, now)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 8


# Who reads it


def test_only_an_agent_for_all_projects_reads_it(at: At) -> None:
    cast = at("diagnosis open")
    others = (cast.mayor(NIORT), cast.contact(NIORT), cast.contractor, cast.observer, cast.outsider)
    for who in (*others, agent_of_this_project_only(cast)):
        with cast.db.read() as session, pytest.raises(NotAllowed, match="lire le registre"):
            read_register(session, who, cast.now)
    assert read(cast).lines


def test_its_page_and_the_api_refuse_the_others(site: TakeSite) -> None:
    here = site("met")
    api = Api(here.cast)
    people = [here.cast.mayor(NIORT), here.cast.contact(NIORT), here.cast.outsider]
    people.append(agent_of_this_project_only(here.cast))
    for who in people:
        with here.client(who) as visitor:
            assert visitor.get("/registre").status_code == 403
            assert "/registre" not in visitor.read("/projets")
        assert problem(api.get(who, "/register"))["code"] == "not-allowed"
    with here.client() as nobody:
        assert nobody.get("/registre").headers["location"].startswith("/connexion")


# By page, API and command


def test_an_agent_comes_to_it_from_the_board(site: TakeSite) -> None:
    here = site("met")
    here.cast.delegate()
    with here.client(here.cast.agent) as agent:
        assert 'href="/registre"' in agent.read("/projets")
        page = words(plain(agent.read("/registre")))
        narrowed = words(plain(agent.read(f"/registre?fait=delegation.recorded&partie={NIORT}")))
    assert "registre vérifié" in page
    assert "Personne n° 1 inscrite : Camille Roussel" in page
    assert "Délégation de signature n° 1 de" in narrowed
    assert "Personne n° 1" not in narrowed


def test_the_page_of_a_register_that_was_changed_says_so(site: TakeSite) -> None:
    here = site("met")
    rewrite(here.cast, 2, {"person": here.cast.agent.person_id, "note": "tout va bien"})
    with here.client(here.cast.agent) as agent:
        page = words(plain(agent.read("/registre")))
    assert "Le registre n’est plus tel qu’il a été écrit" in page
    assert f"ligne 2 ({entry(here.cast, 2)['event']}) : son contenu a été modifié" in page
    assert "registre vérifié" not in page


def test_an_entry_emptied_of_its_content_does_not_hide_the_others(site: TakeSite) -> None:
    here = site("met")
    rewrite(here.cast, 2, {})
    with here.client(here.cast.agent) as agent:
        page = words(plain(agent.read("/registre")))
    assert f"ligne 2 ({entry(here.cast, 2)['event']}) : son contenu a été modifié" in page
    assert "Projet « Démocratie culturelle » créé" in page


def test_the_api_gives_it_by_pages_that_lead_to_one_another(api: Callable[[str], Api]) -> None:
    here = api("met")
    for number in range(60):
        here.cast.register(f"personne-{number}@ville.example", f"Personne {number}")
    place, entries = "/register", []
    while place:
        answer = here.get(here.cast.agent, place)
        entries += answer.json()
        place = answer.links.get("next", {}).get("url", "").removeprefix(PROJECT.split("/projects")[0])
    assert [entry["seq"] for entry in entries] == list(range(1, int(answer.headers["x-total-count"]) + 1))
    assert set(entries[0]) == set(here.get(here.cast.agent, "./journal").json()[0])
    assert "@" not in answer.text


@pytest.fixture
def cli(at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[CommandLine, Cast]]:
    cast = at("met")
    yield CommandLine(cast.db, tmp_path, monkeypatch), cast
    settings.cache_clear()


def test_the_command_gives_it_in_french_and_in_json(cli: tuple[CommandLine, Cast]) -> None:
    line, cast = cli
    everything_happens(cast)
    shown = words(line.ok("audit", "log", "register"))
    assert "Délégation de signature n° 1 révoquée (Niort)" in shown
    assert f"inscrite : {NOBODY}" in shown
    entries = line.json("audit", "log", "register")
    assert [entry["seq"] for entry in entries] == list(range(1, read(cast).count + 1))
    assert set(entries[0]) == set(line.json("audit", "log", cast.slug)[0])
    kinds = {entry["event"] for entry in entries}
    assert {"person.added", "person.erased", "delegation.recorded", "token.revoked"} <= kinds
    assert "@" not in line.ok("audit", "log", "register", "--json")


def test_no_project_takes_the_place_of_the_register() -> None:
    assert [slug_of(title) for title in ("Register", "Registre", "Le registre")] == [
        "projet-register",
        "projet-registre",
        "le-registre",
    ]


# Its chain


def test_it_is_verified_with_the_others_and_by_itself(at: At) -> None:
    cast = at("met")
    verification = verify_journal(cast.db)
    assert verification.tamperings == []
    assert verification.heads[REGISTER] == read(cast).lines[0].hash


@pytest.mark.parametrize("rehash", [False, True])
def test_a_forged_entry_is_named(at: At, rehash: bool) -> None:
    cast = at("met")
    rewrite(cast, 2, {"person": cast.agent.person_id, "note": "tout va bien"}, rehash=rehash)
    everything = verify_journal(cast.db).tamperings
    assert [(each.journal, each.seq) for each in everything] == [(REGISTER, 3 if rehash else 2)]
    with cast.db.read() as session:
        assert verify_register(session) == everything


def test_a_mandate_added_by_hand_at_the_end_is_named_by_the_command(cli: tuple[CommandLine, Cast]) -> None:
    line, cast = cli
    forged = entry(cast, read(cast).count)
    forged |= {"seq": forged["seq"] + 1, "previous_hash": forged["hash"], "event": "mandate.given"}
    forged["hash"] = entry_hash(forged)
    del forged["id"]
    change(cast, sa.insert(AUDIT_ENTRY).values(**forged))
    verified = line.run("audit", "verify")
    assert verified.exit_code == 1
    assert f"registre, ligne {forged['seq']} en trop" in words(verified.stdout)


def entry(cast: Cast, seq: int) -> dict[str, Any]:
    with cast.db.read() as session:
        query = sa.select(AUDIT_ENTRY).where(
            AUDIT_ENTRY.c.journal_id == OF_REGISTER, AUDIT_ENTRY.c.seq == seq
        )
        return dict(session.connection().execute(query).mappings().one())


def rewrite(cast: Cast, seq: int, payload: dict[str, Any], *, rehash: bool = False) -> None:
    forged = entry(cast, seq) | {"payload": payload}
    values = {"payload": payload} | ({"hash": entry_hash(forged)} if rehash else {})
    change(cast, sa.update(AUDIT_ENTRY).where(AUDIT_ENTRY.c.id == forged["id"]).values(**values))
