"""The one mail a day: what is said first, whom it is from, how each line says its day."""

import re
from copy import deepcopy
from datetime import date, timedelta
from typing import Any, get_args

import pytest
from mail_examples import EXAMPLES, Words, render
from pydantic import ValidationError

from models.reminder import ReminderKind
from notifications.awaited_words import WORDS, Kind, until
from notifications.messages import RenderedMail, message_from

TODAY = date(2027, 3, 3)
CULTURE, YOUTH = "Démocratie culturelle", "Jeunesses rurales"


def item(days: int, text: str = "« Charte »", kind: str = "sign_off", **values: object) -> dict[str, Any]:
    """Something due in so many days (negative when late)."""
    number = abs(hash((days, text)))
    return {"subject": f"thing-{number}", "kind": kind, "text": text, "due_on": TODAY + timedelta(days=days),
            "link": f"https://x.example/chose/{number}"} | values  # fmt: skip


def project(title: str = CULTURE, *items: dict[str, Any], **values: object) -> dict[str, Any]:
    agent = {"agent_name": "Camille Renaud", "agent_email": "camille@anct.example"}
    slug = title.lower().replace(" ", "-")
    return (
        agent
        | {"title": title, "slug": slug, "link": "https://x.example/projet", "items": list(items)}
        | values
    )


def digest(*projects: dict[str, Any], name: str = "daily_digest", **values: object) -> RenderedMail:
    common = {
        "recipient_name": "Inès Moreau",
        "day": TODAY,
        "link": "https://x.example/a-faire",
        "projects": projects,
    }
    return render(message_from(name, common | values))


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("items", "subject"),
    [
        ([item(-8), item(0), item(7)], "3 choses attendues de vous, dont 1 en retard"),
        ([item(-8), item(-1)], "2 choses attendues de vous, dont 2 en retard"),
        ([item(3), item(7)], "2 choses attendues de vous"),
        ([item(-8)], "1 chose attendue de vous, en retard de 8 jours"),
        ([item(0)], "1 chose attendue de vous, aujourd’hui"),
        ([item(1), item(2, kind="meeting")], "1 chose attendue de vous, pour demain"),
        ([item(1, kind="meeting")], "1 réunion à venir"),
        ([item(1, kind="meeting"), item(9, kind="meeting")], "2 réunions à venir"),
        ([item(1, kind="delegation")], "1 délégation se termine"),
        ([item(-9, copied=True), item(-8, copied=True)], "Pour information, 2 retards"),
    ],
)
def test_the_subject_counts_what_is_asked_and_what_is_late(items: list[dict[str, Any]], subject: str) -> None:
    assert plain(digest(project(CULTURE, *items)).subject) == f"{subject} – {CULTURE}"


def test_the_subject_names_the_only_project_or_counts_them() -> None:
    two = digest(project(CULTURE, item(0)), project(YOUTH, item(1)))
    assert plain(two.subject) == "2 choses attendues de vous – 2 projets"
    assert two.text.startswith("Projets partagés\n")
    assert f"\n{YOUTH}\n{'=' * len(YOUTH)}\n" in two.text
    one = digest(project(YOUTH, item(0), item(1)))
    assert one.subject.endswith(YOUTH)
    assert one.text.startswith(f"Projet partagé «\u00a0{YOUTH}\u00a0»\n")


def test_news_alone_make_a_mail_that_asks_nothing() -> None:
    mail = digest(project(news=[{"text": "L’étape est ouverte", "link": "https://x.example/n"}]))
    assert mail.subject == f"Ce qui s’est passé – {CULTURE}"
    assert "attendu de vous" not in mail.text
    assert "Voir mes projets" in mail.text


def test_lines_come_most_urgent_first_and_the_first_is_read_under_the_subject() -> None:
    mail = digest(
        project(CULTURE, item(7, "Trois"), item(-8, "Un"), item(0, "Deux"), item(-30, "Copie", copied=True))
    )
    assert re.findall(r"^- (.*)$", mail.text, flags=re.MULTILINE) == ["Un", "Deux", "Trois", "Copie"]
    assert plain(mail.preheader) == "Un, en retard de 8 jours (c’était pour le 23 février 2027)"


@pytest.mark.parametrize(
    ("kind", "days", "words"),
    [
        ("deliverable", 7, "à rendre pour le 10 mars 2027 (dans 7 jours)"),
        ("deliverable", 1, "à rendre pour le 4 mars 2027 (demain)"),
        ("sign_off", 0, "à donner aujourd’hui"),
        ("commitment", -8, "en retard de 8 jours (c’était pour le 23 février 2027)"),
        ("commitment", -1, "en retard de 1 jour (c’était pour le 2 mars 2027)"),
        ("meeting", 0, "aujourd’hui"),
        ("meeting", 15, "le 18 mars 2027 (dans 15 jours)"),
        ("delegation", 30, "se termine le 2 avril 2027 (dans 30 jours)"),
        ("delegation", 0, "se termine aujourd’hui"),
        ("delegation", -1, "c’était le 2 mars 2027"),
    ],
)
def test_each_kind_of_thing_says_its_day_in_words(kind: Kind, days: int, words: str) -> None:
    assert plain(until(kind, TODAY + timedelta(days=days), TODAY)) == words


