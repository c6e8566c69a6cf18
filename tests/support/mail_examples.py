"""The example of each message, and how it is rendered at a fixed instant."""

from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import yaml

from notifications.mail import OutgoingMail
from notifications.message import Message
from notifications.messages import RenderedMail
from notifications.messages import render as render_at

GOLDEN = Path(__file__).parents[1] / "golden"


EXAMPLES: dict[str, dict[str, Any]] = yaml.safe_load((GOLDEN / "examples.yaml").read_text("utf-8"))[
    "messages"
]


NOW = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)


def render(message: Message) -> RenderedMail:
    return render_at(message, now=NOW)


def unbroken(html: str) -> str:
    """``html`` without the places where a long word may break."""
    return html.replace("<wbr>", "")


class Words(HTMLParser):
    """The words and the addresses of links of an HTML part."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.feed(unbroken(html))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value for key, value in attrs if key == "href" and value]

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] != ["style"]:
            self.words += data.split()


MAIL = OutgoingMail(
    to_address="helene.marchand@niort.example",
    to_name="Hélène Marchand",
    subject="Votre validation est attendue\u00a0: «\u00a0Charte\u00a0» – Démocratie culturelle",
    html="<p>À vous, «\u00a0Hélène\u00a0».</p>\n" + "<p>une ligne longue</p>" * 200,
    text="À vous, «\u00a0Hélène\u00a0».\n\nhttps://projets-partages.example/livrables/2?a=b&c=d\n"
    ".\nfin de ligne \n",
    key="sign_off_requested:7:2:41",
    reply_to="camille.renaud@anct.example",
    sent_at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
)
