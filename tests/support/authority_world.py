"""A stage under review with its people, their second addresses, and those who may become something; played once."""

from dataclasses import dataclass
from types import SimpleNamespace

from cast import CITIES, LEAD, MANTES, NIORT, OBSERVER, Cast, seed_file
from decisions_oracle import Oracle
from shelf import Shelf

from actions.people.add_person import Registration, add_person
from actions.people.invite_person import Invitation, invite_person
from database.engine import Database
from models.paris_time import PARIS
from models.person import Person, Role

POINT, STAGE, EXPECTED = "action plan in review", "action_plan", "elected_signature"
SHARED, OWN = "feuille_de_route", "plan_d_action"
DOCS = ((SHARED, None), *((OWN, code) for code in CITIES))
DISPUTED = (MANTES, NIORT)
"""The cities in which people come and go."""

CONTACT = {entry.code: entry.local_contact.email for entry in seed_file().parties if entry.local_contact}
MAYOR = {entry.code: entry.signatory.email for entry in seed_file().parties if entry.signatory}
AGENT, OTHER_AGENT = "camille.roussel@anct.example", "sacha.meyer@anct.example"
OUTSIDER, OBSERVES = "curieux@ailleurs.example", f"contact-{OBSERVER}@ville.example"


def alias(email: str) -> str:
    """Another address of the same mailbox."""
    return email.replace("@", "+bis@")


SECOND = {code: f"second-{code}@ville.example" for code in DISPUTED}
DEPUTY = {code: f"adjointe-{code}@ville.example" for code in DISPUTED}
SUCCESSOR = {code: f"successeur-{code}@ville.example" for code in DISPUTED}
NEWCOMERS = [alias(AGENT), *DEPUTY.values(), *SUCCESSOR.values()]
NEWCOMERS += [alias(email) for code in DISPUTED for email in (CONTACT[code], MAYOR[code])]
ABLE = [AGENT, OTHER_AGENT, *SECOND.values(), *CONTACT.values(), *MAYOR.values()]
PEOPLE = [*ABLE, *NEWCOMERS, LEAD.contact_email, OBSERVES, OUTSIDER]


@dataclass
class World:
    """The project at the point at which each run begins, on one kind of database."""

    shelf: Shelf

    def __post_init__(self) -> None:
        cast = self.shelf.take(POINT)
        add_person(cast.db, Registration(OTHER_AGENT, "Sacha Meyer", Role.agency_agent, None), now=cast.now)
        for code, email in SECOND.items():
            second = Invitation(cast.slug, email, "Second contact", Role.local_contact, code)
            invite_person(cast.db, cast.agent, second, now=cast.now)
        for number, email in enumerate(NEWCOMERS):
            cast.register(email, f"Personne {number}")
        self.ids = {each.email: each.id for each in cast.all(Person)}  # type: ignore[attr-defined]
        self.parties = {code: cast.party(code).id for code in (*CITIES, OBSERVER)}
        self.deliverables = {doc: cast.deliverable(*doc) for doc in DOCS}
        self.stage_id, self.now = cast.stage_id(STAGE), cast.now
        cast.db.close()
        self.content = self.shelf.copies.content(cast.db.url)
        self.shelf.give_back(cast)

    def begin(self) -> Cast:
        """A database of one's own, at that point."""
        cast = Cast(Database(self.shelf.copies.take(self.content)), self.shelf.folder)
        cast.set_clock(self.now)
        return cast

    def oracle(self) -> Oracle:
        """What is known at that point."""
        here = self.now.astimezone(PARIS)
        return Oracle(
            stage=STAGE,
            expected=EXPECTED,
            now=here,
            agents={AGENT, OTHER_AGENT},
            contacts={(email, code) for people in (CONTACT, SECOND) for code, email in people.items()},
            contractors={LEAD.contact_email},
            offices={code: [SimpleNamespace(person=email, since=here)] for code, email in MAYOR.items()},
            docs={doc: (each.sha256, here.date()) for doc, each in self.deliverables.items()},
            roster=set(CITIES),
        )
