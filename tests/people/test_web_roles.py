"""The pages by which roles end, names are corrected and addresses change: what they offer is what the acts accept."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cast import BOURGES, LEAD, NIORT, Cast
from post_office import round_of
from prefect_system import wait_until
from site_of_tests import Site, plain, site_of

from models.person import Actor
from models.stored_row import identity
from notifications.mail import local_catcher_url
from notifications.mail_catcher import MailCatcher
from queries.access.standing import standing_in

At = Callable[..., Site]
HUGO, SOLENE = "hugo.texier@niort.example", "solene.guerin@niort.example"
AGENT = "camille.roussel@anct.example"
NOW = {"quand": "maintenant", "motif": "Changement de poste"}


def options(page: str) -> dict[str, str]:
    """The roles that the form offers: what is read, and the number that is sent."""
    found = re.findall(r'<option value="(\d+)"[^>]*>([^<]+)</option>', page)
    return {words.replace("\u00a0", " "): number for number, words in found}


def number_of(page: str, words: str) -> str:
    return next(number for text, number in options(page).items() if words in text)


def is_outsider(cast: Cast, who: Actor) -> bool:
    with cast.db.read() as session:
        project_id = identity(cast.project())
        return standing_in(session.connection(), who.person_id, project_id, cast.now).is_outsider


def test_an_agent_ends_a_role_from_the_participants(site: At) -> None:
    here = site("diagnosis open")
    with here.client(here.cast.agent) as agent:
        assert "Mettre fin à un rôle" in agent.read(f"{here.project}/participants")
        form = f"{here.project}/participants/roles"
        role = number_of(agent.read(form), "Hugo Texier")
        refused = agent.send(form, NOW | {"role": role, "motif": ""})
        assert refused.status_code == 422
        assert "donnez un motif" in plain(refused.text)
        answer = agent.send(form, NOW | {"role": role})
        assert answer.status_code == 303
        said = plain(agent.read(f"{here.project}/participants"))
        assert "Le rôle de Hugo Texier" in said
        assert "personne d’autre n’a ce rôle" in said
    assert is_outsider(here.cast, here.cast.contact(NIORT))


def test_a_last_day_is_asked_for_and_shown(site: At) -> None:
    here = site("diagnosis open")
    day = here.cast.today + timedelta(days=20)
    with here.client(here.cast.agent) as agent:
        form = f"{here.project}/participants/roles"
        role = number_of(agent.read(form), "Solène Guérin")
        later = NOW | {"role": role, "quand": "plus-tard"}
        assert agent.send(form, later).status_code == 422
        assert agent.send(form, later | {"dernier-jour": "2020-01-01"}).status_code == 422
        assert agent.send(form, later | {"quand": ""}).status_code == 422
        assert agent.send(form, later | {"dernier-jour": day.isoformat()}).status_code == 303
        assert any("jusqu’au" in words for words in options(agent.read(form)))
    assert not is_outsider(here.cast, here.cast.mayor(NIORT))


def test_a_city_is_offered_the_roles_of_its_contacts_only(site: At) -> None:
    here = site("diagnosis open")
    form = f"{here.project}/participants/roles"
    with here.client(here.cast.mayor(NIORT)) as mayor, here.client(here.cast.agent) as agent:
        offered = options(mayor.read(form))
        assert [words.split(",")[0] for words in offered] == ["Hugo Texier"]
        others = options(agent.read(form))
        for words, number in others.items():
            if "Bourges" in words:
                assert mayor.send(form, NOW | {"role": number}).status_code == 403
        assert mayor.send(form, NOW | {"role": "999999"}).status_code == 422
    for who in (here.cast.observer, here.cast.contractor):
        with here.client(who) as nobody:
            assert nobody.get(form).status_code == 403
    with here.client(here.cast.outsider) as outsider:
        assert outsider.get(form).status_code == 404


def test_who_leaves_gives_their_role_up_from_my_account(site: At) -> None:
    here = site("diagnosis open")
    mayor = here.cast.mayor(NIORT)
    here.cast.delegate(NIORT)
    with here.client(mayor) as visitor:
        page = visitor.read("/mon-compte/roles")
        role = number_of(page, "pour Niort")
        assert len(options(page)) == 1
        assert visitor.send("/mon-compte/roles", {"role": role, "quand": "maintenant"}).status_code == 303
        said = plain(visitor.read("/mon-compte"))
        assert "Arrêté 2026-118, à Odile Fournier" in said
        assert "Vous n’avez plus de rôle" in plain(visitor.read("/mon-compte/roles"))
    assert is_outsider(here.cast, mayor)


def test_nobody_gives_up_the_role_of_another_from_my_account(site: At) -> None:
    here = site("diagnosis open")
    with here.client(here.cast.agent) as agent:
        role = number_of(agent.read(f"{here.project}/participants/roles"), "Solène Guérin")
        assert agent.send("/mon-compte/roles", NOW | {"role": role}).status_code == 422
        assert "conduit encore" in plain(agent.read("/mon-compte/roles"))
    assert not is_outsider(here.cast, here.cast.mayor(NIORT))


def test_names_are_corrected_by_an_agent_and_by_oneself(site: At) -> None:
    here = site("diagnosis open")
    with here.client(here.cast.agent) as agent:
        form = f"{here.project}/participants/noms"
        assert agent.send(form, {"personne": HUGO, "nom": "Hugo Tessier"}).status_code == 303
        assert agent.send(form, {"personne": "curieux@ailleurs.example", "nom": "X"}).status_code == 422
        assert "Hugo Tessier" in agent.read(f"{here.project}/participants")
    with here.client(here.cast.mayor(NIORT)) as mayor:
        assert mayor.get(f"{here.project}/participants/noms").status_code == 403
        assert mayor.send("/mon-compte/nom", {"nom": " "}).status_code == 422
        assert mayor.send("/mon-compte/nom", {"nom": "Solène Roy"}).status_code == 303
        assert "Solène Roy" in mayor.read("/mon-compte")


def test_another_address_is_proposed_on_a_page_and_confirmed_by_the_other_side(site: At) -> None:
    here, new = site("diagnosis open"), "maire@niort.example"
    form = f"{here.project}/participants/adresses"
    with here.client(here.cast.agent) as agent:
        offered = agent.read(form)
        assert HUGO in offered
        assert here.cast.mayor_email(NIORT) in offered
        assert f'value="{AGENT}"' not in offered
        assert agent.send(form, {"personne": AGENT, "adresse": new}).status_code == 422
        assert (
            agent.send(form, {"personne": here.cast.mayor_email(NIORT), "adresse": HUGO}).status_code == 409
        )
        answer = agent.send(form, {"personne": here.cast.mayor_email(NIORT), "adresse": new})
        assert answer.status_code == 303
        assert "Solène Guérin" in agent.read(answer.headers["location"])
        assert agent.send(f"{answer.headers['location']}/confirmer", {}).status_code == 403
    with here.client(here.cast.contact(NIORT)) as contact:
        offered = contact.read(form)
        assert here.cast.mayor_email(NIORT) in offered
        assert here.cast.mayor_email(BOURGES) not in offered
        assert contact.send(f"{answer.headers['location']}/confirmer", {}).status_code == 303
    assert here.cast.person(new).name == "Solène Guérin"


def newest_mail_to(post: MailCatcher, address: str) -> str:
    """The words of the last mail that reached this mailbox, its lines joined."""

    def theirs() -> list[str]:
        mails = [each for each in post.mails() if each["To"].addresses[0].addr_spec == address]
        return [each.get_body(("plain",)).get_content().replace("\u00a0", " ") for each in mails]

    wait_until(lambda: bool(theirs()))
    return theirs()[-1]


def test_an_address_changes_by_the_link_sent_to_the_new_one(
    at: Callable[[str], Cast], tmp_path: Path
) -> None:
    new, cast, form = "s.guerin@niort.example", at("diagnosis open"), "/mon-compte/adresse"
    with MailCatcher(tmp_path / "mail") as post, site_of(cast, mail_port=post.port) as here:
        mayor, contact = cast.mayor(NIORT), cast.contact(NIORT)
        with here.client(mayor) as visitor, here.client(contact) as hugo, here.client() as nobody:
            assert visitor.send(form, {"adresse": "pas une adresse"}).status_code == 422
            assert visitor.send(form, {"adresse": HUGO}).status_code == 409
            assert visitor.send(form, {"adresse": new}).status_code == 303
            link = re.search(r"/mon-compte/adresse\?lien=[\w-]+", newest_mail_to(post, new))
            assert link is not None
            token = link[0].partition("lien=")[2]
            assert hugo.get(link[0]).status_code == 409, "the link is nobody else’s"
            led_away = nobody.get(link[0])
            assert led_away.status_code == 303, "one signs in first, with the old address"
            assert token in led_away.headers["location"], "and comes back to it"
            assert "Confirmer cette adresse" in visitor.read(link[0])
            assert hugo.send(f"{form}/confirmation", {"lien": token}).status_code == 409
            assert visitor.send(f"{form}/confirmation", {"lien": token}).status_code == 303
            assert new in visitor.read("/mon-compte")
            assert visitor.send(f"{form}/confirmation", {"lien": token}).status_code == 409
            round_of(cast.db, local_catcher_url(post.port), datetime.now(UTC))
            assert "vient de changer" in newest_mail_to(post, SOLENE)
    assert cast.person(new).person_id == mayor.person_id


def test_the_contractor_is_replaced_from_the_participants(site: At) -> None:
    here = site("diagnosis open")
    form = f"{here.project}/participants/prestataire/remplacement"
    fields = {
        "fin": here.cast.today.isoformat(),
        "motif": "Liquidation judiciaire",
        "montant": "90 000,00",
        "attribue-le": here.cast.today.isoformat(),
        "nom-1": "Agence du Pont (fictive)",
        "siret-1": "73282932000082",
        "contact-1": "Lou Berger",
        "adresse-1": "lou@pont.example",
    }
    with here.client(here.cast.agent) as agent:
        assert "Remplacer le prestataire" in agent.read(f"{here.project}/participants")
        assert agent.send(form, fields | {"motif": ""}).status_code == 422
        assert agent.send(form, fields | {"fin": "2099-01-01"}).status_code == 422
        assert agent.send(form, fields).status_code == 303
        page = agent.read(f"{here.project}/participants")
        assert "Lou Berger" in page
        assert LEAD.name not in page
    with here.client(here.cast.mayor(BOURGES)) as mayor:
        assert mayor.get(form).status_code == 403
    assert is_outsider(here.cast, here.cast.contractor)
