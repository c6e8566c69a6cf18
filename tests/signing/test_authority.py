"""Who may sign for a party: the office holder or a delegate (rule 3)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from cast import BOURGES, NIORT, OBSERVER, Cast

from actions.signing.delegate_signature import DelegationRequest, delegate_signature
from actions.signing.sign_off import SignOffRequest, UnknownSeat, sign_off
from models.act_kind import ActKind
from models.lifecycle import load_lifecycle
from models.person import AuthMethod, Role
from models.proposal_rules import NotYourKey
from models.sign_off import (
    AlreadyDecided,
    Decision,
    NoAuthority,
    NotConcerned,
)
from models.signature_delegation import InvalidDelegation, UnknownScope, delegation_scopes
from queries.projects.participants import read_participants

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"
APPROVED, RESERVED, REFUSED = Decision


def test_the_mayor_signs_for_the_city(cast: Cast) -> None:
    cast.sign(NOTE, NIORT)
    (recorded,) = cast.sign_offs(NOTE)
    assert (recorded.signed_by, recorded.act_kind) == (cast.mayor(NIORT).person_id, ActKind.elected_signature)


@pytest.mark.parametrize("who", ["agent", "contractor", "observer", "outsider"])
def test_the_anct_the_contractor_an_observer_and_an_outsider_never_sign(cast: Cast, who: str) -> None:
    cast.award()
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=getattr(cast, who))
    assert cast.sign_offs(NOTE) == []


def test_a_local_contact_does_not_sign_without_a_delegation(cast: Cast) -> None:
    with pytest.raises(NoAuthority, match="délégation"):
        cast.sign(NOTE, NIORT, actor=cast.contact(NIORT))


def test_a_mayor_does_not_sign_for_another_city(cast: Cast) -> None:
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=cast.mayor(BOURGES))


def test_the_engine_itself_does_not_sign(cast: Cast) -> None:
    nobody = replace(cast.agent, person_id=None, auth_method=AuthMethod.system)
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=nobody)


def test_an_observer_city_has_no_seat_even_for_its_mayor(cast: Cast) -> None:
    cast.give_role("maire@merignac.example", "Maire", Role.signatory, OBSERVER)
    with pytest.raises(NotConcerned):
        cast.sign(NOTE, OBSERVER, actor=cast.person("maire@merignac.example"))


def test_a_city_does_not_sign_the_deliverable_of_another(at: At) -> None:
    cast = at("diagnosis in review")
    with pytest.raises(NotConcerned):
        cast.sign("diagnostic", NIORT, owner=BOURGES)


def test_a_party_of_another_project_is_refused(cast: Cast) -> None:
    note = cast.deliverable(NOTE)
    request = SignOffRequest(note.id or 0, 987654, note.sha256 or "", APPROVED)
    with pytest.raises(UnknownSeat):
        sign_off(cast.db, cast.mayor(NIORT), request, now=cast.now)


def test_a_former_mayor_signs_no_more_and_the_new_one_does(cast: Cast) -> None:
    former = cast.mayor(NIORT)
    cast.give_role("nouveau@niort.example", "Nouveau Maire", Role.signatory, NIORT)
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=former)
    cast.sign(NOTE, NIORT, actor=cast.person("nouveau@niort.example"))


def test_a_delegate_signs_and_the_sign_off_names_the_delegation(cast: Cast) -> None:
    deputy = cast.delegate(NIORT)
    cast.sign(NOTE, NIORT, actor=deputy)
    (recorded,) = cast.sign_offs(NOTE)
    assert recorded.signed_by == deputy.person_id
    assert recorded.delegation_id is not None


def test_one_seat_a_party_whoever_holds_the_pen(cast: Cast) -> None:
    deputy = cast.delegate(NIORT)
    cast.sign(NOTE, NIORT)
    with pytest.raises(AlreadyDecided):
        cast.sign(NOTE, NIORT, actor=deputy)
    assert len(cast.sign_offs(NOTE)) == 1


@pytest.mark.parametrize(
    ("instant", "signs"),
    [
        (datetime(2026, 11, 30, 22, 59, tzinfo=UTC), False),
        (datetime(2026, 11, 30, 23, 0, tzinfo=UTC), True),
        (datetime(2026, 12, 10, 22, 59, tzinfo=UTC), True),
        (datetime(2026, 12, 10, 23, 0, tzinfo=UTC), False),
    ],
    ids=["the eve, in Paris", "the first minute", "the last minute", "the day after, in Paris"],
)
def test_a_delegation_runs_by_days_of_paris_both_ends_included(
    cast: Cast, instant: datetime, signs: bool
) -> None:
    deputy = cast.delegate(NIORT, days=(date(2026, 12, 1), date(2026, 12, 10)))
    cast.set_clock(instant - timedelta(minutes=1))
    if signs:
        assert cast.sign(NOTE, NIORT, actor=deputy)
    else:
        with pytest.raises(NoAuthority):
            cast.sign(NOTE, NIORT, actor=deputy)


@pytest.mark.parametrize("scope", ["all", "constitution", "note_de_cadrage", "charter, note_de_cadrage"])
def test_a_delegation_covers_everything_a_stage_or_a_deliverable(cast: Cast, scope: str) -> None:
    assert cast.sign(NOTE, NIORT, actor=cast.delegate(NIORT, scope=scope))


def test_a_delegation_reaches_no_further_than_its_scope(cast: Cast) -> None:
    deputy = cast.delegate(NIORT, scope="charter,plan_d_action")
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=deputy)


def test_a_delegation_is_for_one_city_only(cast: Cast) -> None:
    deputy = cast.delegate(NIORT)
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, BOURGES, actor=deputy)


def test_a_revoked_delegation_signs_no_more(cast: Cast) -> None:
    deputy = cast.delegate(NIORT)
    with cast.db.write_statements() as connection:
        connection.execute(
            sa.text("UPDATE signature_delegation SET revoked_at = :now"), {"now": "2026-11-22 09:00:00+00:00"}
        )
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=deputy)


@pytest.mark.parametrize(
    ("to_elected", "kind"), [(True, ActKind.elected_signature), (False, ActKind.technical_validation)]
)
def test_an_elected_delegate_signs_as_an_elected_person_and_the_staff_technically(
    cast: Cast, to_elected: bool, kind: ActKind
) -> None:
    cast.sign(NOTE, NIORT, actor=cast.delegate(NIORT, to_elected=to_elected))
    assert cast.sign_offs(NOTE)[0].act_kind is kind


@pytest.mark.parametrize("who", ["agent", "contractor"])
def test_no_delegation_makes_the_anct_or_the_contractor_sign(cast: Cast, who: str) -> None:
    cast.award()
    with pytest.raises(InvalidDelegation):
        _delegate_to(cast, getattr(cast, who), "camille.roussel@anct.example" if who == "agent" else None)


def test_a_delegate_who_becomes_an_agent_of_the_anct_signs_no_more(cast: Cast) -> None:
    deputy = cast.delegate(NIORT)
    cast.give_role("adjointe@niort.example", "Odile Fournier", Role.agency_agent)
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=deputy)


def test_a_delegation_is_recorded_by_the_city_and_by_nobody_else(cast: Cast) -> None:
    cast.register("adjoint@niort.example", "Un adjoint")
    for who in (cast.agent, cast.mayor(BOURGES), cast.contact(BOURGES), cast.observer, cast.outsider):
        with pytest.raises(NotYourKey):
            _delegate_to(cast, who, "adjoint@niort.example", actor=who)


def test_a_delegation_is_about_what_is_signed(cast: Cast) -> None:
    cast.register("adjoint@niort.example", "Un adjoint")
    with pytest.raises(UnknownScope, match="ressources"):
        _delegate_to(cast, cast.mayor(NIORT), "adjoint@niort.example", scope="charter,ressources")
    scopes = delegation_scopes(load_lifecycle())
    assert "ressources" not in scopes
    for number, scope in enumerate(scopes):
        _delegate_to(cast, cast.mayor(NIORT), "adjoint@niort.example", scope=scope, order=f"Arrêté {number}")


def test_a_delegation_about_what_nobody_signs_stays_shown(cast: Cast) -> None:
    cast.delegate(NIORT, scope="charter")
    with cast.db.write() as session:
        session.connection().execute(sa.text("UPDATE signature_delegation SET scope = 'charter,ressources'"))
    with cast.db.read() as session:
        (shown,) = read_participants(session, cast.slug, cast.agent.person_id, cast.now).delegations
    assert shown.scope == "étape « Charte », ressources"


def test_a_delegation_needs_a_scope_that_exists_an_order_and_dates_in_order(cast: Cast) -> None:
    cast.register("adjoint@niort.example", "Un adjoint")
    with pytest.raises(UnknownScope, match="chartre"):
        _delegate_to(cast, cast.mayor(NIORT), "adjoint@niort.example", scope="chartre")
    with pytest.raises(InvalidDelegation, match="arrêté"):
        _delegate_to(cast, cast.mayor(NIORT), "adjoint@niort.example", order=" ")
    with pytest.raises(InvalidDelegation, match="avant de commencer"):
        _delegate_to(cast, cast.mayor(NIORT), "adjoint@niort.example", until=date(2020, 1, 1))


def _delegate_to(
    cast: Cast,
    who: object,
    email: str | None,
    *,
    actor: object = None,
    scope: str = "all",
    order: str = "Arrêté 2026-7",
    until: date = date(2027, 12, 31),
) -> None:
    delegate_signature(
        cast.db,
        actor or cast.mayor(NIORT),  # type: ignore[arg-type]
        DelegationRequest(
            authority_code=NIORT,
            delegate_email=email or "jeanne.arnal@regards-croises.example",
            order_reference=order,
            scope=scope,
            valid_from=date(2026, 1, 1),
            valid_until=until,
            to_elected=True,
        ),
        now=cast.now,
    )
