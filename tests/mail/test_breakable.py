"""Long words may break in a mail, and nothing of what they say changes."""

import re
from html import escape, unescape

from hypothesis import given
from hypothesis import strategies as st
from mail_examples import unbroken

from notifications.breakable import LONGEST, with_breaks


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=120))
def test_no_word_stays_longer_than_a_phone_is_wide_and_none_changes(words: str) -> None:
    html = (
        f'<head><title>{"x" * 60}</title></head><body><p title="{escape(words)}">{escape(words)}</p></body>'
    )
    broken = with_breaks(html)
    assert unbroken(broken) == html
    assert broken.startswith(html[: html.index("</p>") - len(escape(words))])
    for word in re.split(r"<[^>]*>|\s", broken[broken.index("<p") :].partition(">")[2]):
        assert len(unescape(word)) <= LONGEST


def test_an_address_breaks_after_its_signs() -> None:
    assert with_breaks("<body><a>https://projets.example/projets/democratie?a=1&amp;b=2</a>") == (
        "<body><a>https://projets.<wbr>example/projets/<wbr>democratie?a=1&amp;b=<wbr>2</a>"
    )
