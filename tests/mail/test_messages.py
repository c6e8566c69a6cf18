"""What we say: every message, in both parts, in correct French, safe whatever people typed.

The files of ``tests/golden/`` are the mails as they leave. After a wanted change of wording, write them
again with ``GOLDEN=write pytest tests/mail/test_messages.py`` and read the diff.
"""

import os
import re
from datetime import UTC, date, datetime
from html import escape
from typing import Any

import pytest
from mail_examples import EXAMPLES, GOLDEN, Words, render, unbroken
from pydantic import ValidationError

from models.notice import can_wait
from notifications.messages import MESSAGES, message_from
from notifications.typography import as_a, count, cut, distance, hour, listing, long_date, of, weekday_date

every_message = pytest.mark.parametrize("name", sorted(MESSAGES))


@every_message
def test_each_mail_is_its_golden_file_in_all_its_parts(name: str) -> None:
    mail = render(message_from(name, EXAMPLES[name]))
    parts = {
        "html": f"{mail.html}\n".encode(),
        "txt": f"Objet\u00a0: {mail.subject}\nAperçu\u00a0: {mail.preheader}\n\n{mail.text}".encode(),
        "ics": mail.calendar.content if mail.calendar else b"",
    }
    for kind, part in parts.items():
        file = GOLDEN / f"{name}.{kind}"
        if os.environ.get("GOLDEN") == "write" and part:
            file.write_bytes(part)
        assert (file.read_bytes() if file.exists() else b"") == part


def test_golden_files_and_messages_are_the_same_set() -> None:
    assert {file.stem for file in GOLDEN.iterdir()} - {"examples"} == set(MESSAGES) == set(EXAMPLES)


@pytest.mark.parametrize(
    ("state", "decided_by", "headline", "sentence"),
    [
        ("confirmed", "Camille Renaud", "Confirmé", "Camille Renaud l’a confirmé pour Niort : c’est fait, et inscrit"),
        ("declined", "Camille Renaud", "Écarté", "Camille Renaud y a mis fin : la proposition n’a rien donné."),
        ("dropped", "Inès Moreau", "Retiré", "Inès Moreau y a mis fin : la proposition n’a rien donné."),
        ("expired", None, "Expiré sans confirmation", "Personne ne l’a confirmé dans ses trente jours : la"),
    ],
)  # fmt: skip
def test_each_outcome_of_a_proposal_has_its_words(
    state: str, decided_by: str | None, headline: str, sentence: str
) -> None:
    values = EXAMPLES["authority_settled"] | {"state": state, "decided_by": decided_by, "reason": None}
    mail = render(message_from("authority_settled", values))
    assert mail.subject.replace("\u00a0", " ").startswith(f"{headline} : Acte sur papier de Niort")
    assert sentence in mail.text.replace("\u00a0", " ")
    assert "Motif" not in mail.text
    assert (
        mail.preheader.replace("\u00a0", " ")
        == f"{headline}{f' par {decided_by}' if decided_by else ''}, pour Niort."
    )


def test_only_what_gives_power_says_so_before_it_is_confirmed() -> None:
    example = EXAMPLES["authority_to_confirm"]
    power, file = "le pouvoir de signer pour la collectivité", "Le document est joint à la page"
    given = render(message_from("authority_to_confirm", example)).text
    paper = render(
        message_from("authority_to_confirm", example | {"gives_power": False, "has_file": False})
    ).text
    assert [power in given, file in given, "elle ne comptera pas" in given] == [True, True, False]
    assert [power in paper, file in paper, "elle ne comptera pas" in paper] == [False, False, True]


@every_message
def test_a_message_is_named_after_its_class_and_has_a_short_subject_of_one_line(name: str) -> None:
    message = message_from(name, EXAMPLES[name])
    assert MESSAGES[name].__name__ == name.title().replace("_", "")
    assert "\n" not in render(message).subject
    assert message.subject().endswith(message.scope or message.headline())
    assert len(message.subject()) < 100


@every_message
def test_what_is_read_in_a_list_of_mails_says_more_than_the_subject(name: str) -> None:
    mail = render(message_from(name, EXAMPLES[name]))
    assert 20 < len(mail.preheader) < 150
    assert "\n" not in mail.preheader
    assert mail.preheader not in mail.subject
    assert unbroken(mail.html).count(f'mso-hide:all">{escape(mail.preheader)}</div>') == 1