def test_the_day_alone_is_said_when_nobody_knows_when_it_is_read() -> None:
    alone = [plain(until(kind, TODAY, None)) for kind in get_args(Kind)]
    assert alone == ["à donner pour le 3 mars 2027", "à rendre pour le 3 mars 2027", "à tenir pour le 3 mars 2027",
                     "le 3 mars 2027", "se termine le 3 mars 2027", "à donner pour le 3 mars 2027"]  # fmt: skip


def test_every_kind_of_reminder_has_its_words() -> None:
    assert set(WORDS) == set(get_args(Kind)) == {kind.value for kind in ReminderKind}


def test_what_another_owes_is_said_for_information_with_who_is_late() -> None:
    late = digest(project(CULTURE, item(-8, copied=True, party="Niort"))).text
    assert "Pour information" in late
    assert "nous vous signalons ce retard" in late
    assert "Niort est en retard de 8 jours" in plain(late)
    several = digest(project(CULTURE, item(-8, copied=True), item(-9, "« Diagnostic »", copied=True))).text
    assert "nous vous signalons ces retards" in several
    assert "attendu de vous" not in several


def test_each_line_has_its_own_link_in_both_parts() -> None:
    items = [item(-8), item(0, "Deux"), item(-9, "Trois", copied=True)]
    news = [{"text": "L’étape est ouverte", "link": "https://x.example/n"}]
    mail = digest(project(CULTURE, *items, news=news), project(YOUTH, item(1)))
    links = {one["link"] for one in [*items, *news, item(1)]} | {"https://x.example/projet"}
    assert links <= set(Words(mail.html).links)
    assert links <= {line.strip() for line in mail.text.splitlines()}


def test_the_digest_is_from_the_agent_when_all_its_projects_have_the_same() -> None:
    same = message_from("daily_digest", EXAMPLES["daily_digest"])
    assert (same.signature, same.answers_to) == ("Camille Renaud, pour l’ANCT", "camille.renaud@anct.example")
    others = deepcopy(EXAMPLES["weekly_state"]) | {"recipient_name": "Inès Moreau"}
    others["projects"][1] |= {"agent_name": "Louise Petit", "agent_email": "louise.petit@anct.example"}
    several = message_from("weekly_state", others)
    assert (several.signature, several.answers_to) == ("L’équipe des projets partagés", None)
    nobody = message_from("daily_digest", others | {"projects": [project(agent_name=None, agent_email=None)]})
    assert (nobody.signature, nobody.answers_to) == ("L’équipe des projets partagés", None)


def test_the_agent_reads_where_each_project_stands_and_is_not_answered_by_themselves() -> None:
    mail = render(message_from("weekly_state", EXAMPLES["weekly_state"]))
    text = plain(mail.text)
    for sentence in ("Étape : Diagnostic territorial (ouverte)", "Échéance : 20 février 2027, en retard de 9 jours",
                 "Engagements : 17 à tenir, dont 2 en retard", "- Niort : déposer « Diagnostic »",
                 "- et 3 autres", "Projet : en suivi", "La plateforme des projets partagés"):  # fmt: skip
        assert sentence in text
    assert "Répondez" not in text


def test_a_calm_week_is_told_in_few_words() -> None:
    state = {"stage_title": "Charte", "status_label": "ouverte", "due_on": "2027-05-01"}
    mail = digest(project(state=state), name="weekly_state")
    assert mail.subject == f"L’état de votre projet – {CULTURE}"
    assert "Il manque" not in mail.text
    assert "retard" not in mail.text
    assert "Engagements" not in mail.text


def test_what_people_type_in_a_line_is_text_on_one_line() -> None:
    typed = "<a href='https://evil.example'>Charte</a>\r\n- Faux\r\nBcc: tous@x.example"
    line = item(-8, typed, copied=True, party=typed)
    news = [{"text": typed, "link": "https://x.example/n"}]
    mail = digest(project(typed, line, item(0, typed), news=news), project(YOUTH, item(1)))
    assert "https://evil.example" not in Words(mail.html).links
    assert "<a href='" not in mail.html
    assert not re.search(r"^(- Faux|Bcc)", mail.text, flags=re.MULTILINE)
    assert "\n" not in mail.subject + mail.preheader


@pytest.mark.parametrize("wrong", [{"path": "/a"}, {"kind": "party"}, {"link": "/relatif"}, {"due_on": None}])
def test_a_line_that_is_not_whole_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        digest(project(CULTURE, item(1) | wrong))
