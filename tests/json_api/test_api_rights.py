"""Who may do what through the API: each operation, asked by each role, an outsider, and nobody."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from api import Api, problem
from cast import LEAD, MANTES, NIORT, SLUG, Cast, seed_file
from starlette.datastructures import State

from actions.deliverables.add_comment import CommentRequest, add_comment
from actions.meetings.convene_meeting import MeetingPlan, convene_meeting
from actions.signing.paper_act import PaperAct
from actions.signing.sign_off import SignOffRequest
from actions.signing.sign_on_paper import PaperSignOff, sign_on_paper
from models.act_kind import ActKind
from models.deliverable import DeliverableVersion
from models.sign_off import Decision
from models.stored_row import identity
from queries.reminders.followed import follow
from web.api.application import make_api

POINT = "action plan in review"
ROLES = ("nobody", "outsider", "observer", "contractor", "contact", "mayor", "agent")
Asked = tuple[str, str, dict[str, Any]]
Row = tuple[Callable[[Cast], Asked], str]
PLAN = "./stages/action_plan/deliverables/plan_d_action"
OWN = f"?party={NIORT}"
MEETING = {
    "title": "Comité de pilotage",
    "starts_at": "2027-01-12T14:00:00+01:00",
    "ends_at": "2027-01-12T16:00:00+01:00",
}
AWARD = {
    "firms": [
        {
            "name": LEAD.name,
            "siret": LEAD.siret,
            "contact": {"name": LEAD.contact_name, "email": LEAD.contact_email},
        }
    ],
    "amount_eur": "100",
    "awarded_on": "2026-11-20",
}
STRAND = {"party": NIORT, "strand": "citizens", "held_on": "2026-11-20", "participants": 64}


def get(path: str) -> Callable[[Cast], Asked]:
    return lambda cast: ("GET", path, {})


def post(path: str, **body: Any) -> Callable[[Cast], Asked]:
    return lambda cast: ("POST", path, {"json": body})


def promised(cast: Cast) -> int:
    return next(each.id for each in cast.commitments(owner=NIORT) if each.status == "to_do")


def new_project(cast: Cast) -> Asked:
    body = seed_file().model_dump(mode="json", by_alias=True) | {"title": "Jeunesse", "contractor": None}
    return "POST", "/projects", {"json": body}


def decision(cast: Cast) -> Asked:
    sha256 = cast.deliverable("plan_d_action", NIORT).sha256
    return "POST", f"{PLAN}/sign-offs", {"json": {"party": NIORT, "decision": "approved", "sha256": sha256}}


def paper(cast: Cast) -> Asked:
    sha256 = cast.deliverable("plan_d_action", NIORT).sha256
    fields = {"party": NIORT, "decision": "approved", "sha256": sha256, "signed_on": f"{cast.today}"}
    return "POST", f"{PLAN}/paper-acts", {"data": fields, "files": {"proof": ("acte.txt", b"lu et signe")}}


def withdrawal(cast: Cast) -> Asked:
    """Nothing is decided yet: who may record it is told so."""
    fields = {"party": NIORT, "reason": "Vote à refaire", "signed_on": f"{cast.today}"}
    return (
        "POST",
        f"{PLAN}/paper-acts/withdraw",
        {"data": fields, "files": {"proof": ("a.txt", b"lu et signe")}},
    )


def proposal(act: str) -> Callable[[Cast], Asked]:
    """What is asked of a paper act that the contact of Niort has proposed."""

    def ask(cast: Cast) -> Asked:
        deliverable, party = cast.deliverable("plan_d_action", NIORT), cast.party(NIORT)
        decision = SignOffRequest(
            identity(deliverable), identity(party), deliverable.sha256 or "", Decision.approved
        )
        proof = cast.files.receive_path(cast.write("Lu et signé.", "acte.txt"))
        act_on_paper = PaperSignOff(decision, PaperAct(ActKind.elected_signature, cast.today, proof))
        proposed = sign_on_paper(cast.db, cast.contact(NIORT), act_on_paper, now=datetime.now(UTC))
        return "POST", f"/proposals/{proposed.id}/{act}", {"json": {}} if act == "drop" else {}

    return ask


def version(cast: Cast) -> Asked:
    deliverable = cast.deliverable("plan_d_action", NIORT)
    with cast.db.read() as session:
        name = session.get_one(DeliverableVersion, deliverable.version_id).file_name
    files = {"file": (name, cast.files.path(deliverable.sha256).read_bytes() + b"\n")}
    return "POST", f"{PLAN}/versions", {"data": {"party": NIORT}, "files": files}


def objection(cast: Cast) -> Asked:
    cast.set_clock(datetime.now(UTC))
    cast.sign("feuille_de_route", NIORT)
    cast.submit("feuille_de_route", minor="Une coquille")
    return "POST", "./stages/action_plan/deliverables/feuille_de_route/objections", {"json": {"party": NIORT}}


def comment(cast: Cast) -> Asked:
    number = cast.deliverable("plan_d_action", NIORT).id
    said = add_comment(cast.db, cast.agent, CommentRequest(SLUG, number, "À relire"), now=cast.now)
    return "POST", f"{PLAN}/comments/{said.id}/withdraw{OWN}", {"json": {}}


def delegation(cast: Cast) -> Asked:
    cast.delegate(NIORT)
    return "POST", "/delegations/1/revoke", {}


def new_delegation(cast: Cast) -> Asked:
    cast.register("adjoint@niort.example", "Un Adjoint")
    body = {"party": NIORT, "delegate": "adjoint@niort.example", "order": "Arrêté 7", "scope": "all"}
    return "POST", "/delegations", {"json": body | {"from": "2026-12-01", "until": "2027-12-01"}}


def new_delegation_with_order(cast: Cast) -> Asked:
    _method, _path, asked = new_delegation(cast)
    files = {"order_file": ("arrete.txt", b"Le maire arrete")}
    return "POST", "/delegations/with-order", {"data": asked["json"] | {"order": "Arrêté 8"}, "files": files}


def meeting(cast: Cast) -> Asked:
    hours = datetime(2027, 1, 12, 13, tzinfo=UTC), datetime(2027, 1, 12, 15, tzinfo=UTC)
    convened = convene_meeting(cast.db, cast.agent, MeetingPlan(SLUG, "Comité", *hours), now=cast.now)
    return "POST", f"./meetings/{convened.id}/cancel", {"json": {"reason": "Alerte météo"}}


def awaited(cast: Cast) -> Asked:
    with cast.db.read() as session:
        return "POST", "./reminders", {"json": {"subject": follow(session, SLUG, cast.now)[0].thing.subject}}


ALL, MEMBERS, AGENT = "ok ok ok ok ok ok", "404 ok ok ok ok ok", "404 403 403 403 403 ok"
"""What an outsider, an observer, the contractor, a contact, a mayor and an agent get, in this order; nobody gets 401.

