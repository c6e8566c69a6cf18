"""The same people decide, on the page or on paper, while the text, the roster and the project change."""

from datetime import timedelta

import hypothesis.strategies as st
from authority_checks import check_signers, check_stage, check_two_keys
from authority_people import CITY, NUMBER, THEN, WHO, PeopleMachine
from authority_world import OWN, SHARED, STAGE
from cast import BOURGES, CITIES, MANTES, SLUG
from hypothesis.stateful import invariant, rule

from actions.deliverables.submit_deliverable import Submission, submit_deliverable
from actions.projects.change_project_status import StatusChange, change_project_status
from actions.projects.leave_project import DepartureRequest, propose_departure
from actions.signing.paper_act import PaperAct
from actions.signing.sign_off import SignOffRequest, sign_off
from actions.signing.sign_on_paper import PaperSignOff, sign_on_paper
from actions.signing.withdraw_on_paper import PaperWithdrawal, withdraw_on_paper
from actions.signing.withdraw_sign_off import SignOffWithdrawal, withdraw_sign_off
from models.act_kind import ActKind
from models.council_deliberation import moved_act
from models.refusal import Refusal
from models.sign_off import Decision

DOC = st.sampled_from(["shared", "own", "own", BOURGES])
DECISION = st.sampled_from([Decision.approved, *Decision])
KIND = st.sampled_from([ActKind.elected_signature, *ActKind])
DAY = st.sampled_from(["today", "today", "before", "early", "tomorrow"])


def doc_of(word: str, city: str) -> tuple[str, str | None]:
    """The shared deliverable, the city's own, or that of another."""
    return (
        (SHARED, None) if word == "shared" else (OWN, city if word == "own" and city in CITIES else BOURGES)
    )


