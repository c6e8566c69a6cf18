"""Random people do random things about authority, by the real actions; an oracle says what each should have done."""

import itertools
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

import hypothesis.strategies as st
from authority_oracle import Done
from authority_world import ABLE, NEWCOMERS, OUTSIDER, OWN, PEOPLE, SECOND, SHARED, STAGE, SUCCESSOR, World
from cast import CITIES, MANTES, NIORT, OBSERVER, SLUG
from hypothesis.stateful import RuleBasedStateMachine, rule
from sqlmodel import select

from actions.confirmation.settle import Drop, confirm_proposal, drop_proposal, expire_proposals
from actions.people.add_person import Registration, add_person
from actions.people.end_role import RoleEnd, end_role
from actions.people.invite_person import Invitation, invite_person
from actions.people.propose_holder import HoldsAlready, NewHolder, propose_holder
from actions.signing.delegate_signature import DelegationRequest, delegate_signature
from actions.signing.revoke_delegation import revoke_delegation
from models.act_kind import ActKind
from models.local_authority import siren_of
from models.paris_time import PARIS
from models.person import Actor, AuthMethod, Mandate, Role, is_in_force
from models.proposal import Proposal
from models.proposal_rules import NewContact, OtherProposal
from models.recorded_act import NobodyInOffice
from models.refusal import Refusal
from models.sign_off import OtherOrganisation
from models.signature_delegation import SignatureDelegation

UNTOLD = (OtherProposal, HoldsAlready, OtherOrganisation, NobodyInOffice, NewContact)
"""Refusals of what the rules allow: one thing is proposed at a time, and not what is so; ProConnect brought
somebody for another organisation; nobody was in office at noon on the day of an act; a contact named beside others
turns no key for five days."""

WHO = st.integers(0, 30) | st.sampled_from(PEOPLE)
"""Somebody; a number is one of those who may do it, as the oracle says, if there is any."""

THEN = st.none() | st.integers(0, 30)
WHOM = st.sampled_from(ABLE) | st.sampled_from(NEWCOMERS) | st.sampled_from(PEOPLE)
CITY = st.sampled_from([MANTES, NIORT]) | st.sampled_from([*CITIES, OBSERVER])
SCOPE = st.sampled_from(["all", "all", STAGE, SHARED, OWN, "charter", "charter,plan_d_action"])
NUMBER = st.integers(0, 3) | st.integers(0, 60)
DAYS = st.sampled_from([(-1, 20), (0, 0), (0, 400), (5, 40), (-30, -1)])


