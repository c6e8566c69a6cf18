"""The same rule on every path: a forbidden act is refused in the same words by page, API and command.

Nothing is written either. ``FORBIDDEN`` is the table: a name, where the story stands, who tries what, words of the
refusal, what was done before. A new kind of act is a class of ``every_path``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from cast import MANTES, NEWCOMER, NIORT, OBSERVER, Cast
from departures import propose
from every_path import (
    PATHS,
    Act,
    ConfirmProposal,
    Delegate,
    DropProposal,
    GiveSignOff,
    ImportProject,
    SignCharter,
    WithdrawSignOff,
    every_path,
    typed,
)
from shelf import Shelf

from actions.people.propose_holder import NewHolder, propose_holder
from actions.signing.delegate_signature import DelegationRequest, delegate_signature
from actions.signing.revoke_delegation import revoke_delegation
from models.deliverable import DeliverableVersion
from models.person import Actor, Person
from models.sign_off import Decision
from web.rights import NotYours, Permission

NOTE = "note_de_cadrage"
REVIEW, CHARTER, DIAGNOSIS = "constitution in review", "charter in review", "diagnosis in review"
NO_AUTHORITY = (
    "il faut en être le maire ou le président, ou tenir de lui une délégation de signature en cours"
)
Before = Callable[[Cast], object]


@dataclass(frozen=True, slots=True)
class Forbidden:
    """``table`` is what the table of rights says first on the pages, to a role that may never do such a thing."""

    point: str
    who: Callable[[Cast], Actor]
    act: Act
    says: str
    before: Before = lambda cast: None
    table: Permission | None = None


def contact(cast: Cast) -> Actor:
    return cast.contact(NIORT)


def mayor(cast: Cast) -> Actor:
    return cast.mayor(NIORT)


def agent(cast: Cast) -> Actor:
    return cast.agent


def delegate(cast: Cast) -> Actor:
    return cast.person("adjointe@niort.example")


def delegated(
    scope: str = "all", *, from_day: int = -1, until_day: int = 365, elected: bool = True
) -> Before:
    """Niort has delegated its signature to somebody, on this scope, between these days counted from today."""

    def before(cast: Cast) -> None:
        days = cast.today + timedelta(days=from_day), cast.today + timedelta(days=until_day)
        cast.delegate(scope=scope, days=days, to_elected=elected)

    return before


def delegated_to_contact(*, from_day: int = -1, until_day: int = 365) -> Before:
    """The mayor of Niort has delegated everything to its contact, between these days counted from today."""

    def before(cast: Cast) -> None:
        days = cast.today + timedelta(days=from_day), cast.today + timedelta(days=until_day)
        with cast.db.read() as session:
            email = session.get_one(Person, contact(cast).person_id).email
        request = DelegationRequest(NIORT, email, "Arrêté 2026-7", "all", *days, to_elected=True)
        delegate_signature(cast.db, mayor(cast), request, now=cast.now)

    return before


def both(*before: Before) -> Before:
    return lambda cast: [each(cast) for each in before]


def signed(key: str, code: str = NIORT, decision: Decision = Decision.approved) -> Before:
    return lambda cast: cast.sign(key, code, decision)


def first_version(key: str) -> Callable[[Cast], str]:
    """The hash of the first version, when another one was submitted since."""

    def sha256(cast: Cast) -> str:
        number = cast.deliverable(key).id
        versions = cast.all(DeliverableVersion, DeliverableVersion.deliverable_id == number)
        return str(versions[0].sha256)  # type: ignore[attr-defined]

    return sha256


def new_version(key: str) -> Before:
    return lambda cast: cast.submit(key)


def is_(event: str) -> Before:
    """The project was paused or cancelled."""
    return lambda cast: cast.change(event)


def leaving(cast: Cast) -> object:
    """The contact of Niort proposes that it leaves."""
    return propose(cast, NIORT)


def usurped(cast: Cast) -> object:
    """The agent proposes another mayor of Niort."""
    holder = NewHolder(NIORT, "usurpateur@ailleurs.example", "Un Usurpateur")
    return propose_holder(cast.db, cast.agent, holder, now=cast.now)


def aliased(cast: Cast) -> None:
    """The contact of Niort has a second address of the same mailbox."""
    cast.register(ALIAS, "Une Élue")


ALIAS = "hugo.texier+elue@niort.example"
TWO_PERSONS = "se confirme par une autre personne, d’une autre adresse"
APPROVE = GiveSignOff(NOTE, NIORT)
FORBIDDEN: dict[str, Forbidden] = {
    # Who
    "a contact signs without a delegation": Forbidden(REVIEW, contact, APPROVE, NO_AUTHORITY),
    "a contact refuses without a delegation": Forbidden(
        REVIEW, contact, GiveSignOff(NOTE, NIORT, Decision.refused, "Incomplet."), NO_AUTHORITY
    ),
    "an agent of the ANCT signs for a party": Forbidden(REVIEW, agent, APPROVE, NO_AUTHORITY),
    "the contractor signs for a party": Forbidden(
        DIAGNOSIS, lambda cast: cast.contractor, GiveSignOff("synthese_croisee", NIORT), NO_AUTHORITY
    ),
    "an observer's person signs for a signatory": Forbidden(
        REVIEW, lambda cast: cast.observer, APPROVE, NO_AUTHORITY
    ),
    "an observer's person signs for the observer": Forbidden(
        REVIEW, lambda cast: cast.observer, GiveSignOff(NOTE, OBSERVER), "Mérignac ne valide pas « Note de cadrage »"
    ),
    "a mayor signs for another city": Forbidden(REVIEW, mayor, GiveSignOff(NOTE, MANTES), NO_AUTHORITY),
    "a mayor signs another city's own diagnosis": Forbidden(
        DIAGNOSIS, mayor, GiveSignOff("diagnostic", MANTES), NO_AUTHORITY
    ),
    # Two keys
    "who proposes a departure confirms it": Forbidden(REVIEW, contact, ConfirmProposal(), TWO_PERSONS, leaving),
    "the city that proposes a departure confirms it": Forbidden(
        REVIEW, mayor, ConfirmProposal(), "il y faut un agent de l’ANCT", leaving
    ),
    "another city confirms a departure": Forbidden(
        REVIEW, lambda cast: cast.contact(MANTES), ConfirmProposal(), "il y faut un agent de l’ANCT", leaving
    ),
    "another city drops a departure": Forbidden(
        REVIEW, lambda cast: cast.contact(MANTES), DropProposal(), "ne peut pas écarter", leaving
    ),
    "an agent confirms the mayor they propose": Forbidden(REVIEW, agent, ConfirmProposal(), TWO_PERSONS, usurped),
    "a mayor confirms who takes their place": Forbidden(
        REVIEW, mayor, ConfirmProposal(), "il y faut l’interlocuteur privilégié", usurped
    ),
    "a contact delegates to an alias of theirs": Forbidden(
        REVIEW, contact, Delegate(NIORT, ALIAS), "sous cette adresse ni sous une autre", aliased
    ),
    "a contact delegates for another city": Forbidden(
        REVIEW, contact, Delegate(MANTES, ALIAS), "ne peut pas proposer", aliased
    ),
    # Delegations
    "a delegate signs past their scope": Forbidden(
        REVIEW, delegate, APPROVE, NO_AUTHORITY, delegated("charter,diagnostic")
    ),
    "a delegate signs on another deliverable than theirs": Forbidden(
        DIAGNOSIS, delegate, GiveSignOff("synthese_croisee", NIORT), NO_AUTHORITY, delegated("diagnostic")
    ),
    "a contact signs before the first day of their delegation": Forbidden(
        REVIEW, contact, APPROVE, NO_AUTHORITY, delegated_to_contact(from_day=30)
    ),
    "a contact signs after its last day": Forbidden(
        REVIEW, contact, APPROVE, NO_AUTHORITY, delegated_to_contact(from_day=-30, until_day=-5)
    ),
    "a contact signs once it is revoked": Forbidden(
        REVIEW, contact, APPROVE, NO_AUTHORITY,
        both(
            delegated_to_contact(),
            lambda cast: revoke_delegation(cast.db, mayor(cast), 1, now=cast.now),
        ),
    ),
    # Content
    "a mayor signs the version that another one replaced": Forbidden(
        REVIEW, mayor, GiveSignOff(NOTE, NIORT, read=first_version(NOTE)),
        "Vous avez lu la version 1 de « Note de cadrage », et la version 2 l’a remplacée", new_version(NOTE),
    ),
    "a mayor signs what was never submitted": Forbidden(
        REVIEW, mayor, GiveSignOff(NOTE, NIORT, read=lambda cast: "0" * 64), "n’est celle d’aucune version"
    ),
    # Kind of act, decision
    "a mayor's click for a council's deliberation": Forbidden(
        CHARTER, mayor, GiveSignOff("charte", NIORT), "délibération"
    ),
    "a delegate's click for a council's deliberation": Forbidden(
        CHARTER, delegate, GiveSignOff("charte", NIORT), "délibération", delegated()
    ),
    "a mayor refuses without saying why": Forbidden(
        REVIEW, mayor, GiveSignOff(NOTE, NIORT, Decision.refused), "donnez un motif"
    ),
    "a mayor changes a decision that stands": Forbidden(
        REVIEW, mayor, GiveSignOff(NOTE, NIORT, Decision.refused, "Incomplet."), "Niort", signed(NOTE)
    ),
    # Withdrawals
    "a contact withdraws the decision of the mayor": Forbidden(
        REVIEW, contact, WithdrawSignOff(NOTE, NIORT), NO_AUTHORITY, signed(NOTE)
    ),
    "an agent withdraws the decision of a mayor": Forbidden(
        REVIEW, agent, WithdrawSignOff(NOTE, NIORT), NO_AUTHORITY, signed(NOTE)
    ),
    "the mayor of another city withdraws it": Forbidden(
        REVIEW, lambda cast: cast.mayor(MANTES), WithdrawSignOff(NOTE, NIORT), NO_AUTHORITY, signed(NOTE)
    ),
    "a member of the staff withdraws what an elected person signed": Forbidden(
        REVIEW, delegate, WithdrawSignOff(NOTE, NIORT), "Note de cadrage",
        both(signed(NOTE), delegated(elected=False)),
    ),
    "a mayor withdraws once the stage is closed": Forbidden(
        "charter open", mayor, WithdrawSignOff(NOTE, NIORT), "close"
    ),
    # The state of the project
    "a mayor signs in a cancelled project": Forbidden(REVIEW, mayor, APPROVE, "est annulé", is_("cancel")),
    "a mayor signs in a paused project": Forbidden(REVIEW, mayor, APPROVE, "est en pause", is_("pause")),
    "a contact signs in a cancelled project": Forbidden(REVIEW, contact, APPROVE, "est annulé", is_("cancel")),
    "a mayor withdraws in a cancelled project": Forbidden(
        REVIEW, mayor, WithdrawSignOff(NOTE, NIORT), "est annulé", both(signed(NOTE), is_("cancel"))
    ),
    # Files that give an office
    "a project's file puts somebody else in a mayor's office": Forbidden(
        REVIEW, agent, ImportProject(NIORT, ("Camille Bis", "camille.bis@anct.example")),
        "Niort (79191) a déjà pour signataire",
    ),
    "a project's file makes the agent a mayor": Forbidden(
        REVIEW, agent, ImportProject(NEWCOMER, ("Camille Roussel", "camille.roussel@anct.example")), "signataire"
    ),
    # The ANCT's own signature
    "the ANCT signs the charter before the cities": Forbidden(
        CHARTER, agent, SignCharter(), "L’ANCT signe la charte en dernier", signed("charte", MANTES)
    ),
    "the ANCT signs another charter than the current one": Forbidden(
        CHARTER, agent, SignCharter(read=lambda cast: "0" * 64), "n’est celle d’aucune version",
        lambda cast: cast.sign_all("charter"),
    ),
    "a mayor signs the charter for the ANCT": Forbidden(
        CHARTER, mayor, SignCharter(), "signer la charte pour l’ANCT", lambda cast: cast.sign_all("charter"),
        table=Permission.sign_charter,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_is_forbidden_is_refused_in_the_same_words_by_every_path(
    sqlite_shelf: Shelf, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    forbidden, cast = FORBIDDEN[name], sqlite_shelf.take(FORBIDDEN[name].point)
    forbidden.before(cast)
    with every_path(cast, forbidden.who(cast), monkeypatch) as paths:
        before, said = paths.facts(), {}
        for path in PATHS:
            answer = paths.ask(path, forbidden.act)
            assert (path, answer.done) == (path, False)
            assert paths.facts() == before, f"{path}: something was written"
            said[path] = answer.sentence
    assert forbidden.says in said["command"]
    assert said["api"] == said["command"]
    if forbidden.table is None:
        assert said["page"] == said["command"]
    else:
        assert typed(str(NotYours(forbidden.table))) in said["page"]
    sqlite_shelf.give_back(cast)


ALLOWED: dict[str, Forbidden] = {
    "the agent confirms a departure": Forbidden(REVIEW, agent, ConfirmProposal(), "", leaving),
    "a contact confirms a mayor": Forbidden(REVIEW, contact, ConfirmProposal(), "", usurped),
    "a contact declines a mayor": Forbidden(REVIEW, contact, DropProposal(), "", usurped),
    "a mayor delegates": Forbidden(REVIEW, mayor, Delegate(NIORT, ALIAS), "", aliased),
    "a mayor signs": Forbidden(REVIEW, mayor, APPROVE, ""),
    "a delegate signs": Forbidden(REVIEW, delegate, APPROVE, "", delegated("constitution")),
    "a mayor withdraws": Forbidden(REVIEW, mayor, WithdrawSignOff(NOTE, NIORT), "", signed(NOTE)),
    "the ANCT signs the charter": Forbidden(
        CHARTER, agent, SignCharter(), "", lambda cast: cast.sign_all("charter")
    ),
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("name", ALLOWED)
def test_what_is_allowed_is_done_by_every_path(
    sqlite_shelf: Shelf, monkeypatch: pytest.MonkeyPatch, name: str, path: str
) -> None:
    """So that a path which refuses everything, or is asked for nothing, is seen."""
    allowed, cast = ALLOWED[name], sqlite_shelf.take(ALLOWED[name].point)
    allowed.before(cast)
    with every_path(cast, allowed.who(cast), monkeypatch) as paths:
        before = paths.facts()
        answer = paths.ask(path, allowed.act)
        assert (answer.done, answer.sentence) == (True, "")
        assert paths.facts() != before
    sqlite_shelf.give_back(cast)
