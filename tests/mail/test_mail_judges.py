"""What judges from outside say of each mail: SpamAssassin, the W3C, and caniemail of what clients leave out."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from judges import faults_by_nu
from mail_examples import EXAMPLES, GOLDEN, MAIL, render
from node_tools import JUDGES_FOLDER, judge, node

from notifications.messages import MESSAGES, message_from
from notifications.mime import as_bytes

LEFT_OUT = {
    "<style> element": "the dark and the narrow variants only",
    "@media": "the dark and the narrow variants only",
    "<body> element": "its colours are those of the page's cell too",
    "border-radius": "corners are square",
    "display:none": "the preview is then read as a first line",
    "overflow": "of the preview only",
    "height property": "of the preview only",
    "max-height property": "of the preview only",
    "color-scheme meta tag": "the light colours are written out",
    "role attribute": "the table is read as one",
    "lang attribute": "the reader's own language is French",
    "text-decoration": "the button's words are underlined",
    "white-space": "line ends of what people wrote are made one",
    "mailto: links": "the address is written out",
    "<wbr> element": "see LONG_WORDS",
    "overflow-wrap": "see LONG_WORDS",
    "word-break": "see LONG_WORDS",
}
"""What some client does not know, and what its reader sees in place of it."""
LONG_WORDS = ("html-wbr", "css-word-break", "css-overflow-wrap")
OLD = ("on the “table” element is obsolete", "on the “td” element is obsolete", "Property “mso-")
"""Faults that mails need: tables laid out as long ago, and two properties of Outlook."""
OF_FRENCH = "MIXED_ES"
"""« Too many es are not es »: « délégation révoquée » has many é. It is off for some languages, not for French."""
NO_WAY = {("orange", "android"), ("outlook", "windows-mail")}
"""Those that break a long word at no place of ours; the second is no longer made."""


@pytest.mark.trials
def test_spamassassin_gives_no_mail_a_point() -> None:
    program = shutil.which("spamassassin")
    if program is None:
        pytest.skip("spamassassin n’est pas installé (apt-get install spamassassin)")
    box = b"".join(
        b"From us Mon Nov 30 09:00:00 2026\n" + _as_kept(name) + b"\n\n" for name in sorted(MESSAGES)
    )
    done = subprocess.run(
        [
            program,
            "--local",
            "--mbox",
            "--cf=use_bayes 0",
            "--cf=use_auto_whitelist 0",
            f"--cf=score {OF_FRENCH} 0",
        ],
        input=box,
        capture_output=True,
        check=True,
    )
    verdicts = re.findall(rb"^X-Spam-Status: (.*(?:\n\s.*)*)", done.stdout, re.MULTILINE)
    assert len(verdicts) == len(MESSAGES)
    assert [each for each in verdicts if float(re.search(rb"score=(\S+)", each)[1]) > 0] == []  # type: ignore[index]


def _as_kept(name: str) -> bytes:
    words = render(message_from(name, EXAMPLES[name]))
    mail = replace(
        MAIL,
        html=words.html,
        text=words.text,
        subject=words.subject,
        calendar=words.calendar,
        unsubscribe_url="https://projets-partages.example/frequence/lien",
    )
    return as_bytes(mail, "projets@collectivite.example", "Projets partagés").replace(b"\r\n", b"\n")


@pytest.mark.trials
def test_the_w3c_finds_in_the_mails_only_what_old_clients_need() -> None:
    faults = faults_by_nu(GOLDEN.glob("*.html"))
    assert [each for each in faults if not any(old in each[1] for old in OLD)] == []


@pytest.mark.trials
def test_what_mail_clients_do_not_know_is_known_to_us() -> None:
    judge("caniemail")
    command = [node(), str(JUDGES_FOLDER / "caniemail.mjs"), str(GOLDEN)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    unknown = {name: where for name, where in json.loads(done.stdout).items() if name not in LEFT_OUT}
    assert unknown == {}


@pytest.mark.trials
def test_a_long_word_breaks_in_each_mail_client_by_one_way_or_another() -> None:
    html = Path(GOLDEN / "sign_off_requested.html").read_text("utf-8")
    assert all(way in html for way in ("<wbr>", "word-break:", "overflow-wrap:"))
    known = json.loads(judge("caniemail", "data/caniemail.json").read_text("utf-8"))["data"]
    breaks: dict[tuple[str, str], bool] = {}
    for feature in known:
        if feature["slug"] in LONG_WORDS:
            for family in (
                "gmail",
                "outlook",
                "yahoo",
                "orange",
                "apple-mail",
                "samsung-email",
                "sfr",
                "laposte",
            ):
                for system, versions in feature["stats"].get(family, {}).items():
                    is_known = list(versions.values())[-1][0] in "ay"
                    breaks[family, system] = breaks.get((family, system), False) or is_known
    assert {client for client, is_broken in breaks.items() if not is_broken} == NO_WAY
