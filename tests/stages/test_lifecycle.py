"""The lifecycle is data: what the file of the ANCT says, and what a wrong file is told."""

from itertools import pairwise
from pathlib import Path

import pytest

from models import lifecycle as lifecycle_module
from models.act_kind import ActKind
from models.invalid_file import InvalidFile, Problem
from models.lifecycle import LIFECYCLES_DIR, STAGE_KEYS, Lifecycle, UnknownLifecycle, load_lifecycle
from models.yaml_file import read_yaml_text

FILE = LIFECYCLES_DIR / "territoires-en-commun.v1.yaml"


def problems_after(*changes: tuple[str, str]) -> list[Problem]:
    text = FILE.read_text()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    with pytest.raises(InvalidFile) as refused:
        read_yaml_text(text, Lifecycle, file="cycle.yaml")
    return refused.value.problems


def line_of(text: str) -> int:
    return next(n for n, line in enumerate(FILE.read_text().splitlines(), 1) if text in line)


def test_the_stages_come_in_the_order_of_the_domain() -> None:
    assert tuple(stage.key for stage in load_lifecycle().stages) == STAGE_KEYS


@pytest.mark.parametrize(
    ("stage", "deliverable", "scope", "act"),
    [
        ("constitution", "note_de_cadrage", "shared", ActKind.technical_validation),
        ("charter", "charte", "shared", ActKind.deliberation),
        ("terms_of_reference", "cahier_des_charges", "shared", ActKind.technical_validation),
        ("territorial_diagnosis", "diagnostic", "per_party", ActKind.technical_validation),
        ("territorial_diagnosis", "synthese_croisee", "shared", ActKind.technical_validation),
        ("consultation", "bilan_de_concertation", "per_party", ActKind.technical_validation),
        ("action_plan", "plan_d_action", "per_party", ActKind.elected_signature),
        ("action_plan", "feuille_de_route", "shared", ActKind.elected_signature),
        ("lessons_learned", "dossier_de_capitalisation", "shared", ActKind.technical_validation),
    ],
)
def test_each_deliverable_has_its_scope_and_the_act_expected(
    stage: str, deliverable: str, scope: str, act: ActKind
) -> None:
    definition = load_lifecycle().stage(stage).deliverable(deliverable)
    assert (definition.scope, definition.act, definition.signed) == (scope, act, True)


def test_the_resources_of_a_city_are_published_without_being_signed() -> None:
    stage = load_lifecycle().stage("lessons_learned")
    assert not stage.deliverable("ressources").signed
    assert [one.key for one in stage.signed_deliverables] == ["dossier_de_capitalisation"]


def test_only_the_action_plan_of_a_city_is_a_structured_file() -> None:
    deliverables = [one for stage in load_lifecycle().stages for one in stage.deliverables]
    assert [one.key for one in deliverables if one.format == "action_plan"] == ["plan_d_action"]


def test_the_consultation_has_three_strands() -> None:
    strands = load_lifecycle().stage("consultation").strands
    assert [one.key for one in strands] == ["citizens", "professionals", "artistic_programme"]


def test_the_charter_binds_the_agency_seven_times_and_each_city_nine_times() -> None:
    owners = [one.owner for one in load_lifecycle().commitments]
    assert (owners.count("agency"), owners.count("each_party")) == (7, 9)


def test_a_project_lasts_about_fifteen_months() -> None:
    assert 440 <= sum(stage.duration_days for stage in load_lifecycle().stages) <= 470


def test_the_ladder_of_reminders_is_the_domain_s() -> None:
    rules = load_lifecycle().reminders
    assert rules.before_days == (30, 15, 7, 1, 0)
    assert (rules.overdue_every_days, rules.copy_after_days, rules.agenda_after_days) == (7, 7, 21)
    assert rules.quiet_hours == 48


def test_a_stage_knows_its_position_and_the_next_one() -> None:
    lifecycle = load_lifecycle()
    assert lifecycle.position("charter") == 1
    following = lifecycle.stage_after("charter")
    assert following is not None
    assert following.key == "terms_of_reference"
    assert lifecycle.stage_after("lessons_learned") is None


def test_a_lifecycle_is_read_once_and_cannot_be_changed() -> None:
    assert load_lifecycle() is load_lifecycle("territoires-en-commun", 1)
    with pytest.raises(ValueError, match="frozen"):
        load_lifecycle().stages[0].title = "Autre"  # type: ignore[misc]


def test_an_unknown_lifecycle_or_version_names_what_exists() -> None:
    with pytest.raises(UnknownLifecycle, match="territoires-en-commun, version 1"):
        load_lifecycle(version=99)
    with pytest.raises(UnknownLifecycle, match="territoires-en-commun, version 1"):
        load_lifecycle("../settings")


