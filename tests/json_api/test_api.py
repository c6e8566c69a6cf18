"""The JSON API: the data of the commands, their refusals as problems, and facts that say a token was shown."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from api import PATH, PROJECT, Api, problem
from cast import GUICHEN, LEAD, NIORT, SLUG, Cast, seed_file
from command_line import CommandLine
from sample_files import pdf

from models.columns import LONGEST_TEXT
from models.person import AuthMethod
from models.refusal import typeset
from models.shared_project import ProjectStatus
from models.stage import StageStatus

CHARTER = "./stages/charter/deliverables/charte"
At = Callable[..., Api]


@pytest.fixture
def here(api: At) -> Api:
    return api("charter in review")


# The same data as the commands


@pytest.mark.parametrize(
    ("path", "command"),
    [
        (".", ("project", "show", SLUG)),
        ("/projects", ("project", "list")),
        ("./commitments", ("commitment", "list", SLUG)),
        ("./meetings", ("meeting", "list", SLUG)),
        ("./reminders", ("reminders", "list", SLUG)),
    ],
)
def test_it_gives_what_the_command_gives(
    api: At, path: str, command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = api("action plan in review")
    shell = CommandLine(here.cast.db, tmp_path, monkeypatch)
    answer = here.get(here.cast.agent, path)
    assert answer.status_code == 200, answer.text
    said, given = shell.json(*command), answer.json()
    if path == "./commitments":
        assert len(given) == 50
        said = said[:50]
    assert given == said
    assert given or path == "./meetings"


def test_it_foretells_the_mails_that_the_command_foretells(
    here: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell = CommandLine(here.cast.db, tmp_path, monkeypatch)
    day = here.get(here.cast.agent, "./reminders").json()[0]["next_reminder_on"]
    given = here.get(here.cast.agent, f"/reminders/preview?on={day}").json()
    assert given == shell.json("reminders", "preview", "--on", day)
    assert {each["project"] for mail in given for each in mail["items"]} == {SLUG}


def test_the_journal_comes_by_pages_that_lead_to_one_another(
    api: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = api("action plan in review")
    shell = CommandLine(here.cast.db, tmp_path, monkeypatch)
    page, entries, place = 1, [], "./journal"
    while place:
        answer = here.get(here.cast.contact(NIORT), place)
        entries += answer.json()
        links = answer.links
        assert links["first"]["url"] == f"{PROJECT}/journal?page=1"
        assert ("prev" in links) == (page > 1)
        place, page = links.get("next", {}).get("url", "").replace(PROJECT, "."), page + 1
    assert entries == shell.json("audit", "log", SLUG)
    assert len(entries) == int(answer.headers["x-total-count"]) > 50
    assert links["last"]["url"] == f"{PROJECT}/journal?page={page - 1}"
    assert here.get(here.cast.agent, "./journal?page=99").json() == []


def test_each_sees_the_projects_where_they_stand(here: Api) -> None:
    slugs = {name: [each["slug"] for each in here.get(who, "/projects").json()] for name, who in (
        ("agent", here.cast.agent), ("observer", here.cast.observer), ("outsider", here.cast.outsider),
    )}  # fmt: skip
    assert slugs == {"agent": [SLUG], "observer": [SLUG], "outsider": []}


def test_a_program_learns_who_it_acts_as_and_what_awaits_them(here: Api) -> None:
    me = here.get(here.cast.mayor(NIORT), "/me").json()
    assert (me["email"], me["token"]["is_read_only"]) == (here.cast.mayor_email(NIORT), False)
    (thing,) = here.get(here.cast.mayor(NIORT), "/me/pending?until=2027-12-31").json()
    assert (thing["kind"], thing["project"], thing["is_mine"]) == ("sign_off", SLUG, True)


# Facts


def give(here: Api, code: str, **changes: Any) -> Any:
    sha256 = here.cast.deliverable("note_de_cadrage").sha256
    body = {"party": code, "decision": "approved", "sha256": sha256} | changes
    return here.post(
        here.cast.mayor(code), "./stages/constitution/deliverables/note_de_cadrage/sign-offs", json=body
    )


def test_a_sign_off_says_that_a_token_was_shown_and_twice_is_one_fact(api: At) -> None:
    here = api("constitution in review")
    first, second = give(here, NIORT), give(here, NIORT)
    assert (first.status_code, second.json()) == (201, first.json())
    (fact,) = here.cast.sign_offs("note_de_cadrage")
    assert (fact.id, fact.signed_by, fact.auth_method) == (
        first.json()["id"], here.cast.mayor(NIORT).person_id, AuthMethod.token,
    )  # fmt: skip
    entry = here.cast.entries()[-1]
    assert (entry["event"], entry["auth_method"]) == ("sign_off.recorded", AuthMethod.token)


def test_a_click_by_a_program_is_never_the_act_of_a_council(here: Api) -> None:
    body = {"party": NIORT, "decision": "approved", "sha256": here.cast.deliverable("charte").sha256}
    refused = problem(here.post(here.cast.mayor(NIORT), f"{CHARTER}/sign-offs", json=body))
    assert refused["code"] == "weaker-act"
    assert "délibération" in refused["detail"]


def test_a_version_that_changed_meanwhile_is_told_and_not_signed(api: At) -> None:
    here = api("constitution in review")
    old = here.cast.deliverable("note_de_cadrage").sha256
    here.cast.submit("note_de_cadrage", text="Une autre note.")
    refused = problem(give(here, NIORT, sha256=old))
    assert (refused["status"], refused["code"]) == (409, "other-content")
    assert "lisez-la, puis validez-la" in refused["detail"]
    assert here.cast.sign_offs("note_de_cadrage") == []


def test_a_program_gives_as_long_a_reason_as_a_person_on_the_page(api: At) -> None:
    here = api("constitution in review")
    too_long = give(here, NIORT, decision="refused", reason="a" * (LONGEST_TEXT + 1))
    assert problem(too_long)["code"] == "wrong-values"
    assert give(here, NIORT, decision="refused", reason="a" * LONGEST_TEXT).status_code == 201
    assert here.cast.sign_offs("note_de_cadrage")[0].reason == "a" * LONGEST_TEXT


def test_a_decision_is_taken_back(api: At) -> None:
    here = api("constitution in review")
    number = give(here, NIORT).json()["id"]
    place = "./stages/constitution/deliverables/note_de_cadrage/sign-offs/withdraw"
    taken = here.post(here.cast.mayor(NIORT), place, json={"party": NIORT, "reason": "À relire"})
    assert taken.json() == {
        "id": number, "slug": SLUG, "stage": "constitution", "deliverable": "note_de_cadrage",
        "party": NIORT, "withdrawn": True,
    }  # fmt: skip
    again = here.post(here.cast.mayor(NIORT), place, json={"party": NIORT, "reason": "À relire"})
    assert problem(again)["code"] == "nothing-to-withdraw"


def test_a_council_s_deliberation_is_recorded_with_its_data_and_its_rules_checked(here: Api) -> None:
    council = here.cast.council_act(NIORT).deliberation
    assert council is not None

    def record(**changes: object) -> Any:
        fields = {
            "party": NIORT,
            "decision": "approved",
            "sha256": here.cast.deliverable("charte").sha256,
            "deliberation": council.model_copy(update=changes).model_dump_json(),
        }
        files = {"proof": ("deliberation.pdf", pdf())}
        return here.post(here.cast.contact(NIORT), f"{CHARTER}/paper-acts", data=fields, files=files)

    refused = problem(record(votes_for=999))
    assert (refused["status"], refused["code"]) == (422, "unlawful-deliberation")
    wrong = problem(record(matter_code="culture"))
    assert wrong["errors"][0]["pointer"] == "#/deliberation/matter_code"
    proposed = record()
    assert (proposed.status_code, proposed.json()["waits_for"]) == (201, "un agent de l’ANCT")
    assert here.cast.sign_offs("charte") == []
    confirmed = here.post(here.cast.agent, f"/proposals/{proposed.json()['id']}/confirm").json()
    (fact,) = here.cast.sign_offs("charte")
    assert (fact.id, fact.act_kind) == (confirmed["result"], "deliberation")


def test_the_stage_asked_for_is_on_its_way_and_twice_is_one_request(api: At) -> None:
    here = api("met")
    for _ in range(2):
        answer = here.post(here.cast.agent, "./stages/constitution/open")
        assert (answer.status_code, answer.json()["message"]) == (202, "ouverture en cours")
    assert here.cast.status("constitution") is StageStatus.opening
    refused = problem(here.post(here.cast.agent, "./stages/charter/open"))
    assert refused["code"] == "gate-not-reached"
    assert problem(here.post(here.cast.agent, "./stages/voyage/open"))["code"] == "unknown-stage"


def test_a_project_is_paused_and_resumed(here: Api) -> None:
    refused = here.post(here.cast.agent, "./pause", json={"reason": "Élections"}).json()
    assert refused == {"slug": SLUG, "status": "paused", "status_reason": "Élections"}
    again = problem(here.post(here.cast.agent, "./pause", json={"reason": "Élections"}))
    assert (again["status"], again["code"]) == (409, "wrong-project-state")
    here.post(here.cast.agent, "./resume", json={"reason": "Élections passées"})
    assert here.cast.project().status is ProjectStatus.active


def test_what_stages_ask_for_besides_their_deliverables_is_recorded(api: At) -> None:
    here = api("charter in review")
    here.cast.sign_all("charter")
    sha256 = here.cast.deliverable("charte").sha256
    signed = here.post(here.cast.agent, "./charter/sign", json={"sha256": sha256})
    assert (signed.status_code, signed.json()["sha256"]) == (200, sha256)

    here = api("consultation open")
    held = {"party": NIORT, "strand": "citizens", "held_on": "2026-11-20", "participants": 64}
    assert here.post(here.cast.contact(NIORT), "./strands", json=held).json() == {"slug": SLUG} | held
    refused = problem(here.post(here.cast.contact(NIORT), "./strands", json=held | {"strand": "sieste"}))
    assert refused["code"] == "unknown-strand"

    here = api("charter closed")
    firm = {
        "name": LEAD.name,
        "siret": LEAD.siret,
        "contact": {"name": "J. Arnal", "email": LEAD.contact_email},
    }
    award = {"firms": [firm], "amount_eur": "148500.00", "awarded_on": "2026-11-20"}
    first, again = [here.post(here.cast.agent, "./contractor", json=award) for _ in range(2)]
    assert (first.status_code, first.json()["amount_eur"]) == (201, "148500.00")
    assert again.json() == first.json()


def test_a_meeting_is_convened_and_seen(here: Api) -> None:
    meeting = {
        "title": "Comité nº 1",
        "starts_at": "2027-01-12T14:00:00+01:00",
        "ends_at": "2027-01-12T16:00:00+01:00",
    }
    convened = here.post(here.cast.agent, "./meetings", json=meeting).json()
    assert convened["starts_at"] == "2027-01-12T13:00:00+00:00"
    (seen,) = here.get(here.cast.observer, "./meetings").json()
    assert (seen["id"], seen["status"]) == (convened["id"], "to_come")
    wrong = here.post(here.cast.agent, "./meetings", json=meeting | {"ends_at": "2027-01-12T16:00:00"})
    assert problem(wrong)["errors"][0]["pointer"] == "#/ends_at"


def test_it_is_the_same_on_both_databases(at: Callable[[str], Cast]) -> None:
    here = Api(at("action plan in review"))
    agent = here.cast.agent
    for path in ("/projects", ".", "./journal", "./commitments", "./reminders", "/me/pending", "./meetings"):
        assert here.get(agent, path).status_code == 200, path
    assert here.get(agent, "/reminders/preview?on=2027-12-01").status_code == 200
    assert here.post(agent, "/projects", json=new_project()).status_code == 201
    place = "./stages/action_plan/deliverables/plan_d_action"
    said = here.post(here.cast.observer, f"{place}/comments?party={NIORT}", json={"text": "Très clair."})
    assert said.status_code == 201
    sha256 = here.cast.deliverable("plan_d_action", NIORT).sha256
    body = {"party": NIORT, "decision": "approved", "sha256": sha256}
    assert here.post(here.cast.mayor(NIORT), f"{place}/sign-offs", json=body).status_code == 201
    assert problem(here.get(here.cast.agent, "/projects/a%00b"))["status"] in (404, 422)


# A new project


def new_project(**changes: Any) -> dict[str, Any]:
    body = seed_file().model_dump(mode="json", by_alias=True) | {"title": "Jeunesse et culture"}
    return body | {"contractor": None} | changes


def test_an_agent_creates_a_project_and_the_journal_says_by_a_token(here: Api) -> None:
    answer = here.post(here.cast.agent, "/projects", json=new_project())
    assert (answer.status_code, answer.headers["location"]) == (201, f"{PATH}/projects/jeunesse-et-culture")
    created = here.get(here.cast.agent, "/projects/jeunesse-et-culture/journal").json()[0]
    assert (created["event"], created["actor"], created["auth_method"]) == (
        "project.created", "Camille Roussel", "token",
    )  # fmt: skip
    again = problem(here.post(here.cast.agent, "/projects", json=new_project()))
    assert (again["status"], again["code"]) == (409, "project-exists")


def test_creating_a_project_makes_nobody_an_agent_of_the_anct(here: Api) -> None:
    someone = {"name": "Une Curieuse", "email": "curieux@ailleurs.example"}
    refused = problem(here.post(here.cast.agent, "/projects", json=new_project(agency_agent=someone)))
    assert refused["code"] == "not-an-agent"
    assert here.get(here.cast.outsider, "/projects").json() == []


def test_each_wrong_value_is_told_where_it_is(here: Api) -> None:
    body = new_project(title=3, couleur="bleu", period={"from": "hier", "until": "2027-01-31"})
    body["parties"][0]["code"] = 1053
    refused = problem(here.post(here.cast.agent, "/projects", json=body))
    assert (refused["status"], refused["code"]) == (422, "wrong-values")
    text_wanted = "un texte est attendu ici ; écrivez-le entre guillemets, même si c’est un code"
    assert {each["pointer"]: each["detail"] for each in refused["errors"]} == {
        "#/title": typeset(text_wanted),
        "#/couleur": typeset(
            "clé inconnue ; retirez-la, ou écrivez l’une de celles-ci : "
            "agency_agent, calendar, contractor, parties, period, theme, title"
        ),
        "#/period/from": typeset(
            "« hier » n’est pas une date ; écrivez-la année-mois-jour, par exemple 2021-07-12"
        ),
        "#/parties/0/code": typeset(text_wanted),
    }


# Comments


def test_a_comment_is_published_answered_and_taken_back(here: Api) -> None:
    place = f"{CHARTER}/comments"
    first = here.post(here.cast.observer, place, json={"text": "Et les associations ?"}).json()
    answer = {"text": "Article 3.", "answers": first["id"]}
    here.post(here.cast.contact(GUICHEN), place, json=answer)
    (thread,) = here.get(here.cast.agent, place).json()
    assert (thread["text"], [each["text"] for each in thread["answers"]]) == (
        "Et les associations ?", ["Article 3."],
    )  # fmt: skip
    assert (thread["answers"][0]["party"], thread["version"]) == (GUICHEN, 1)
    here.post(here.cast.observer, f"{place}/{first['id']}/withdraw", json={})
    (thread,) = here.get(here.cast.agent, place).json()
    assert thread["text"] == ""
