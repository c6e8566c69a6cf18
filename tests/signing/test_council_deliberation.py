"""A council's deliberation: what is filled in is checked against the CGCT, what is unknown stays empty."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from models.council_deliberation import CouncilDeliberation
from models.deliberation_rules import (
    ActedBeforeSession,
    DateInFuture,
    MoreMembersThanSeats,
    MoreVotesThanVoters,
    NotAdopted,
    QuorumNotReached,
    SecondConvocationTooEarly,
    SignatureMissing,
    TooManyProxies,
    UnlawfulDeliberation,
    check_deliberation,
)
from models.invalid_file import InvalidFile
from models.refusal import Refusal
from models.scdl import SCDL_COLUMNS, NotASiret, scdl_row
from models.yaml_file import read_yaml, read_yaml_text

EXAMPLES = Path(__file__).parents[2] / "examples" / "deliberations"
TODAY = date(2026, 11, 22)

MANTES = {
    "number": "2021-07-12",
    "session_date": date(2021, 7, 12),
    "subject": "Charte de projet partagé",
    "matter_code": "8.9",
}


def mantes(**filled_in: Any) -> CouncilDeliberation:
    return CouncilDeliberation(**{**MANTES, **filled_in})


def accepted(**filled_in: Any) -> None:
    check_deliberation(mantes(**filled_in), today=TODAY)


def refused(rule: type[UnlawfulDeliberation], article: str = "", **filled_in: Any) -> None:
    with pytest.raises(Refusal) as refusal:
        accepted(**filled_in)
    assert type(refusal.value) is rule
    assert article in str(refusal.value)
    assert "2021-07-12" in str(refusal.value)


def test_the_real_act_of_mantes_la_jolie_can_be_recorded_as_its_text_gives_it() -> None:
    act = read_yaml(EXAMPLES / "mantes-la-jolie-2021-07-12.yaml", CouncilDeliberation)
    check_deliberation(act, today=TODAY)
    assert act.session_date == date(2021, 7, 12)
    assert (act.members_in_office, act.votes_for, act.secretary, act.enforceable_on) == (None,) * 4


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_example_is_lawful(path: Path) -> None:
    check_deliberation(read_yaml(path, CouncilDeliberation), today=TODAY)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*-fictive.yaml")), ids=lambda path: path.stem)
def test_an_invented_example_says_so(path: Path) -> None:
    assert "FICTIF" in path.read_text().splitlines()[0]


@pytest.mark.parametrize("key", list(MANTES))
def test_number_session_date_subject_and_matter_code_are_always_known(key: str) -> None:
    fields = {name: value for name, value in MANTES.items() if name != key}
    text = "\n".join(f'{name}: "{value}"' for name, value in fields.items())
    with pytest.raises(InvalidFile) as refusal:
        read_yaml_text(text, CouncilDeliberation, file="acte.yaml")
    assert [problem.field for problem in refusal.value.problems] == [key]


@pytest.mark.parametrize("code", ["8", "8.", "8.123", "10.1", "8,9", "culture"])
def test_a_matter_code_outside_of_the_nomenclature_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="matter_code"):
        mantes(matter_code=code)


@pytest.mark.parametrize("identifier", ["PREF078", "PREF02A", "SPREF0782", "SGAR044"])
def test_a_prefecture_is_known_by_its_identifier(identifier: str) -> None:
    assert mantes(prefecture_id=identifier).prefecture_id == identifier


@pytest.mark.parametrize("identifier", ["78", "PREF78", "pref078"])
def test_another_identifier_of_prefecture_is_refused(identifier: str) -> None:
    with pytest.raises(ValueError, match="prefecture_id"):
        mantes(prefecture_id=identifier)


def test_what_is_unknown_is_not_checked() -> None:
    accepted(present=1)
    accepted(members_in_office=43)
    accepted(votes_for=1, abstentions=40)
    accepted(votes_against=40)
    accepted(represented=12)


def test_quorum_is_a_majority_of_the_members_in_office() -> None:
    accepted(members_in_office=43, present=22)
    refused(QuorumNotReached, "L2121-17", members_in_office=43, present=21)
    refused(QuorumNotReached, "il en faut 23", members_in_office=44, present=22)


def test_proxies_do_not_count_for_the_quorum() -> None:
    refused(QuorumNotReached, "L2121-17", members_in_office=43, present=21, represented=21)


def test_no_quorum_is_needed_at_the_second_convocation() -> None:
    accepted(members_in_office=43, present=5, second_convocation=True)
    accepted(members_in_office=43, present=5, failed_session_date=date(2021, 7, 9))


def test_the_second_convocation_comes_three_days_later_at_least() -> None:
    refused(
        SecondConvocationTooEarly,
        "L2121-17",
        members_in_office=43,
        present=5,
        second_convocation=True,
        failed_session_date=date(2021, 7, 10),
    )


def test_a_councillor_carries_one_proxy_at_most() -> None:
    accepted(members_in_office=44, present=23, represented=21)
    refused(TooManyProxies, "L2121-20", present=10, represented=11)


def test_there_are_no_more_members_present_and_represented_than_in_office() -> None:
    refused(MoreMembersThanSeats, members_in_office=43, present=30, represented=14)
    refused(MoreMembersThanSeats, members_in_office=43, present=44)


def test_there_are_no_more_votes_than_members_present_or_represented() -> None:
    accepted(present=30, represented=5, votes_for=30, votes_against=2, abstentions=3)
    refused(MoreVotesThanVoters, "L2121-20", present=30, represented=5, votes_for=34, abstentions=2)
    refused(MoreVotesThanVoters, "43", members_in_office=43, votes_for=44)
    refused(MoreVotesThanVoters, "20 membres", present=10, votes_for=21)


def test_adoption_takes_the_absolute_majority_of_the_votes_cast() -> None:
    accepted(votes_for=20, votes_against=19)
    refused(NotAdopted, "L2121-20", votes_for=19, votes_against=20)
    refused(NotAdopted, "L2121-20", votes_for=0)


def test_abstentions_are_not_votes_cast() -> None:
    accepted(votes_for=2, votes_against=1, abstentions=40)
    refused(NotAdopted, votes_for=0, votes_against=0, abstentions=40)


def test_the_president_has_the_casting_vote() -> None:
    accepted(votes_for=20, votes_against=20, president_vote_for=True)
    refused(NotAdopted, "prépondérante", votes_for=20, votes_against=20, president_vote_for=False)
    refused(NotAdopted, "dites s’il a voté", votes_for=20, votes_against=20)


def test_the_president_has_no_casting_vote_in_a_secret_ballot() -> None:
    refused(NotAdopted, "secret", votes_for=20, votes_against=20, president_vote_for=True, secret_ballot=True)


@pytest.mark.parametrize("field", ["session_date", "published_on", "transmitted_on"])
def test_a_date_in_the_future_is_refused(field: str) -> None:
    accepted(**{field: TODAY})
    refused(DateInFuture, "futur", **{field: date(2026, 11, 23)})


@pytest.mark.parametrize("field", ["published_on", "transmitted_on"])
def test_an_act_is_published_and_transmitted_after_its_session(field: str) -> None:
    accepted(**{field: date(2021, 7, 12)})
    refused(ActedBeforeSession, **{field: date(2021, 7, 11)})


def test_the_secretary_signs_since_july_2022() -> None:
    accepted(session_date=date(2022, 6, 30), signed_by_secretary=False)
    refused(SignatureMissing, "L2121-23", session_date=date(2022, 7, 1), signed_by_secretary=False)
    accepted(session_date=date(2022, 7, 1))


def test_the_mayor_signs() -> None:
    refused(SignatureMissing, "L2121-23", signed_by_mayor=False)


def test_it_is_enforceable_from_the_later_of_publication_and_transmission() -> None:
    published, transmitted = date(2021, 7, 19), date(2021, 7, 16)
    assert mantes(published_on=published, transmitted_on=transmitted).enforceable_on == published
    assert mantes(published_on=transmitted, transmitted_on=published).enforceable_on == published


def test_it_is_not_known_to_be_enforceable_while_a_date_is_unknown() -> None:
    assert mantes(published_on=date(2021, 7, 19)).enforceable_on is None
    assert mantes(transmitted_on=date(2021, 7, 19)).enforceable_on is None


def test_the_scdl_row_has_the_columns_of_the_schema_in_order() -> None:
    act = mantes(
        members_in_office=43,
        present=35,
        represented=6,
        votes_for=38,
        votes_against=0,
        abstentions=2,
        prefecture_id="PREF078",
        transmitted_on=date(2021, 7, 16),
    )
    url = "https://projets.example/actes/1"
    row = scdl_row(act, collectivity_name="Mantes-la-Jolie", siret="21780361800012", url=url)
    assert tuple(row) == SCDL_COLUMNS
    assert ";".join(row.values()) == (
        "Mantes-la-Jolie;21780361800012;2021-07-12;2021-07-12;8.9;Culture;Charte de projet partagé;;;"
        "PREF078;2021-07-16;43;40;38;0;2;https://projets.example/actes/1"
    )


def test_what_is_unknown_is_empty_in_the_scdl_row_and_the_required_columns_are_not() -> None:
    row = scdl_row(
        mantes(matter_code="7.10"), collectivity_name="Mantes-la-Jolie", siret="21780361800012", url=None
    )
    assert row["DELIB_MATIERE_NOM"] == "Finances locales"
    assert [column for column in SCDL_COLUMNS if row[column]] == list(SCDL_COLUMNS[:7])


def test_the_scdl_row_wants_a_siret_of_fourteen_digits() -> None:
    with pytest.raises(NotASiret, match="14 chiffres"):
        scdl_row(mantes(), collectivity_name="Mantes-la-Jolie", siret="217803618", url=None)