@pytest.fixture
def lifecycles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(lifecycle_module, "LIFECYCLES_DIR", tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    lifecycle_module._load.cache_clear()
    lifecycle_module._versions.cache_clear()


def test_a_new_project_takes_the_newest_version_and_an_old_one_keeps_its_own(lifecycles: Path) -> None:
    for version in (2, 10):
        text = FILE.read_text().replace("version: 1", f"version: {version}", 1)
        (lifecycles / f"territoires-en-commun.v{version}.yaml").write_text(text)
    assert load_lifecycle().version == 10
    assert load_lifecycle(version=2).version == 2


def test_a_file_whose_name_and_content_disagree_is_refused(lifecycles: Path) -> None:
    (lifecycles / "territoires-en-commun.v3.yaml").write_text(FILE.read_text())
    with pytest.raises(InvalidFile, match="mettez key et version d’accord"):
        load_lifecycle()


def test_an_unknown_stage_is_refused_and_the_allowed_ones_named() -> None:
    (problem,) = problems_after(("- key: charter\n", "- key: charte\n"))
    assert (problem.line, problem.field) == (line_of("- key: charter"), "stages n° 2, key")
    assert "« charter »" in problem.text
    assert "lessons_learned" in problem.text


def test_a_stage_twice_is_refused_at_its_line() -> None:
    problems = problems_after(("- key: charter\n", "- key: constitution\n"))
    assert (problems[0].line, problems[0].field) == (line_of("- key: charter"), "stages n° 2, key")
    assert "déjà prise" in problems[0].text


def test_a_deliverable_or_a_commitment_twice_is_refused() -> None:
    (problem,) = problems_after(("key: feuille_de_route", "key: charte"))
    assert problem.field == "stages n° 6, deliverables n° 2, key"
    (problem,) = problems_after(("key: capitalise\n", "key: communicate\n"))
    assert problem.field == "commitments n° 11, key"


def test_a_due_rule_after_a_stage_the_lifecycle_has_not_is_refused() -> None:
    text = FILE.read_text()
    cut = text[text.index("  - key: lessons_learned") : text.index("# Les engagements")]
    problems = problems_after((cut, ""))
    assert {problem.field for problem in problems} == {f"commitments n° {n}, due, after" for n in (6, 7, 14)}
    assert "n’est pas dans ce cycle" in problems[0].text


@pytest.mark.parametrize(
    "due",
    [
        "{}",
        "{after: charter}",
        "{days: 3}",
        "{each: stage, days: 3}",
        "{after: charter, days: 3, on: 2022-01-01}",
    ],
)
def test_a_commitment_has_exactly_one_due_rule(due: str) -> None:
    (problem,) = problems_after(("{after: constitution, days: 15}", due))
    assert (problem.line, problem.field) == (
        line_of("{after: constitution, days: 15}"),
        "commitments n° 2, due",
    )
    assert "ou «\u00a0each\u00a0»" in problem.text


def test_a_due_rule_may_be_a_date() -> None:
    text = FILE.read_text().replace("{after: constitution, days: 15}", "{on: 2022-01-31}")
    due = read_yaml_text(text, Lifecycle, file="cycle.yaml").commitments[1].due
    assert due.on is not None
    assert due.on.isoformat() == "2022-01-31"


def test_a_stage_with_nothing_to_sign_off_is_refused() -> None:
    (problem,) = problems_after(("        act: deliberation\n", "        signed: false\n"))
    assert problem.field == "stages n° 2, deliverables"
    assert "aucun livrable à valider" in problem.text


def test_a_deliverable_to_sign_off_says_the_act_expected() -> None:
    (problem,) = problems_after(("        act: deliberation\n", ""))
    assert problem.field == "stages n° 2, deliverables n° 1, act"


def test_a_stage_lasts_at_least_a_day() -> None:
    (problem,) = problems_after(("duration_days: 60", "duration_days: 0"))
    assert (problem.line, problem.field) == (line_of("duration_days: 60"), "stages n° 2, duration_days")


def test_strands_belong_to_the_consultation_alone() -> None:
    (problem,) = problems_after(
        ("duration_days: 60\n", "duration_days: 60\n    strands: [{key: a, title: A}]\n")
    )
    assert problem.field == "stages n° 2, strands"


def test_a_roster_and_a_ladder_that_make_no_sense_are_refused() -> None:
    assert problems_after(("min: 3, max: 5", "min: 6, max: 5"))[0].field == "roster, max"
    assert problems_after(("[30, 15, 7, 1, 0]", "[15, 30]"))[0].field == "reminders, before_days"


def test_a_stronger_act_satisfies_a_weaker_expectation_and_never_the_reverse() -> None:
    assert list(ActKind) == ["technical_validation", "elected_signature", "mayoral_decision", "deliberation"]
    for weaker, stronger in pairwise(ActKind):
        assert stronger.satisfies(weaker)
        assert weaker.satisfies(weaker)
        assert not weaker.satisfies(stronger)


def test_each_kind_of_act_has_a_french_label() -> None:
    assert ActKind("deliberation").label == "délibération du conseil"
    assert len({kind.label for kind in ActKind}) == len(ActKind)
