"""Every role can end: by whom, from when, told to whom; what was done in it stands, and nobody gains by it (rule 9)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from cast import BOURGES, CITIES, GUICHEN, LEAD, NIORT, PARTNER, SLUG, Cast, seed_file

from actions.people.end_role import RoleEnd, end_role
from actions.people.invite_person import Invitation, invite_person
from actions.people.role_mails import RoleEnded
from actions.projects.take_charge import take_charge
from actions.reminders.set_frequency import set_my_frequency
from models.limits import OutOfLimits
from models.paris_time import paris_midnight
from models.person import Actor, AuthMethod, MailFrequency, Mandate, NotAllowed, Role
from models.role_rules import (
    AlreadyEnding,
    EndIsPlanned,
    InvalidEnd,
    LastAgent,
    LeavesSoon,
    StillInCharge,
    UnknownRole,
)
from models.sign_off import NoAuthority, OtherOrganisation, ReasonNeeded
from models.stored_row import identity
from queries.access.standing import standing_in
from queries.ledger.verify_journal import verify_journal
from queries.people.held_roles import find_role

At = Callable[[str], Cast]
HOLDER, OTHERS = "role_ended_for_holder", "role_ended_for_others"
SECOND_AGENT = "lea.fabre@anct.example"


def mandate_of(cast: Cast, who: Actor, role: Role) -> int:
    with cast.db.read() as session:
        query = sa.select(Mandate.id).where(Mandate.person_id == who.person_id, Mandate.role == role)  # type: ignore[call-overload]
        return session.connection().execute(query).scalars().all()[-1]  # type: ignore[no-any-return]


def end(
    cast: Cast,
    who: Actor,
    role: Role,
    by: Actor | None = None,
    last_day: date | None = None,
    reason: str = "Changement de poste",
) -> RoleEnded:
    request = RoleEnd(mandate_of(cast, who, role), last_day, reason)
    return end_role(cast.db, by or cast.agent, request, now=cast.now)


def is_outsider(cast: Cast, who: Actor) -> bool:
    with cast.db.read() as session:
        project_id = identity(cast.project())
        return standing_in(session.connection(), who.person_id, project_id, cast.now).is_outsider


def second_contact(cast: Cast, city: str = NIORT) -> Actor:
    invitation = Invitation(SLUG, "ada@ville.example", "Ada Martin", Role.local_contact, city)
    invite_person(cast.db, cast.agent, invitation, now=cast.now)
    return cast.person("ada@ville.example")


def second_agent(cast: Cast) -> Actor:
    cast.give_role(SECOND_AGENT, "Léa Fabre", Role.agency_agent)
    return cast.person(SECOND_AGENT)


# Each role, at once and on a day


def test_each_role_ends_at_once_and_its_holder_becomes_an_outsider(at: At) -> None:
    cast = at("diagnosis open")
    held = [
        (cast.contact(NIORT), Role.local_contact),
        (cast.mayor(BOURGES), Role.signatory),
        (cast.observer, Role.observer),
        (cast.contractor, Role.contractor),
    ]
    for who, role in held:
        assert not is_outsider(cast, who)
        end(cast, who, role)
        assert is_outsider(cast, who), role
    assert verify_journal(cast.db).tamperings == []


def test_a_role_lasts_until_the_evening_of_its_last_day_in_paris(at: At) -> None:
    cast = at("constitution in review")
    mayor, last_day = cast.mayor(NIORT), cast.today + timedelta(days=10)
    ended = end(cast, mayor, Role.signatory, last_day=last_day)
    assert ended.until == paris_midnight(last_day + timedelta(days=1))
    cast.set_clock(ended.until - timedelta(minutes=3))
    cast.sign("note_de_cadrage", NIORT)
    cast.set_clock(ended.until)
    assert is_outsider(cast, mayor)
    with pytest.raises(NoAuthority):
        cast.sign("note_de_cadrage", NIORT, actor=mayor)
    assert len(cast.sign_offs("note_de_cadrage")) == 1, "what was signed stands"


def test_the_journal_of_each_project_and_the_register_have_it(at: At) -> None:
    cast = at("constitution in review")
    end(cast, cast.mayor(NIORT), Role.signatory, last_day=cast.today)
    (entry,) = [each for each in cast.entries() if each["event"] == "mandate.ended"]
    assert entry["party_code"] == NIORT
    with cast.db.read() as session:
        query = sa.text("SELECT count(*) FROM audit_entry WHERE event = 'mandate.ended'")
        assert session.connection().execute(query).scalar() == 2


def test_twice_is_once_and_an_earlier_day_takes_the_place_of_a_later_one(at: At) -> None:
    cast = at("constitution in review")
    mayor, later = cast.mayor(NIORT), cast.today + timedelta(days=60)
    end(cast, mayor, Role.signatory, last_day=later)
    end(cast, mayor, Role.signatory, last_day=later)
    assert len(cast.notices(HOLDER)) == 1
    end(cast, mayor, Role.signatory, last_day=later - timedelta(days=30))
    assert len(cast.notices(HOLDER)) == 2
    with pytest.raises(AlreadyEnding):
        end(cast, mayor, Role.signatory, last_day=later)
    end(cast, mayor, Role.signatory)
    with pytest.raises(UnknownRole):
        end(cast, mayor, Role.signatory)


def test_never_in_the_past_nor_in_more_than_a_year_nor_without_a_reason(at: At) -> None:
    cast = at("constitution in review")
    contact = cast.contact(NIORT)
    for day in (cast.today - timedelta(days=1), cast.today + timedelta(days=367)):
        with pytest.raises(InvalidEnd):
            end(cast, contact, Role.local_contact, last_day=day)
    with pytest.raises(ReasonNeeded):
        end(cast, contact, Role.local_contact, reason="  ")
    with pytest.raises(OutOfLimits):
        end(cast, contact, Role.local_contact, reason="x" * 2001)
    with pytest.raises(UnknownRole):
        end_role(cast.db, cast.agent, RoleEnd(10**6, None, "x"), now=cast.now)
    assert not is_outsider(cast, contact)
    assert not cast.notices(HOLDER)


def test_a_stage_that_waits_for_somebody_looks_again(at: At) -> None:
    cast = at("constitution open")
    before = cast.stage("constitution").fact_seq
    end(cast, cast.contact(NIORT), Role.local_contact)
    assert cast.stage("constitution").fact_seq > before
    assert any(each.party == NIORT for each in cast.missing("constitution"))


def test_who_is_to_leave_is_not_invited_again_in_silence_and_is_once_they_left(at: At) -> None:
    cast = at("constitution in review")
    ada = second_contact(cast)
    end(cast, ada, Role.local_contact, last_day=cast.today + timedelta(days=5))
    with pytest.raises(EndIsPlanned):
        second_contact(cast)
    cast.wait(days=7)
    second_contact(cast)
    assert not is_outsider(cast, ada)
    assert verify_journal(cast.db).tamperings == []


# Who is told


def test_who_held_it_and_who_works_with_them_are_told_at_once_whatever_they_chose(at: At) -> None:
    cast = at("constitution in review")
    mayor, contact = cast.mayor(NIORT), cast.contact(NIORT)
    second_agent(cast)
    for who in (mayor, contact, cast.agent):
        set_my_frequency(cast.db, who, MailFrequency.never, now=cast.now)
    end(cast, mayor, Role.signatory, by=cast.person(SECOND_AGENT))
    assert cast.told(HOLDER) == {cast.mayor_email(NIORT)}
    agent, hugo = "camille.roussel@anct.example", "hugo.texier@niort.example"
    assert cast.told(OTHERS) == {agent, hugo}
    for notice in (*cast.notices(HOLDER), *cast.notices(OTHERS)):
        assert not notice.is_held
        assert notice.dropped_at is None


def test_the_office_that_ends_takes_its_delegations_and_tells_their_holders(at: At) -> None:
    cast = at("constitution in review")
    deputy, mayor = cast.delegate(NIORT), cast.mayor(NIORT)
    ended = end(cast, mayor, Role.signatory, by=mayor)
    assert [each.reference for each in ended.orders] == ["Arrêté 2026-118"]
    assert ended.leaves_nobody
    assert "adjointe@niort.example" in cast.told(OTHERS)
    (told,) = cast.notices(HOLDER)
    assert told.payload["orders"] == ["Arrêté 2026-118, à Odile Fournier"]
    assert told.payload["ended_by"] is None
    with pytest.raises(NoAuthority):
        cast.sign("note_de_cadrage", NIORT, actor=deputy)


def test_the_last_contact_of_a_party_is_warned_about_and_not_the_one_before(at: At) -> None:
    cast = at("constitution in review")
    ada = second_contact(cast)
    assert not end(cast, ada, Role.local_contact).leaves_nobody
    assert end(cast, cast.contact(NIORT), Role.local_contact).leaves_nobody
    assert [each.payload["leaves_nobody"] for each in cast.notices(OTHERS)][-1] is True


def test_a_contact_of_the_contractor_goes_and_the_other_firm_stays(at: At) -> None:
    cast = at("diagnosis open")
    partner = cast.person(PARTNER.contact_email)
    assert not end(cast, cast.contractor, Role.contractor).leaves_nobody
    assert is_outsider(cast, cast.contractor)
    assert not is_outsider(cast, partner)
    assert PARTNER.contact_email in cast.told(OTHERS)
    assert end(cast, partner, Role.contractor, by=partner).leaves_nobody
    assert LEAD.contact_email not in cast.told(OTHERS)


# Who may


def test_each_gives_up_their_own_role_without_a_reason(at: At) -> None:
    cast = at("diagnosis open")
    for who, role in (
        (cast.contact(NIORT), Role.local_contact),
        (cast.mayor(NIORT), Role.signatory),
        (cast.observer, Role.observer),
        (cast.contractor, Role.contractor),
    ):
        end(cast, who, role, by=who, reason="")
        assert is_outsider(cast, who)


def test_a_city_ends_the_roles_of_its_contacts_and_of_no_other(at: At) -> None:
    cast = at("constitution in review")
    ada = second_contact(cast)
    for by in (cast.contact(BOURGES), cast.mayor(BOURGES), cast.observer, cast.outsider):
        with pytest.raises(NotAllowed):
            end(cast, ada, Role.local_contact, by=by)
    end(cast, ada, Role.local_contact, by=cast.contact(NIORT))
    end(cast, cast.contact(NIORT), Role.local_contact, by=cast.mayor(NIORT))
    assert is_outsider(cast, ada)


def test_nobody_of_the_city_takes_the_office_away_nor_a_delegate(at: At) -> None:
    """It would leave the city without a signature: its holder, or the ANCT, who tells everybody."""
    cast = at("constitution in review")
    deputy = cast.delegate(NIORT)
    cast.give_role("partout@niort.example", "Contact Partout", Role.local_contact, NIORT)
    everywhere = cast.person("partout@niort.example")
    for by in (
        cast.contact(NIORT),
        second_contact(cast),
        everywhere,
        deputy,
        cast.mayor(BOURGES),
        cast.outsider,
    ):
        with pytest.raises(NotAllowed):
            end(cast, cast.mayor(NIORT), Role.signatory, by=by)
    with pytest.raises(NotAllowed):
        end(cast, cast.contact(NIORT), Role.local_contact, by=deputy)
    assert not cast.notices(HOLDER)


def test_an_agent_of_one_project_ends_no_office_that_other_projects_need(at: At) -> None:
    cast = at("constitution in review")
    cast.register("local@anct.example", "Agent d’un Projet")
    local = cast.person("local@anct.example")
    with cast.db.write() as session:
        project_id = identity(cast.project())
        session.add(
            Mandate(person_id=local.person_id, role=Role.agency_agent, project_id=project_id, since=cast.now)
        )
    end(cast, cast.contact(NIORT), Role.local_contact, by=local)
    second_project(cast)
    with pytest.raises(NotAllowed):
        end(cast, cast.mayor(NIORT), Role.signatory, by=local)


def second_project(cast: Cast) -> None:
    """Another project of the same cities, in which nobody is an agent but those of every project."""
    cast.create(seed_file(cast.today), slug="autre-projet")


def test_ended_by_an_agent_the_office_gives_the_agent_nothing(at: At) -> None:
    cast = at("constitution in review")
    end(cast, cast.mayor(NIORT), Role.signatory)
    for who in (cast.agent, cast.contact(NIORT)):
        with pytest.raises(NoAuthority):
            cast.sign("note_de_cadrage", NIORT, actor=who)
    for city in CITIES:
        if city != NIORT:
            cast.sign("note_de_cadrage", city)
    assert cast.status("constitution").value == "in_review", "the gate waits for the city"


def test_by_proconnect_of_another_organisation_a_contact_ends_no_role(at: At) -> None:
    cast = at("constitution in review")
    ada, hugo = second_contact(cast), cast.contact(NIORT)
    elsewhere = Actor(hugo.person_id, hugo.name, AuthMethod.proconnect, "eidas1", "211800339")
    with pytest.raises(OtherOrganisation):
        end(cast, ada, Role.local_contact, by=elsewhere)


# Somebody of the ANCT remains


def test_the_last_agent_does_not_go_nor_who_conducts_a_project(at: At) -> None:
    cast = at("constitution in review")
    camille = cast.agent
    with pytest.raises(StillInCharge):
        end(cast, camille, Role.agency_agent, by=camille)
    lea = second_agent(cast)
    with pytest.raises(StillInCharge, match="Démocratie culturelle"):
        end(cast, camille, Role.agency_agent, by=lea)
    take_charge(cast.db, lea, SLUG, now=cast.now)
    end(cast, camille, Role.agency_agent, by=camille)
    assert SECOND_AGENT in cast.told(OTHERS)
    with pytest.raises(StillInCharge):
        end(cast, lea, Role.agency_agent, by=lea)
    cast.change("cancel", actor=lea)
    with pytest.raises(LastAgent):
        end(cast, lea, Role.agency_agent, by=lea)


def test_two_agents_do_not_plan_to_leave_together_nor_take_charge_before_they_go(at: At) -> None:
    cast = at("constitution in review")
    lea, camille, in_a_month = second_agent(cast), cast.agent, cast.today + timedelta(days=30)
    end(cast, lea, Role.agency_agent, by=lea, last_day=in_a_month)
    with pytest.raises(LeavesSoon):
        take_charge(cast.db, lea, SLUG, now=cast.now)
    cast.change("cancel")
    with pytest.raises(LastAgent):
        end(cast, camille, Role.agency_agent, by=camille, last_day=in_a_month)


def test_two_agents_who_leave_at_once_do_not_both_go(at: At) -> None:
    cast = at("constitution in review")
    people = [second_agent(cast), cast.agent]
    cast.change("cancel")
    requests, now = [RoleEnd(mandate_of(cast, each, Role.agency_agent)) for each in people], cast.now

    def try_it(place: int) -> bool:
        try:
            end_role(cast.db, people[place], requests[place], now=now)
        except LastAgent:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(try_it, range(2))) == [False, True]


# The words of the command line


def test_a_role_is_found_by_its_words_or_the_refusal_says_what_is_missing(at: At) -> None:
    cast = at("constitution in review")
    second_project(cast)
    hugo = "hugo.texier@niort.example"
    with cast.db.read() as session:
        with pytest.raises(UnknownRole, match="2 rôles"):
            find_role(session, hugo, Role.local_contact, cast.now)
        found = find_role(session, hugo, Role.local_contact, cast.now, slug=SLUG, authority_code=NIORT)
        assert found.project_id == cast.project().id
        with pytest.raises(UnknownRole, match="pas de rôle"):
            find_role(session, hugo, Role.signatory, cast.now)
        with pytest.raises(UnknownRole):
            find_role(session, hugo, Role.local_contact, cast.now, authority_code=GUICHEN)
