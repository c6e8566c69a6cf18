"""« Authority: two keys » told again from the rules alone (docs/rules.md): it shares nothing with the product.

Each question is answered by what becomes true once it is done, to be called with the number of the proposal that was
written (0: none); or by None, where the rules forbid it. A person is an address; ``now`` is in Paris.
"""

from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace

RANKS = ("technical_validation", "elected_signature", "mayoral_decision", "deliberation")
Delegation = namedtuple("Delegation", "office city to scope kind first last")
Done = Callable[[int], object] | None


def nothing(_number):
    """Done before: it changes nothing."""


def one_mailbox(one, other):
    boxes = [
        (each.partition("@")[0].partition("+")[0], each.partition("@")[2]) for each in (one, other) if each
    ]
    return len(boxes) == 2 and boxes[0] == boxes[1]


@dataclass
class AuthorityOracle:
    """Who holds what, in the cities whose deliverables of a stage are under review."""

    stage: str
    expected: str
    now: datetime
    agents: set
    contacts: set
    contractors: set
    offices: dict  # the city: its mayors in turn, and those to come; nobody, when it is vacant
    docs: dict  # the deliverable: the hash of its current version, and the day of it
    roster: set
    project: str = "active"
    review: str = "in_review"
    delegations: list = field(default_factory=list)
    revoked: set = field(default_factory=set)
    proposals: dict = field(default_factory=dict)
    signed: dict = field(default_factory=dict)

    def holder(self, city):
        begun = [each for each in self.offices.get(city, ()) if each.since <= self.now]
        return begun[-1] if begun and begun[-1].person else None

    def is_holder(self, who, city):
        return (office := self.holder(city)) is not None and office.person == who

    def is_contact(self, who, city):
        lives = self.project != "cancelled" and city in self.roster
        return lives and (who, city) in self.contacts and who not in self.agents

    def side_of(self, who, city):
        if who in self.agents:
            return "agency"
        return "party" if self.is_contact(who, city) or self.is_holder(who, city) else None

    def never_signs(self, who):
        return who in self.agents | self.contractors

    def authority(self, who, city, doc):
        """The strongest act that a click of this person is for this city; None: they may not sign."""
        if self.is_holder(who, city):
            return "elected_signature"
        kinds = [
            each.kind
            for number, each in enumerate(self.delegations)
            if (each.city, each.to) == (city, who) and each.office is self.holder(city)
            if number not in self.revoked and each.first <= self.now.date() <= each.last
            if {"all", self.stage, doc[0]} & set(each.scope) and not self.never_signs(who)
        ]
        return max(kinds, key=RANKS.index, default=None)

    # The second key

    def propose(self, kind, side, city, by, again, named=None, file=True):
        asked = SimpleNamespace(kind=kind, side=side, city=city, by=by, at=self.now, again=again, named=named,
                                file=file, settled=None)  # fmt: skip
        asked.leaves = kind == "office" and self.is_holder(by, city)  # who leaves names who comes next
        is_allowed = side is not None and again() is not None
        return (lambda number: number and self.proposals.update({number: asked})) if is_allowed else None

    def is_open(self, asked):
        return not asked.settled and self.now < asked.at + timedelta(days=30)

    def confirm(self, who, number, organisation=None):
        asked = self.proposals[number]
        if asked.settled == who:
            return nothing
        agent, city = who in self.agents, self.side_of(who, asked.city) == "party"
        by_agent = agent and asked.file and not one_mailbox(who, asked.named)
        proved = who == asked.named and organisation == asked.city and not agent
        contact = self.is_contact(who, asked.city) and not one_mailbox(who, asked.named)
        turns = {"office": contact or proved} if asked.side == "agency" else {}
        turns |= {
            "delegation": by_agent or (self.is_holder(who, asked.city) and not one_mailbox(who, asked.named))
        }
        is_able = turns.get(asked.kind, city if asked.side == "agency" else by_agent)
        speaks = asked.by is None or asked.leaves or self.side_of(asked.by, asked.city) == asked.side
        is_able = is_able and speaks and self.is_open(asked) and not one_mailbox(who, asked.by)
        done = asked.again() if is_able else None
        return (lambda new: (done(new), setattr(asked, "settled", who))) if done else None

    def drop(self, who, number):
        asked = self.proposals[number]
        has_part = who in (asked.by, asked.named) or self.side_of(who, asked.city) is not None
        return (lambda _: setattr(asked, "settled", "dropped")) if has_part and self.is_open(asked) else None

    # Offices and delegations

    def invite(self, by, city, who, role):
        if not (by in self.agents and self.project != "cancelled" and city in self.roster):
            return None
        if role == "local_contact":
            return lambda _: self.contacts.add((who, city))
        return self.propose("office", "agency", city, by, lambda: self._office(city, who), who)

    def propose_holder(self, by, city, who, since):
        again = lambda: self._office(city, who, since)  # noqa: E731
        return self.propose("office", self.side_of(by, city), city, by, again, who)

    def register_mayor(self, city, who):
        return self.propose("office", "agency", city, None, lambda: self._office(city, who), who)

    def become_agent(self, who):
        ahead = [term for terms in self.offices.values() for term in terms if term.since > self.now]
        signs = who in {each.person for each in ahead} or any(
            self.is_holder(who, city) for city in self.offices
        )
        return None if signs else lambda _: self.agents.add(who)

    def _office(self, city, who, since=None):
        return (
            None
            if self.never_signs(who)
            else lambda _: self._begin(city, who, max(since or self.now, self.now))
        )

    def _begin(self, city, who, since):
        terms = self.offices.setdefault(city, [])
        if not (self.is_holder(who, city) and terms[-1] is self.holder(city)):
            self.offices[city] = [term for term in terms if term.since < since]
            self.offices[city].append(SimpleNamespace(person=who, since=since))

    def end_contact(self, who, city):
        return lambda _: self.contacts.discard((who, city))

    def end_office(self, city):
        return lambda _: self._leave_vacant(city)

    def _leave_vacant(self, city):
        """Until whoever is to begin, begins: a resignation takes nothing from a successor already confirmed."""
        terms = self.offices[city]
        ahead = [term for term in terms if term.since > self.now]
        self.offices[city] = [
            *terms[: len(terms) - len(ahead)],
            SimpleNamespace(person=None, since=self.now),
            *ahead,
        ]

    def delegate(self, by, city, to, scope, kind, days, file):
        given = Delegation(self.holder(city), city, to, scope, kind, *days)
        if self.is_holder(by, city):
            return self._delegation(given)
        side = "party" if self.is_contact(by, city) and not one_mailbox(by, to) else None
        return self.propose("delegation", side, city, by, lambda: self._delegation(given), to, file)

    def _delegation(self, given):
        stands = given.office is not None and given.office is self.holder(given.city)
        return (
            (lambda _: self.delegations.append(given)) if stands and not self.never_signs(given.to) else None
        )

    def revoke(self, who, number):
        is_theirs = self.side_of(who, self.delegations[number].city) == "party"
        return (lambda _: self.revoked.add(number)) if is_theirs else None
