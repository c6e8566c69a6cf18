"""A planned handover: many new holders at once, from a day to come, all of them or none; and what it moves."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from cast import BOURGES, CITIES, GUICHEN, NIORT, Cast

from actions.authority.begin_offices import begin_offices
from actions.people.hand_over import Handover, HandoverOutcome, hand_over
from actions.people.propose_holder import HoldsAlready, NewHolder, WrongFirstDay, propose_holder
from models.evidence import Evidence
from models.file_text import decode
from models.handover_file import HandoverLine, InvalidHandover, read_handover
from models.person import Actor
from models.proposal import ProposalKind
from models.proposal_rules import UnknownProposal
from models.sign_off import NoAuthority
from queries.signing.authority import office_holder

At = Callable[[str], Cast]
HEADER = "code;nom;adresse;qualite\n"


def lines(*codes: str) -> tuple[HandoverLine, ...]:
    rows = (f"{code};Maire nouvelle de {code};nouvelle-{code}@ville.example;Maire" for code in codes)
    return tuple(read_handover(HEADER + "\n".join(rows)))


def plan(
    cast: Cast, *codes: str, on: date | None = None, dry_run: bool = False, actor: Actor | None = None
) -> list[HandoverOutcome]:
    asked = Handover(lines(*codes), on, dry_run)
    return hand_over(cast.db, actor or cast.agent, asked, now=cast.now)


def holder(cast: Cast, code: str) -> str | None:
    with cast.db.read() as session:
        number = office_holder(session.connection(), code, cast.now)
    people = {cast.mayor(code).person_id: "former"}
    return people.get(number, "new") if number else None


def test_a_dry_run_says_what_would_move_and_proposes_nothing(at: At) -> None:
    cast = at("constitution in review")
    cast.delegate(NIORT)
    (niort, bourges) = plan(cast, NIORT, BOURGES, on=cast.today + timedelta(days=20), dry_run=True)
    assert (niort.effects.former, niort.effects.delegations) == ("Solène Guérin", ("Arrêté 2026-118",))
    assert [each.split(" (")[0] for each in niort.effects.pending] == ["« Note de cadrage »"]
    assert (niort.proposal, bourges.proposal) == (None, None)
    assert cast.open_proposals() == []


def test_each_city_confirms_its_own_and_the_office_passes_on_the_day_at_one_instant(at: At) -> None:
    cast = at("constitution in review")
    first_day = cast.today + timedelta(days=20)
    plan(cast, NIORT, BOURGES, on=first_day)
    proposals = {each.authority_code: each for each in cast.open_proposals(ProposalKind.office)}
    assert set(proposals) == {NIORT, BOURGES}
    cast.confirm(proposals[NIORT])
    assert (holder(cast, NIORT), holder(cast, BOURGES)) == ("former", "former")
    assert begin_offices(cast.db, now=cast.now) == 0
    asked = cast.told("duties_passed")
    assert f"nouvelle-{NIORT}@ville.example" not in asked
    cast.wait(days=20)
    assert (holder(cast, NIORT), holder(cast, BOURGES)) == ("new", "former")
    with pytest.raises(NoAuthority):
        cast.sign("note_de_cadrage", NIORT)
    assert begin_offices(cast.db, now=cast.now) == 1
    assert begin_offices(cast.db, now=cast.now) == 0
    assert f"nouvelle-{NIORT}@ville.example" in cast.told("duties_passed")
    cast.sign("note_de_cadrage", NIORT, actor=cast.person(f"nouvelle-{NIORT}@ville.example"))
    assert cast.sign_offs("note_de_cadrage")[-1].evidence is Evidence.confirmed


def test_all_the_cities_of_a_file_are_proposed_or_none_and_each_wrong_line_is_told(at: At) -> None:
    cast = at("constitution in review")
    wrong = (HandoverLine(3, GUICHEN, "Maire", "pas-une-adresse", None),)
    with pytest.raises(InvalidHandover, match=r"ligne 3, champ adresse.*pas-une-adresse"):
        hand_over(cast.db, cast.agent, Handover((*lines(NIORT), *wrong)), now=cast.now)
    assert cast.open_proposals() == []
    unknown = (HandoverLine(2, "99999", "Maire", "m@ville.example", None),)
    with pytest.raises(InvalidHandover, match=r"La liste, ligne 2, champ code"):
        hand_over(cast.db, cast.agent, Handover(unknown), now=cast.now)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "aucune ligne ne nomme les colonnes"),
        ("code;nom\n79191;A", r"il manque dans l’en-tête la colonne .*adresse"),
        (HEADER, "personne n’y est nommé"),
        (HEADER + "79191;;a@b.example;Maire", r"ligne 2, champ nom.*vide"),
        (HEADER + "79191;A;a@b.example;\n79191;B;b@b.example;", "ligne 3, champ code.*déjà à la ligne 2"),
        (HEADER + "79191;A;a@b.example;\n79191.0;B;b@b.example;", "déjà à la ligne 2"),
        (HEADER + "2,0004E+08;A;a@b.example;", "ligne 2, champ code.*perdu des chiffres"),
        (HEADER + "79191;#NOM?;a@b.example;", "ligne 2, champ nom.*formule en erreur"),
        (
            "boîte partagée;" + HEADER + "peut-être;79191;A;a@b.example;",
            "champ boite_partagee.*ni oui ni non",
        ),
        (HEADER + "79191;;a@b.example;\n18033;;b@b.example;", "lignes 2 et 3, champ nom.*vide"),
    ],
)
def test_a_file_that_cannot_be_used_says_where_and_what_to_do(text: str, told: str) -> None:
    with pytest.raises(InvalidHandover, match=told):
        read_handover(text)


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffCode,Prénom et nom,Adresse électronique,Qualité\n79191,Ada Martin,ada@a.example,\n",
        "sep=;\r\nMaires élus\r\n\r\nCommune;Nom;Prénom;Code INSEE;Courriel;;\r\n"
        "Niort;Martin;Ada;79191.0;ada@a.example;;\r\n",
        'Nom\tPrénom et nom\tE-mail\tCode\nNiort\t"Ada\nMartin"\tada@a.example\t="79191"\n',
        "code;nom;adresse\r'79191;Ada Martin;ada@a.example",
    ],
)
def test_a_list_is_read_as_spreadsheets_save_it(text: str) -> None:
    content = text.encode("utf-16")
    (line,) = read_handover(decode(content, file="maires.csv", by_line=True))
    assert (line.code, line.name, line.email, line.quality) == ("79191", "Ada Martin", "ada@a.example", None)


@pytest.mark.parametrize("days", [-1, 400])
def test_an_office_begins_neither_in_the_past_nor_years_ahead(at: At, days: int) -> None:
    cast = at("constitution in review")
    with pytest.raises(WrongFirstDay):
        plan(cast, NIORT, on=cast.today + timedelta(days=days))


def test_a_contact_hands_over_their_own_city_and_no_other_and_the_anct_confirms(at: At) -> None:
    cast = at("constitution in review")
    with pytest.raises(InvalidHandover, match="ne peut pas proposer"):
        plan(cast, NIORT, BOURGES, actor=cast.contact(NIORT))
    plan(cast, NIORT, actor=cast.contact(NIORT))
    (proposal,) = cast.open_proposals()
    with pytest.raises(UnknownProposal):
        cast.confirm(proposal, cast.contact(BOURGES))
    cast.confirm(proposal, cast.agent)
    assert holder(cast, NIORT) == "new"


def test_who_holds_the_office_is_not_named_again(at: At) -> None:
    cast = at("constitution in review")
    same = NewHolder(NIORT, cast.mayor_email(NIORT), "Solène Guérin")
    with pytest.raises(HoldsAlready):
        propose_holder(cast.db, cast.agent, same, now=cast.now)


def test_the_cities_of_the_whole_project_change_hands_and_sign_on(at: At) -> None:
    cast = at("constitution in review")
    cast.sign("note_de_cadrage", NIORT)
    plan(cast, *CITIES)
    for proposal in cast.open_proposals():
        cast.confirm(proposal)
    (before,) = cast.sign_offs("note_de_cadrage")
    assert (before.withdrawn_at, before.voided_at) == (None, None)
    for code in (each for each in CITIES if each != NIORT):
        cast.sign("note_de_cadrage", code, actor=cast.person(f"nouvelle-{code}@ville.example"))
    assert cast.close("constitution")