@every_message
def test_french_typography_holds_in_both_parts(name: str) -> None:
    mail = render(message_from(name, EXAMPLES[name]))
    for words in (
        mail.subject,
        mail.text,
        re.sub(r"<style>.*?</style>|<[^>]*>", "", mail.html, flags=re.DOTALL),
    ):
        assert not re.search(
            r" [:;?!»]|« |«\S|[^\s\u00a0]»", words.replace("«\u00a0", "«\u00a0 ").replace("« ", "")
        )
        assert not re.search(r"\w'\w|\d{4}-\d\d-\d\d|&#39;", words)
        assert "None" not in words


@every_message
def test_the_text_part_carries_every_link_on_a_line_of_its_own(name: str) -> None:
    mail = render(message_from(name, EXAMPLES[name]))
    links = {link for link in Words(mail.html).links if not link.startswith("mailto:")}
    assert EXAMPLES[name]["link"] in links
    assert all(link.startswith("https://") for link in links)
    assert links == {line.strip() for line in mail.text.splitlines() if "https://" in line}


@every_message
def test_the_text_part_has_the_words_of_the_html_part(name: str) -> None:
    mail = render(message_from(name, EXAMPLES[name]))
    body = re.search(r"Bonjour .*?,\n\n(.*?)\nBien à vous", mail.text, re.DOTALL)
    assert body is not None
    words = {word.strip("(),.:") for word in Words(mail.html).words}
    for word in re.sub(r"https://\S+|^=+$", "", body[1], flags=re.MULTILINE).split():
        assert word in {"-", ">", ":"} or word.strip("(),.:") in words, word


@every_message
def test_a_mail_has_one_button_no_image_and_nothing_to_fetch(name: str) -> None:
    html = render(message_from(name, EXAMPLES[name])).html
    assert html.count('class="button"') == 1
    assert not {"img", "script", "link", "iframe"} & set(Words(html).tags)
    assert "url(" not in html
    assert "max-width:600px" in html
    assert "prefers-color-scheme: dark" in html
    assert len(html) < 102_000, "Gmail cuts a mail longer than that"


OURS = re.compile(r".*(link|_on|_at|day|slug|kind|state|subject|uid|hash|recipient_email)")


def typed_by_somebody_mean(values: Any, typed: str) -> Any:
    """``values`` with ``typed`` wherever people write."""
    if isinstance(values, dict):
        return {
            key: value if OURS.fullmatch(key) else typed_by_somebody_mean(value, typed)
            for key, value in values.items()
        }
    if isinstance(values, list):
        return [typed_by_somebody_mean(each, typed) for each in values]
    return typed if isinstance(values, str) else values


@every_message
def test_what_people_type_cannot_become_html_nor_a_line_of_its_own(name: str) -> None:
    typed = '<b onclick="x()">Ville</b>\r\nBcc: tous@example.org\x00\u2028END:VEVENT\r\n{{ 7 * 7 }} [a](javascript:x)'
    dated = {"meeting_invitation", "meeting_changed", "meeting_cancelled"}
    values = typed_by_somebody_mean(EXAMPLES[name], typed)
    mail = render(message_from(name, values | {"recipient_name": typed}))
    plain = re.sub(r"^>.*\n", "", mail.text, flags=re.MULTILINE)  # a quotation keeps its lines, each marked
    assert "<b onclick" not in mail.html
    assert "&lt;b onclick" in mail.html
    assert "javascript:x" not in "".join(Words(mail.html).links)
    assert not re.search(r"^(Bcc|END:|\{\{)", plain, flags=re.MULTILINE)
    assert "\n" not in mail.subject + mail.preheader
    assert not re.search(r"[\x00\u2028]", mail.html + mail.text + mail.subject)
    assert "49" not in mail.subject
    if mail.calendar is not None:
        assert mail.calendar.content.count(b"\r\nEND:VEVENT\r\n") == 1
        assert b"\nBcc:" not in mail.calendar.content
    assert (mail.calendar is not None) >= (name in dated)


@every_message
def test_how_often_we_write_is_chosen_from_every_mail(name: str) -> None:
    choice = "https://projets-partages.example/courrier/frequence/abc"
    mail = render(message_from(name, EXAMPLES[name] | {"frequency_link": choice}))
    assert f"Choisir la fréquence de ces messages\u00a0:\n{choice}\n" in mail.text
    assert choice in Words(mail.html).links
    silent = {key: value for key, value in EXAMPLES[name].items() if key != "frequency_link"}
    assert "fréquence de" not in render(message_from(name, silent)).text


