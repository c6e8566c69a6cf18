"""What we say: every message, in both parts, in correct French, safe whatever people typed.

The files of ``tests/golden/`` are the mails as they leave. After a wanted change of wording, write them
again with ``GOLDEN=write pytest tests/test_messages.py`` and read the diff.
"""

import os
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from notifications.messages import MESSAGES, message_from, render
from notifications.typography import as_a, count, listing, long_date, of

GOLDEN = Path(__file__).parent / "golden"
EXAMPLES: dict[str, dict[str, Any]] = yaml.safe_load((GOLDEN / "examples.yaml").read_text("utf-8"))[
    "messages"
]

every_message = pytest.mark.parametrize("name", sorted(MESSAGES))


class Words(HTMLParser):
    """The words and the addresses of links of an HTML part."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for key, value in attrs if key == "href" and value]

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] != ["style"]:
            self.words += data.split()


@every_message
def test_each_mail_is_its_golden_file_in_both_parts(name: str) -> None:
    mail = render(message_from(name, EXAMPLES[name]))
    parts = {f"{name}.html": mail.html + "\n", f"{name}.txt": f"Objet\u00a0: {mail.subject}\n\n{mail.text}"}
    for file, part in parts.items():
        if os.environ.get("GOLDEN") == "write":
            (GOLDEN / file).write_text(part, "utf-8")
        assert (GOLDEN / file).read_text("utf-8") == part


def test_golden_files_and_messages_are_the_same_set() -> None:
    assert {file.stem for file in GOLDEN.iterdir()} - {"examples"} == set(MESSAGES) == set(EXAMPLES)


@every_message
def test_a_message_is_named_after_its_class_and_has_a_short_subject_of_one_line(name: str) -> None:
    message = message_from(name, EXAMPLES[name])
    assert MESSAGES[name].__name__ == name.title().replace("_", "")
    assert "\n" not in render(message).subject
    assert message.subject().endswith("Démocratie culturelle")
    assert len(message.subject()) < 100


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
    links = {link for link in Words(mail.html).links if link.startswith("http")}
    assert links == {EXAMPLES[name]["link"]}
    assert links <= set(mail.text.splitlines())


@every_message
def test_the_text_part_has_the_words_of_the_html_part(name: str) -> None:
    mail = render(message_from(name, EXAMPLES[name]))
    body = re.search(r"Bonjour .*?,\n\n(.*?)\nBien à vous", mail.text, re.DOTALL)
    assert body is not None
    said = set(Words(mail.html).words)
    for word in body[1].replace(EXAMPLES[name]["link"], "").split():
        assert word in said | {"-", ">", ":", "\u00a0:"} or word.strip("(),") in {
            w.strip("(),") for w in said
        }, word


@every_message
def test_a_mail_has_one_button_no_image_and_nothing_to_fetch(name: str) -> None:
    html = render(message_from(name, EXAMPLES[name])).html
    assert html.count('class="button"') == 1
    assert not {"img", "script", "link", "iframe"} & set(Words(html).tags)
    assert "url(" not in html
    assert "max-width:600px" in html
    assert "prefers-color-scheme: dark" in html
    assert len(html) < 102_000, "Gmail cuts a mail longer than that"


@every_message
def test_what_people_type_cannot_become_html_nor_a_second_subject_line(name: str) -> None:
    typed = '<b onclick="x()">Ville</b>\r\nBcc: tous@example.org\x00 {{ 7 * 7 }}'
    values = EXAMPLES[name] | {"project_title": typed, "recipient_name": typed, "agent_name": typed}
    if "reason" in MESSAGES[name].model_fields:
        values |= {"reason": typed}
    mail = render(message_from(name, values))
    assert "<b onclick" not in mail.html
    assert "&lt;b onclick" in mail.html
    assert "\n" not in mail.subject
    assert "\x00" not in mail.html + mail.text
    assert "49" not in mail.subject


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


def test_a_new_version_tells_apart_who_had_signed_and_who_had_not() -> None:
    example = EXAMPLES["new_version_submitted"]
    fell = render(message_from("new_version_submitted", example))
    read = render(message_from("new_version_submitted", example | {"had_signed": False}))
    assert "votre validation est à redonner" in fell.subject
    assert "Votre validation portait sur la version 1" in fell.text
    assert "une nouvelle version est à lire" in read.subject
    assert "Votre validation portait" not in read.text


def test_dates_are_in_full() -> None:
    assert long_date(date(2026, 5, 12)) == "12\u00a0mai 2026"
    assert long_date(date(2027, 5, 1)) == "1er\u00a0mai 2027"
    assert long_date(None) == ""


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