class PeopleMachine(RuleBasedStateMachine):
    """Each rule asks the oracle, then the product: they agree, whoever it was and whatever came before."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.cast = world, world.begin()
        self.db, self.oracle = self.cast.db, world.oracle()
        self.numbers, self.last = itertools.count(1), self.newest()
        self.has_changed = True
        self.tick()

    def teardown(self) -> None:
        self.world.shelf.give_back(self.cast)

    def tick(self) -> None:
        """One minute later, for both."""
        self.now = self.cast.now
        self.oracle.now = self.now.astimezone(PARIS)

    def newest(self) -> int:
        with self.db.read() as session:
            return max(session.exec(select(Proposal.id)).all(), default=0)

    def actor(self, email: str, organisation: str | None = None) -> Actor:
        method = AuthMethod.proconnect if organisation else AuthMethod.email_link
        siren = siren_of(organisation) if organisation else None
        return Actor(self.world.ids[email], email, method, organisation_siren=siren)

    def attempt(
        self, done: Done, act: Callable[[], Any], *, may_refuse: bool = False, then: int | None = None
    ) -> None:
        """The product does it exactly when the oracle says so; then the oracle notes it.

        With ``then``, what was proposed is confirmed at once by one of those who may.
        """
        try:
            act()
        except Refusal as refusal:
            if done is not None and not may_refuse and not isinstance(refusal, UNTOLD):
                raise AssertionError("allowed, and refused") from refusal
        else:
            assert done is not None, "forbidden, and done"
            before, self.last = self.last, self.newest()
            done(self.last if self.last > before else 0)
            self.has_changed = True
            if then is not None and self.last > before and self.last in self.oracle.proposals:
                self.confirm(0, then, None)
        self.tick()

    def one_of(self, who: int | str, may: Callable[[str], Done]) -> tuple[str, Done]:
        """Who does it, and what the oracle says to them."""
        if isinstance(who, int):
            able = [each for each in PEOPLE if may(each)] or PEOPLE
            who = able[who % len(able)]
        return who, may(who)

    def file(self, text: str, name: str = "document.pdf") -> Any:
        return self.cast.files.receive_path(self.cast.write(text, name))

    # People

    @rule(
        then=THEN,
        by=WHO,
        city=CITY,
        who=WHOM,
        role=st.sampled_from([Role.local_contact, Role.signatory, Role.signatory]),
    )
    def invite(self, by: int | str, city: str, who: str, role: Role, then: int | None) -> None:
        asked = Invitation(SLUG, who, self.cast.name_of(who), role, city, takes_over=True)
        by, done = self.one_of(by, lambda each: self.oracle.invite(each, city, who, role))
        self.attempt(done, lambda: invite_person(self.db, self.actor(by), asked, now=self.now), then=then)

    @rule(then=THEN, by=WHO, city=CITY, who=WHOM, ahead=st.sampled_from([0, 0, 1, 40]))
    def propose_holder(self, by: int | str, city: str, who: str, ahead: int, then: int | None) -> None:
        day = self.oracle.now.date() + timedelta(days=ahead)
        since = datetime.combine(day, time.min, PARIS) if ahead else None
        asked = NewHolder(city, who, self.cast.name_of(who), on=day if ahead else None)
        by, done = self.one_of(by, lambda each: self.oracle.propose_holder(each, city, who, since))
        self.attempt(done, lambda: propose_holder(self.db, self.actor(by), asked, now=self.now), then=then)

    @rule(city=CITY, choice=NUMBER, role=st.sampled_from([Role.local_contact, Role.signatory]))
    def end_role(self, city: str, choice: int, role: Role) -> None:
        office, is_holders = self.oracle.holder(city), role is Role.signatory
        contacts = sorted(who for who, code in self.oracle.contacts if code == city)
        people = [office.person] if is_holders and office else [] if is_holders else contacts
        if not people:
            return
        who = people[choice % len(people)]
        held = (Mandate.person_id == self.world.ids[who]) & (Mandate.role == role) & is_in_force(self.now)
        with self.db.read() as session:
            number = session.exec(select(Mandate.id).where(held, Mandate.authority_code == city)).one()
        done = self.oracle.end_office(city) if is_holders else self.oracle.end_contact(who, city)
        act = lambda: end_role(self.db, self.actor(who), RoleEnd(number), now=self.now)  # noqa: E731
        self.attempt(done, act, may_refuse=True)

    @rule(city=CITY, who=WHOM)
    def register_mayor(self, city: str, who: str) -> None:
        asked = Registration(who, self.cast.name_of(who), Role.signatory, city)
        done = self.oracle.register_mayor(city, who)
        self.attempt(done, lambda: add_person(self.db, asked, now=self.now))

    @rule(who=st.sampled_from([OUTSIDER, SECOND[NIORT], SUCCESSOR[MANTES]]))
    def become_agent(self, who: str) -> None:
        asked = Registration(who, self.cast.name_of(who), Role.agency_agent, None)
        self.attempt(self.oracle.become_agent(who), lambda: add_person(self.db, asked, now=self.now))

    # The second key

    def number(self, place: int) -> int | None:
        numbers = [*self.oracle.proposals]
        return numbers[-1 - place % len(numbers)] if numbers else None

    @rule(place=NUMBER, who=WHO, organisation=st.none() | st.sampled_from(CITIES))
    def confirm(self, place: int, who: int | str, organisation: str | None) -> None:
        if number := self.number(place):
            who, done = self.one_of(who, lambda each: self.oracle.confirm(each, number, organisation))
            actor = self.actor(who, organisation)
            self.attempt(done, lambda: confirm_proposal(self.db, actor, number, now=self.now))

    @rule(choice=NUMBER)
    def everything_is_confirmed(self, choice: int) -> None:
        for number, asked in list(self.oracle.proposals.items()):
            if self.oracle.is_open(asked) and any(self.oracle.confirm(each, number) for each in PEOPLE):
                self.confirm(-1 - list(self.oracle.proposals).index(number), choice, None)

    @rule(place=NUMBER, who=WHO)
    def drop(self, place: int, who: int | str) -> None:
        if number := self.number(place):
            who, done = self.one_of(who, lambda each: self.oracle.drop(each, number))
            act = lambda: drop_proposal(self.db, self.actor(who), Drop(number), now=self.now)  # noqa: E731
            self.attempt(done, act, may_refuse=who != self.oracle.proposals[number].by)

    @rule(days=st.sampled_from([1, 6, 21, 29, 30]))
    def wait(self, days: int) -> None:
        self.cast.wait(days=days)
        self.has_changed = True
        self.tick()

    @rule()
    def expire(self) -> None:
        expire_proposals(self.db, now=self.now)
        self.tick()

    # Delegations

    @rule(
        then=THEN, by=WHO, city=CITY, to=WHOM, days=DAYS, is_elected=st.booleans(),
        scope=SCOPE, has_file=st.booleans(),
    )  # fmt: skip
    def delegate(
        self,
        by: int | str,
        city: str,
        to: str,
        days: tuple[int, int],
        is_elected: bool,
        scope: str,
        has_file: bool,
        then: int | None,
    ) -> None:
        first, last = (self.oracle.now.date() + timedelta(days=each) for each in days)
        order = f"Arrêté {next(self.numbers)}"
        file = self.file(order) if has_file else None
        asked = DelegationRequest(city, to, order, scope, first, last, is_elected, order_file=file)
        kind = ActKind.elected_signature if is_elected else ActKind.technical_validation
        terms = scope.split(","), kind, (first, last), has_file
        by, done = self.one_of(by, lambda each: self.oracle.delegate(each, city, to, *terms))
        self.attempt(
            done, lambda: delegate_signature(self.db, self.actor(by), asked, now=self.now), then=then
        )

    @rule(who=WHO, place=NUMBER)
    def revoke(self, who: int | str, place: int) -> None:
        if self.oracle.delegations:
            place %= len(self.oracle.delegations)
            with self.db.read() as session:
                number = sorted(session.exec(select(SignatureDelegation.id)).all())[place]
            who, done = self.one_of(who, lambda each: self.oracle.revoke(each, place))
            self.attempt(done, lambda: revoke_delegation(self.db, self.actor(who), number, now=self.now))
