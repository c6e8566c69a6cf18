"""A process killed in the middle of an act leaves nothing half-written, and the act can be done again."""

import multiprocessing
import os
import signal
from collections.abc import Callable

import pytest
from cast import GUICHEN, NIORT, Cast, seed_file
from database_contents import everything
from deaths import Death, kill_while
from departures import propose

from actions.signing.sign_off import SignOffRequest
from actions.signing.sign_on_paper import PaperSignOff, sign_on_paper
from database.engine import Database
from models.sign_off import Decision
from models.stored_row import identity
from queries.ledger.verify_journal import verify_journal

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"
ANOTHER = seed_file().model_copy(update={"title": "Autre projet"})


def confirm_all(cast: Cast) -> None:
    """The other side confirms all that waits."""
    waiting = cast.open_proposals()
    assert waiting, "something waits for its second key"
    for proposal in waiting:
        cast.confirm(proposal)


def propose_council_act(cast: Cast) -> None:
    """Niort proposes its council's act on the charter."""
    charter = cast.deliverable("charte")
    seat = identity(charter), identity(cast.party(NIORT)), charter.sha256 or ""
    asked = PaperSignOff(SignOffRequest(*seat, Decision.approved), cast.council_act(NIORT))
    sign_on_paper(cast.db, cast.contact(NIORT), asked, now=cast.now)


DEATHS = {
    "creating a project, before its people": Death(
        "met",
        lambda cast: cast.create(ANOTHER, "autre-projet"),
        "actions.projects.create_project._name_people",
    ),
    "asking for a stage, after its transition": Death(
        "met", lambda cast: cast.request("constitution"), "actions.stages.request_transition.record"
    ),
    "submitting, once the file is kept": Death(
        "constitution open",
        lambda cast: cast.submit(NOTE),
        "actions.deliverables.submit_deliverable.DeliverableVersion",
    ),
    "submitting, once the version is written": Death(
        "constitution open", lambda cast: cast.submit(NOTE), "actions.deliverables.submit_deliverable.wake"
    ),
    "a new version, once the sign-offs have fallen": Death(
        "constitution in review",
        lambda cast: cast.submit(NOTE),
        "actions.deliverables.submit_deliverable.VersionMails",
    ),
    "signing off, once the fact is in the journal": Death(
        "constitution in review", lambda cast: cast.sign(NOTE, NIORT), "actions.signing.sign_off.owe_receipt"
    ),
    "signing off, once its receipt is owed": Death(
        "constitution in review",
        lambda cast: cast.sign(NOTE, NIORT),
        "actions.signing.sign_off.wake_and_send",
    ),
    "proposing a deliberation, before it is told": Death(
        "charter in review", propose_council_act, "actions.authority.put_forward.tell_proposed"
    ),
    "confirming a deliberation, once the act is written": Death(
        "charter in review", confirm_all, "actions.signing.sign_off.append", propose_council_act
    ),
    "proposing to leave, before it is told": Death(
        "charter closed",
        lambda cast: propose(cast, GUICHEN),
        "actions.authority.put_forward.tell_proposed",
    ),
    "confirming a departure, once it is recorded": Death(
        "charter closed",
        confirm_all,
        "actions.projects.leave_project._free_seats",
        lambda cast: propose(cast, GUICHEN),
    ),
    "awarding the contract, before all is told": Death(
        "met", lambda cast: cast.award(), "actions.projects.appoint_contractor._tell"
    ),
}


@pytest.mark.parametrize("name", DEATHS)
def test_nothing_is_half_written_by_a_process_killed_while(at: At, name: str) -> None:
    death = DEATHS[name]
    cast = at(death.point)
    death.first(cast)
    before, clock = everything(cast.db), cast.now
    kill_while(cast, death.act, death.place)
    assert everything(cast.db) == before
    assert verify_journal(cast.db).tamperings == []
    cast.set_clock(clock)
    death.act(cast)
    assert everything(cast.db) != before


def test_nothing_is_half_written_by_a_process_killed_while_closing_the_charter(at: At) -> None:
    cast = at("charter in review")
    cast.sign_all("charter")
    cast.sign_for_agency()
    before = everything(cast.db)
    kill_while(cast, lambda cast: cast.close("charter"), "actions.stages.close_stage._tell_closed")
    assert everything(cast.db) == before
    assert cast.commitments() == []
    assert cast.close("charter")
    assert len(cast.commitments()) == 7 + 4 * 9


@pytest.mark.parametrize("place", ["record", "VersionMails", "wake"])
def test_nothing_is_half_written_by_a_process_killed_while_objecting(at: At, place: str) -> None:
    cast = at("constitution in review")
    cast.sign(NOTE, NIORT)
    cast.submit(NOTE, minor="Une coquille")
    before, clock = everything(cast.db), cast.now
    kill_while(
        cast, lambda cast: cast.object_to(NOTE, NIORT), f"actions.deliverables.object_to_revision.{place}"
    )
    assert everything(cast.db) == before
    cast.set_clock(clock)
    assert cast.object_to(NOTE, NIORT).round == 2


def test_what_was_acknowledged_survives_the_death_of_its_process(at: At) -> None:
    cast = at("constitution in review")
    cast.db.close()
    child = multiprocessing.get_context("fork").Process(target=sign_then_die, args=(cast,))
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL
    (recorded,) = cast.sign_offs(NOTE)
    assert recorded.sha256 == cast.deliverable(NOTE).sha256
    assert verify_journal(cast.db).tamperings == []


def sign_then_die(cast: Cast) -> None:
    cast.db = Database(cast.db.url)
    cast.sign(NOTE, NIORT)
    os.kill(os.getpid(), signal.SIGKILL)
