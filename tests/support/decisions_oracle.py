"""What a city may decide, and what follows, told again from the rules alone (docs/rules.md, rules 1 to 7).

As ``authority_oracle``, on which it stands: it shares nothing with the product.
"""

from collections import namedtuple

from authority_oracle import RANKS, AuthorityOracle, nothing

REVIEW = ("in_review", "revision_requested")
SignOff = namedtuple("SignOff", "decision sha256 kind signers proof")


class Oracle(AuthorityOracle):
    """All that the rules say of one project; a deliverable is its key, and the city whose own it is."""

    def sign(self, who, city, doc, sha256, decision):
        return self._decide(
            city, doc, SignOff(decision, sha256, self.authority(who, city, doc), frozenset([who]), 0)
        )

    def sign_on_paper(self, by, city, doc, sha256, decision, kind, day, early, proof):
        asked = lambda: SignOff(decision, sha256, kind, self.holders_on(city, day), proof)  # noqa: E731
        again = lambda: self._decide(city, doc, asked()) if self._may_be_of(day, doc, early) else None  # noqa: E731
        return self.propose("paper_act", self.side_of(by, city), city, by, again)

    def withdraw(self, who, city, doc):
        return self._empty(city, doc, self.authority(who, city, doc), self.signed.get((city, doc)))

    def withdraw_on_paper(self, by, city, doc, kind, day, early):
        live = self.signed.get((city, doc))
        again = lambda: self._empty(city, doc, kind, live) if self._may_be_of(day, doc, early) else None  # noqa: E731
        return self.propose("withdrawal", self.side_of(by, city), city, by, again)

    def holders_on(self, city, day):
        terms = self.offices.get(city, [])
        ends = [*(each.since.date() for each in terms[1:]), day]
        during = [term for term, end in zip(terms, ends, strict=False) if term.since.date() <= day <= end]
        present = [self.holder(city)] if self.holder(city) else []
        return frozenset({each.person for each in during if each.person} or {each.person for each in present})

    def _may_be_of(self, day, doc, early):
        return day <= self.now.date() and (early or day >= self.docs[doc][1])

    def _decide(self, city, doc, asked):
        if asked.kind and self.signed.get((city, doc)) == asked:
            return nothing
        lives = self.project == "active" and self.review in REVIEW and city in self.roster
        is_free = (
            doc[1] in (None, city) and (city, doc) not in self.signed and asked.sha256 == self.docs[doc][0]
        )
        if not (asked.kind and asked.signers and lives and is_free):
            return None
        is_enough = asked.decision == "refused" or RANKS.index(asked.kind) >= RANKS.index(self.expected)
        return (lambda _: (self.signed.update({(city, doc): asked}), self.read_gate())) if is_enough else None

    def _empty(self, city, doc, kind, live):
        lives = self.project == "active" and self.review in (*REVIEW, "signed_off") and city in self.roster
        stands = kind and live and self.signed.get((city, doc)) is live
        if not (lives and stands and RANKS.index(kind) >= RANKS.index(live.kind)):
            return None
        return lambda _: (self.signed.pop((city, doc)), self.read_gate())

    def submit(self, who, doc, sha256):
        may = (who, doc[1]) in self.contacts if doc[1] else who in self.agents | self.contractors
        if not (
            may and self.project == "active" and self.review in REVIEW and doc[1] in (None, *self.roster)
        ):
            return None
        return lambda _: self._replace(doc, sha256)

    def _replace(self, doc, sha256):
        self.docs[doc] = sha256, self.now.date()
        self.signed = {cell: each for cell, each in self.signed.items() if cell[1] != doc}
        self.read_gate()

    def cells(self):
        return {(city, doc) for city in self.roster for doc in self.docs if doc[1] in (None, city)}

    def read_gate(self):
        if self.review not in (*REVIEW, "signed_off"):
            return
        decisions = [self.signed[cell].decision if cell in self.signed else None for cell in self.cells()]
        passes = bool(decisions) and all(decisions)
        self.review = "revision_requested" if "refused" in decisions else ("in_review", "signed_off")[passes]

    # The project

    def leave(self, by, city):
        side = "party" if self.side_of(by, city) == "party" else None
        return self.propose("departure", side, city, by, lambda: self._departure(city))

    def _departure(self, city):
        stands = self.project in ("active", "paused") and city in self.roster
        return (lambda _: self._left(city)) if stands else None

    def _left(self, city):
        self.roster.remove(city)
        if self.review in REVIEW:
            self.read_gate()
        if self.project == "active" and len(self.roster) < 3:
            self.project = "paused"

    def change(self, by, event):
        origins, target = {"pause": ({"active"}, "paused"), "resume": ({"paused"}, "active"),
                           "cancel": ({"active", "paused"}, "cancelled")}[event]  # fmt: skip
        is_enough = event != "resume" or len(self.roster) >= 3
        may = by in self.agents and self.project in origins and is_enough
        return (lambda _: setattr(self, "project", target)) if may else None

    def close(self):
        may = self.project == "active" and self.review == "signed_off" and bool(self.roster)
        return (lambda _: setattr(self, "review", "closed")) if may else None