class AuthorityMachine(PeopleMachine):
    """All that people do, and what is always true of it."""

    # Decisions

    def request(
        self, city: str, doc: tuple[str, str | None], decision: Decision, sha256: str
    ) -> SignOffRequest:
        reason = None if decision is Decision.approved else "Il manque la place des associations."
        return SignOffRequest(
            self.world.deliverables[doc].id, self.world.parties[city], sha256, decision, reason
        )

    @rule(who=WHO, city=CITY, word=DOC, decision=DECISION)
    def sign(self, who: int | str, city: str, word: str, decision: Decision, read: str | None = None) -> None:
        """What they ``read`` (None: the current version), whom the current version lets sign."""
        doc = doc_of(word, city)
        current = self.oracle.docs[doc][0]
        asked = self.request(city, doc, decision, read or current)
        who, _ = self.one_of(who, lambda each: self.oracle.sign(each, city, doc, current, decision))
        done = self.oracle.sign(who, city, doc, asked.sha256, decision)
        self.attempt(done, lambda: sign_off(self.db, self.actor(who), asked, now=self.now))

    @rule(who=WHO, city=CITY, decision=DECISION)
    def sign_what_was_replaced(self, who: int | str, city: str, decision: Decision) -> None:
        read = self.oracle.docs[SHARED, None][0]
        self.submit(0)
        self.sign(who, city, "shared", decision, read)

    @rule()
    def every_city_signs(self) -> None:
        for city, doc in sorted(self.oracle.cells() - self.oracle.signed.keys(), key=str):
            self.sign(0, city, "own" if doc[1] else "shared", Decision.approved)

    def act(self, city: str, kind: ActKind, word: str, doc: tuple[str, str | None]) -> PaperAct:
        """An act of today, of tomorrow, or from before the text: for a reason, or (« early ») for none."""
        today, written = self.oracle.now.date(), self.oracle.docs[doc][1]
        day = {"today": today, "tomorrow": today + timedelta(days=1)}.get(word, written - timedelta(days=1))
        council = None
        if kind is ActKind.deliberation:
            council = moved_act(self.cast.council_act(city if city in CITIES else MANTES).deliberation, day)
        reason = "Le conseil avait délibéré sur le projet de texte." if word == "before" else None
        return PaperAct(kind, day, self.file(f"acte {next(self.numbers)}"), council, reason)

    @rule(then=THEN, by=WHO, city=CITY, word=DOC, decision=DECISION, kind=KIND, day=DAY)
    def sign_on_paper(
        self,
        by: int | str,
        city: str,
        word: str,
        decision: Decision,
        kind: ActKind,
        day: str,
        then: int | None,
    ) -> None:
        doc = doc_of(word, city)
        act, sha256 = self.act(city, kind, day, doc), self.oracle.docs[doc][0]
        asked = PaperSignOff(self.request(city, doc, decision, sha256), act)
        terms = decision, kind, act.acted_on, act.early_reason is not None, next(self.numbers)
        by, done = self.one_of(by, lambda each: self.oracle.sign_on_paper(each, city, doc, sha256, *terms))
        self.attempt(done, lambda: sign_on_paper(self.db, self.actor(by), asked, now=self.now), then=then)

    def withdrawal(self, city: str, doc: tuple[str, str | None]) -> SignOffWithdrawal:
        owner = doc[1] if doc[1] != city else None
        return SignOffWithdrawal(SLUG, STAGE, doc[0], city, "Vote à refaire", owner)

    @rule(who=WHO, city=CITY, word=DOC)
    def withdraw(self, who: int | str, city: str, word: str) -> None:
        doc = doc_of(word, city)
        asked = self.withdrawal(city, doc)
        who, done = self.one_of(who, lambda each: self.oracle.withdraw(each, city, doc))
        self.attempt(done, lambda: withdraw_sign_off(self.db, self.actor(who), asked, now=self.now))

    @rule(then=THEN, by=WHO, city=CITY, word=DOC, kind=KIND, day=DAY)
    def withdraw_on_paper(
        self, by: int | str, city: str, word: str, kind: ActKind, day: str, then: int | None
    ) -> None:
        doc = doc_of(word, city)
        act = self.act(city, kind, day, doc)
        asked = PaperWithdrawal(self.withdrawal(city, doc), act)
        terms = kind, act.acted_on, act.early_reason is not None
        by, done = self.one_of(by, lambda each: self.oracle.withdraw_on_paper(each, city, doc, *terms))
        self.attempt(done, lambda: withdraw_on_paper(self.db, self.actor(by), asked, now=self.now), then=then)

    @rule(who=WHO)
    def submit(self, who: int | str) -> None:
        doc = (SHARED, None)
        file = self.file(f"version {next(self.numbers)}", "feuille.md")
        asked = Submission(SLUG, STAGE, doc[0], file, doc[1])
        who, done = self.one_of(who, lambda each: self.oracle.submit(each, doc, file.sha256))
        self.attempt(done, lambda: submit_deliverable(self.db, self.actor(who), asked, now=self.now))

    # The project

    @rule(by=WHO, city=st.sampled_from(CITIES))
    def leave(self, by: int | str, city: str) -> None:
        asked = DepartureRequest(
            SLUG, city, "Changement de majorité", self.file(f"départ {next(self.numbers)}")
        )
        by, done = self.one_of(by, lambda each: self.oracle.leave(each, city))
        self.attempt(done, lambda: propose_departure(self.db, self.actor(by), asked, now=self.now))

    @rule(by=WHO, event=st.sampled_from(["pause", "resume", "resume", "pause", "resume", "resume", "cancel"]))
    def change(self, by: int | str, event: str) -> None:
        asked = StatusChange(SLUG, event, "Un motif")
        by, done = self.one_of(by, lambda each: self.oracle.change(each, event))
        self.attempt(done, lambda: change_project_status(self.db, self.actor(by), asked, now=self.now))

    @rule(choice=NUMBER)
    def close(self, choice: int) -> None:
        if choice % 4:  # once it is closed nothing more is signed
            return
        try:
            is_closed = self.cast.close(STAGE)
        except Refusal:
            is_closed = False
        assert is_closed == (self.oracle.close() is not None or self.oracle.review == "closed")
        if done := is_closed and self.oracle.close():
            done(0)
            self.has_changed = True
        self.tick()

    # What is always true

    @invariant()
    def what_stands_is_what_the_oracle_says(self) -> None:
        if not self.has_changed:
            return
        self.has_changed = False
        with self.db.read() as session:
            check_signers(session.connection(), self.oracle, self.world, self.now)
            check_stage(session.connection(), self.oracle, self.world)
            check_two_keys(session.connection(), self.now)