@every_message
def test_a_message_keeps_what_is_needed_and_refuses_what_it_does_not_know(name: str) -> None:
    message = message_from(name, EXAMPLES[name])
    assert message_from(name, message.model_dump(mode="json")) == message
    with pytest.raises(ValidationError):
        message_from(name, EXAMPLES[name] | {"surprise": 1})
    with pytest.raises(ValidationError):
        message_from(name, EXAMPLES[name] | {"link": "/projets/relatif"})


@every_message
def test_what_may_be_unknown_leaves_no_hole_in_the_mail(name: str) -> None:
    fields = MESSAGES[name].model_fields
    needed = {key: value for key, value in EXAMPLES[name].items() if fields[key].is_required()}
    mail = render(message_from(name, needed))
    assert "None" not in mail.text + mail.html
    assert not re.search(r"\( ?\)|\u00a0:\s*\n\s*\n(?!- |> )| \.|,,", mail.text)


def test_who_has_signed_is_said_in_the_singular_and_in_the_plural() -> None:
    def text(**values: object) -> str:
        return render(message_from("sign_off_requested", EXAMPLES["sign_off_requested"] | values)).text

    assert "A déjà validé\u00a0: Niort. Est également attendue la validation de Bourges." in text(
        signed=["Niort"], awaited=["Bourges"]
    )
    assert "Ont déjà validé\u00a0: Niort et Guichen." in text(signed=["Niort", "Guichen"], awaited=[])
    assert (
        "Personne n’a encore validé. Sont également attendues les validations de Niort et d’Arles."
        in text(signed=[], awaited=["Niort", "Arles"])
    )


def test_who_had_signed_hears_that_their_sign_off_fell_and_why() -> None:
    mail = render(message_from("sign_off_fell", EXAMPLES["sign_off_fell"]))
    assert "votre validation pour Niort est à redonner" in mail.subject
    text = mail.text.replace("\u00a0", " ")
    for sentence in ("donnée le 9 mars 2027", "la version 1", "2 (empreinte c41877aa)", "1 (empreinte 5b20e9d4)",
                 "Yann Le Goff", "> Chiffres de fréquentation 2025 ajoutés."):  # fmt: skip
        assert sentence in text
    contact = render(message_from("sign_off_fell", EXAMPLES["sign_off_fell"] | {"party_name": "Niort"}))
    assert "la validation de Niort est à redonner" in contact.subject
    assert "que Niort avait validée" in contact.preheader
    assert "la personne qui signe pour Niort est invitée à redonner sa réponse" in contact.text


def test_who_had_not_signed_is_only_asked_to_read_the_new_version() -> None:
    example = EXAMPLES["new_version_submitted"]
    read = render(message_from("new_version_submitted", example))
    assert "une nouvelle version est à lire" in read.subject
    assert "Vous aviez demandé" not in read.text
    refused = render(message_from("new_version_submitted", example | {"had_refused": True}))
    assert "Vous aviez demandé qu’il soit revu" in refused.text


def test_news_can_wait_but_what_asks_something_of_the_reader_cannot() -> None:
    waiting = {name for name in MESSAGES if can_wait(name, {})}
    assert waiting == {
        "stage_opened_for_contact", "stage_opened_for_signatory", "stage_opened_for_contractor",
        "peer_reading_opened", "stage_signed_off", "stage_closed",
        "comment_added_for_author", "comment_added_for_commenter",
        "deliverable_refused_for_others", "contractor_appointed", "lessons_published", "project_in_follow_up",
    }  # fmt: skip
    for name in ("stage_opened_for_contact", "stage_opened_for_contractor"):
        assert not can_wait(name, {"to_submit": ["Diagnostic de Niort"]})


def test_a_city_that_has_something_to_submit_reads_it_in_the_mail_that_opens_the_stage() -> None:
    example = EXAMPLES["stage_opened_for_contact"]
    asked = render(message_from("stage_opened_for_contact", example)).text
    assert "Ce document est à déposer par Niort" in asked
    assert "rien à faire" not in asked
    calm = render(message_from("stage_opened_for_contact", example | {"to_submit": []})).text
    assert "Vous n’avez rien à faire tout de suite" in calm


def test_the_agent_does_not_get_letters_from_themselves_nor_answers_to_them() -> None:
    example = EXAMPLES["stage_closed_for_agent"]
    agent = message_from("stage_closed_for_agent", example)
    assert agent.answers_to is None
    assert "La plateforme des projets partagés" in render(agent).text
    other = message_from("stage_closed", EXAMPLES["stage_closed"])
    assert other.answers_to == "camille.renaud@anct.example"