Each asks after those before: the ANCT does not propose on its side the act that the city has already proposed (409).
"""
TABLE: dict[str, Row] = {
    "show_me": (get("/me"), ALL),
    "list_pending": (get("/me/pending"), ALL),
    "list_projects": (get("/projects"), ALL),
    "create_project": (new_project, "403 403 403 403 403 ok"),
    "show_project": (get("."), MEMBERS),
    "pause_project": (post("./pause", reason="Élections"), AGENT),
    "resume_project": (post("./resume", reason="Élections"), "404 403 403 403 403 409"),
    "cancel_project": (post("./cancel", reason="Élections"), AGENT),
    "open_stage": (post("./stages/action_plan/open"), AGENT),
    "extend_deadline": (post("./stages/action_plan/extend", until="2029-01-12", reason="Neige"), AGENT),
    "list_versions": (get(f"{PLAN}/versions{OWN}"), MEMBERS),
    "submit_version": (version, "404 403 403 ok 403 403"),
    "download_version": (get(f"{PLAN}/versions/1{OWN}"), MEMBERS),
    "give_sign_off": (decision, "404 403 403 403 ok 403"),
    "withdraw_sign_off": (
        post(f"{PLAN}/sign-offs/withdraw", party=NIORT, reason="À relire"), "404 403 403 403 409 403",
    ),
    "object_to_revision": (objection, "404 403 403 403 ok 403"),
    "record_paper_act": (paper, "404 403 403 ok ok 409"),
    "withdraw_by_paper_act": (withdrawal, "404 403 403 409 409 409"),
    "list_proposals": (get("/proposals"), ALL),
    "confirm_proposal": (proposal("confirm"), AGENT),
    "drop_proposal": (proposal("drop"), "404 403 403 ok 409 409"),
    "list_comments": (get(f"{PLAN}/comments{OWN}"), MEMBERS),
    "add_comment": (post(f"{PLAN}/comments{OWN}", text="Très clair."), MEMBERS),
    "withdraw_comment": (comment, AGENT),
    "add_delegation": (new_delegation, "403 403 403 ok ok 403"),
    "add_delegation_with_order": (new_delegation_with_order, "403 403 403 ok ok 403"),
    "revoke_delegation": (delegation, "403 403 403 ok ok 403"),
    "list_commitments": (get("./commitments"), MEMBERS),
    "begin_commitment": (
        lambda cast: ("POST", f"./commitments/{promised(cast)}/begin", {}),
        "404 403 403 ok ok 403",
    ),
    "keep_commitment": (
        lambda cast: ("POST", f"./commitments/{promised(cast)}/keep", {"json": {"evidence": "Salle prêtée"}}),
        "404 403 403 ok ok 403",
    ),
    "keep_commitment_with_file": (
        lambda cast: (
            "POST", f"./commitments/{promised(cast)}/keep-with-file", {"files": {"file": ("a.txt", b"64")}},
        ),
        "404 403 403 ok ok 403",
    ),
    "waive_commitment": (
        lambda cast: ("POST", f"./commitments/{promised(cast)}/waive", {"json": {"reason": "Partie"}}), AGENT,
    ),
    "preview_reminders": (get("/reminders/preview?on=2027-01-04"), "403 403 403 403 403 ok"),
    "list_reminders": (get("./reminders"), MEMBERS),
    "remind_now": (awaited, AGENT),
    "list_meetings": (get("./meetings"), MEMBERS),
    "convene_meeting": (post("./meetings", **MEETING), AGENT),
    "cancel_meeting": (meeting, AGENT),
    "sign_charter": (post("./charter/sign", sha256="0" * 64), "404 403 403 403 403 409"),
    "replace_contractor": (
        post("./contractor/replace", **AWARD, ended_on="2026-11-22", reason="Liquidation"),
        AGENT,
    ),
    "appoint_contractor": (post("./contractor", **AWARD), "404 403 403 403 403 409"),
    "record_strand": (post("./strands", **STRAND), "404 403 403 409 409 403"),
    "read_journal": (get("./journal"), MEMBERS),
    "read_register": (get("/register"), "403 403 403 403 403 ok"),
    "list_problems": (get("/problems"), ALL),
    "show_problem": (get("/problems/other-content"), ALL),
}  # fmt: skip
OPEN = ("list_problems", "show_problem")


def who(cast: Cast, role: str) -> Any:
    people = {
        "nobody": lambda: None,
        "outsider": lambda: cast.outsider,
        "observer": lambda: cast.observer,
        "contractor": lambda: cast.contractor,
        "contact": lambda: cast.contact(NIORT),
        "mayor": lambda: cast.mayor(NIORT),
        "agent": lambda: cast.agent,
    }
    return people[role]()


def test_the_table_tells_of_every_operation() -> None:
    paths = make_api(State()).openapi()["paths"].values()
    assert sorted(TABLE) == sorted(each["operationId"] for path in paths for each in path.values())


@pytest.mark.parametrize("operation", TABLE)
def test_each_role_may_what_the_table_says(api: Callable[[str], Api], operation: str) -> None:
    ask, expected = TABLE[operation]
    here = api(POINT)
    method, path, given = ask(here.cast)
    nobody = "ok" if operation in OPEN else "401"
    got = []
    for role in ROLES:
        answer = here.ask(who(here.cast, role), method, path, **given)
        got.append("ok" if answer.is_success else str(problem(answer)["status"]))
    assert dict(zip(ROLES, got, strict=True)) == dict(zip(ROLES, [nobody, *expected.split()], strict=True))


@pytest.mark.parametrize("operation", TABLE)
def test_a_token_that_only_reads_writes_nothing(api: Callable[[str], Api], operation: str) -> None:
    here = api(POINT)
    method, path, given = TABLE[operation][0](here.cast)
    before = here.cast.entries()
    answer = here.ask(here.cast.agent, method, path, read_only=True, **given)
    if method == "GET":
        assert answer.is_success
    else:
        assert problem(answer)["code"] == "read-only-token"
    assert here.cast.entries() == before


def test_a_city_signs_for_itself_alone(api: Callable[[str], Api]) -> None:
    here = api(POINT)
    sha256 = here.cast.deliverable("plan_d_action", MANTES).sha256
    body = {"party": MANTES, "decision": "approved", "sha256": sha256}
    answer = here.post(here.cast.mayor(NIORT), f"{PLAN}/sign-offs", json=body)
    assert problem(answer)["code"] == "no-authority"
    assert here.cast.sign_offs("plan_d_action", MANTES) == []
