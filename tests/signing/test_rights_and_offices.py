"""Who may never sign, and whose office it is: what no command, file or order can get around (rule 3)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cast import BOURGES, NIORT, Cast, seed_file
from sqlmodel import col, select
from two_keys import told_of

from actions.authority.mandates import IncompatibleRoles
from actions.mail.claim_notices import claim_notices
from actions.mail.deliver import write_letter
from actions.people.add_person import ContractorIsAppointed
from actions.projects.create_project import OtherOfficeHolder
from actions.signing.delegate_signature import DelegationRequest, delegate_signature
from actions.signing.revoke_delegation import revoke_delegation
from models.audit_entry import AuditEntry
from models.notice import Notice
from models.party import Party
from models.person import Actor, Mandate, Role
from models.proposal import Proposal
from models.sign_off import NoAuthority
from models.signature_delegation import InvalidDelegation
from queries.ledger.verify_journal import verify_journal

At = Callable[[str], Cast]
NOTE = "note_de_cadrage"


def delegate(cast: Cast, actor: Actor, email: str, *, days: int = 365) -> Proposal:
    return delegate_signature(
        cast.db,
        actor,
        DelegationRequest(
            authority_code=NIORT,
            delegate_email=email,
            order_reference="Arrêté 2026-118",
            scope="all",
            valid_from=cast.today,
            valid_until=cast.today + timedelta(days=days),
            to_elected=True,
        ),
        now=cast.now,
    )


def test_an_agent_of_the_agency_cannot_be_made_a_signatory(cast: Cast) -> None:
    with pytest.raises(IncompatibleRoles, match="ne signent jamais"):
        cast.give_role("camille.roussel@anct.example", "Camille Roussel", Role.signatory, NIORT)
    assert cast.sign(NOTE, NIORT), "the mayor of Niort still holds the office"


def test_a_mayor_cannot_be_made_an_agent_of_the_agency(cast: Cast) -> None:
    with pytest.raises(IncompatibleRoles):
        cast.give_role(cast.mayor_email(NIORT), "Solène Guérin", Role.agency_agent)


def test_a_contractor_is_one_of_a_project_only(cast: Cast) -> None:
    with pytest.raises(ContractorIsAppointed, match="en enregistrant son marché"):
        cast.give_role("tout@ailleurs.example", "Tout", Role.contractor)


def test_nobody_records_a_delegation_to_oneself(cast: Cast) -> None:
    contact = cast.contact(NIORT)
    with pytest.raises(InvalidDelegation, match="soi-même"):
        delegate(cast, contact, "hugo.texier@niort.example")
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=contact)


def test_a_mayor_is_asked_for_a_delegation_of_their_signature_that_somebody_else_records(cast: Cast) -> None:
    cast.register("adjointe@niort.example", "Odile Fournier")
    delegation = delegate(cast, cast.contact(NIORT), "adjointe@niort.example")
    assert delegate(cast, cast.contact(NIORT), "adjointe@niort.example").id == delegation.id, "twice is once"
    assert told_of(cast, delegation, "authority_to_confirm") == {cast.mayor_email(NIORT)}
    (notice,) = [
        each
        for each in claim_notices(cast.db, now=cast.now, most=5000)
        if each.message == "authority_to_confirm"
        and each.payload["path"] == f"/confirmations/{delegation.id}"
    ]
    words = write_letter(notice, notice.payload, "https://projets.example", "secret", now=cast.now).words
    assert "Odile Fournier (adjointe@niort.example)" in words.text
    assert "tous les livrables" in words.text
    assert f"/confirmations/{delegation.id}" in words.text
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=cast.person("adjointe@niort.example"))
    cast.confirm(delegation, cast.mayor(NIORT))
    assert cast.sign(NOTE, NIORT, actor=cast.person("adjointe@niort.example"))


def test_a_mayor_is_not_written_to_about_what_they_recorded(cast: Cast) -> None:
    before = {notice.id for notice in cast.all(Notice)}  # type: ignore[attr-defined]
    cast.delegate(NIORT)
    since = [notice for notice in cast.all(Notice) if notice.id not in before]  # type: ignore[attr-defined]
    to_mayor = {
        notice.message  # type: ignore[attr-defined]
        for notice in since
        if notice.recipient_id == cast.mayor(NIORT).person_id  # type: ignore[attr-defined]
    }
    assert to_mayor == set()
    assert since, "the contact, the agent and the delegate are"


def test_a_delegation_ends_with_the_office_of_who_gave_it(cast: Cast) -> None:
    deputy = cast.delegate(NIORT)
    cast.give_role("nouvelle@niort.example", "Nadège Roy", Role.signatory, NIORT)
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=deputy)


def test_a_revoked_order_is_not_taken_up_again_by_the_way(cast: Cast) -> None:
    cast.register("adjointe@niort.example", "Odile Fournier")
    delegation = delegate(cast, cast.mayor(NIORT), "adjointe@niort.example")
    assert delegate(cast, cast.mayor(NIORT), "adjointe@niort.example").id == delegation.id, "twice is once"
    revoke_delegation(cast.db, cast.mayor(NIORT), delegation.result_id or 0, now=cast.now)
    with pytest.raises(InvalidDelegation, match="révoquée"):
        delegate(cast, cast.mayor(NIORT), "adjointe@niort.example")
    with pytest.raises(NoAuthority):
        cast.sign(NOTE, NIORT, actor=cast.person("adjointe@niort.example"))


def test_the_same_order_with_other_dates_is_refused_and_says_which_it_has(cast: Cast) -> None:
    cast.register("adjointe@niort.example", "Odile Fournier")
    delegate(cast, cast.mayor(NIORT), "adjointe@niort.example")
    with pytest.raises(InvalidDelegation, match="est déjà enregistré"):
        delegate(cast, cast.mayor(NIORT), "adjointe@niort.example", days=30)


def test_a_project_does_not_replace_the_mayor_of_a_city(cast: Cast) -> None:
    first, *others = seed_file().parties
    assert first.signatory is not None
    usurper = first.signatory.model_copy(update={"name": "Ancien Maire", "email": "ancien@ville.example"})
    other = seed_file().model_copy(
        update={"title": "Autre", "parties": [first.model_copy(update={"signatory": usurper}), *others]}
    )
    with pytest.raises(OtherOfficeHolder, match="succède"):
        cast.create(other)
    assert cast.sign(NOTE, first.code), "the mayor still signs"


def test_the_end_of_a_mandate_is_in_the_register(cast: Cast) -> None:
    cast.give_role("nouvelle@niort.example", "Nadège Roy", Role.signatory, NIORT)
    with cast.db.read() as session:
        ended = session.exec(select(AuditEntry).where(AuditEntry.event == "mandate.ended")).all()
    assert [entry.payload["person"] for entry in ended] == [cast.mayor(NIORT).person_id]


def test_naming_somebody_wakes_the_stage_that_waited_for_it(cast: Cast) -> None:
    before = cast.stage("constitution").fact_seq
    cast.give_role("second@bourges.example", "Second Contact", Role.local_contact, BOURGES)
    assert cast.stage("constitution").fact_seq == before + 1


def test_a_whole_journal_taken_away_is_found(cast: Cast) -> None:
    with cast.db.write_statements() as connection:
        journal = connection.execute(
            sa.text("SELECT id FROM journal WHERE project_id IS NOT NULL")
        ).scalar_one()
        if cast.db.is_sqlite:
            connection.execute(sa.text("DROP TRIGGER audit_entry_no_delete"))
        else:
            connection.execute(sa.text("DROP TRIGGER audit_entry_append_only ON audit_entry"))
        connection.execute(sa.text("DELETE FROM audit_entry WHERE journal_id = :id"), {"id": journal})
        connection.execute(sa.text("DELETE FROM journal WHERE id = :id"), {"id": journal})
    assert [problem.text for problem in verify_journal(cast.db).tamperings] == [
        "le journal entier du projet a été retiré"
    ]


def test_the_people_of_the_cast_hold_the_offices_of_their_cities(cast: Cast) -> None:
    with cast.db.read() as session:
        offices = session.exec(
            select(Mandate.authority_code).where(Mandate.role == Role.signatory, col(Mandate.until).is_(None))
        ).all()
        signing = session.exec(select(Party.code).where(Party.role == "signatory")).all()
    assert sorted(code or "" for code in offices) == sorted(signing)