def test_without_an_agent_in_charge_the_team_signs_and_no_answer_is_promised() -> None:
    nobody = {"agent_name": "L’équipe des projets partagés", "agent_email": ""}
    mail = render(message_from("project_paused", EXAMPLES["project_paused"] | nobody))
    assert "Bien à vous,\nL’équipe des projets partagés\n" in mail.text
    assert "Répondez" not in mail.text + mail.html


@pytest.mark.parametrize("no_project", [{}, {"project_title": None, "project_slug": None},
                                        {"project_title": "Projets partagés", "project_slug": ""}])  # fmt: skip
def test_a_mail_about_no_project_names_none(no_project: dict[str, Any]) -> None:
    mail = render(message_from("sign_in_link", EXAMPLES["sign_in_link"] | no_project))
    assert mail.subject == "Votre lien de connexion"
    assert mail.text.startswith("Projets partagés\n")
    assert "15\u00a0minutes" in mail.text
    assert "une seule fois" in mail.text


@pytest.mark.parametrize(
    "link", ["https://x.example/\nBcc: a", 'https://x.example/"><b>', "https://x.example/a b"]
)
def test_a_link_is_an_address_and_nothing_else(link: str) -> None:
    with pytest.raises(ValidationError):
        message_from("welcome", EXAMPLES["welcome"] | {"link": link})


def test_a_meeting_says_only_what_has_changed() -> None:
    example = EXAMPLES["meeting_changed"]
    both = render(message_from("meeting_changed", example))
    assert "déplacement au 1er\u00a0avril 2027 à 10\u00a0h" in both.subject
    assert "Au lieu de\u00a0: jeudi 25\u00a0mars 2027" in both.text
    assert "Et non plus\u00a0: Mairie de Niort" in both.text
    same_hour = {"old_starts_at": example["starts_at"], "old_ends_at": example["ends_at"]}
    moved = render(message_from("meeting_changed", example | same_hour))
    assert "changement de lieu" in moved.subject
    assert "Au lieu de" not in moved.text
    topic = same_hour | {"old_place": example["place"], "agenda_changed": True}
    agenda = render(message_from("meeting_changed", example | topic))
    assert "a un nouvel ordre du jour" in agenda.text
    assert "Et non plus" not in agenda.text


def test_days_and_hours_are_those_of_paris_as_people_say_them() -> None:
    assert weekday_date(date(2027, 5, 1)) == "samedi 1er\u00a0mai 2027"
    assert hour(datetime(2027, 3, 28, 0, 30, tzinfo=UTC)) == "1\u00a0h\u00a030"
    assert hour(datetime(2027, 3, 28, 1, 0, tzinfo=UTC)) == "3\u00a0h"  # the clocks went forward
    today = date(2028, 2, 28)
    distances = [distance(day, today) for day in (date(2028, 2, 20), date(2028, 2, 27), today, date(2028, 2, 29),
                                             date(2028, 3, 6))]  # fmt: skip
    assert distances == ["en retard de 8\u00a0jours", "en retard de 1\u00a0jour", "aujourd’hui", "demain",
                    "dans 7\u00a0jours"]  # fmt: skip


def test_dates_are_in_full() -> None:
    assert long_date(date(2026, 5, 12)) == "12\u00a0mai 2026"
    assert long_date(date(2027, 5, 1)) == "1er\u00a0mai 2027"
    assert long_date(None) == ""


def test_what_is_too_long_for_a_subject_is_cut_between_two_words() -> None:
    assert cut("Faire connaître le projet", 30) == "Faire connaître le projet"
    assert cut("Faire connaître, dès l’été, le projet", 17) == "Faire connaître…"


def test_plurals_begin_at_two() -> None:
    assert [count(n, "engagement") for n in (0, 1, 2)] == [
        "0\u00a0engagement",
        "1\u00a0engagement",
        "2\u00a0engagements",
    ]


def test_lists_and_names_are_joined_as_people_do() -> None:
    assert listing([]) == ""
    assert listing(["Niort"]) == "Niort"
    assert listing(["Niort", "Bourges", "Guichen"]) == "Niort, Bourges et Guichen"
    assert as_a("maire") == "en tant que maire"
    assert as_a("observatrice") == "en tant qu’observatrice"
    assert [of(name) for name in ("Niort", "Évry", "Le Havre", "Les Ulis")] == [
        "de Niort",
        "d’Évry",
        "du Havre",
        "des Ulis",
    ]
