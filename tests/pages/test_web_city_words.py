"""What people typed, and our guides, become HTML in which nothing of theirs acts."""

import pytest

from web.pages.guide import GUIDES, guide
from web.pages.linked import linked

REL = 'rel="noopener nofollow ugc"'


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Voir https://x.example/a.", f'Voir <a href="https://x.example/a" {REL}>https://x.example/a</a>.'),
        ("https://x.example/?b=1&c", f'<a href="https://x.example/?b=1&amp;c" {REL}>https://x.example/?b=1&amp;c</a>'),
        ("<b>https://x.example/</b>", f'&lt;b&gt;<a href="https://x.example/" {REL}>https://x.example/</a>&lt;/b&gt;'),
        ('https://x.example/"onclick="a', f'<a href="https://x.example/" {REL}>https://x.example/</a>&#34;onclick=&#34;a'),
        ("javascript:alert(1) data:text/html,x", "javascript:alert(1) data:text/html,x"),
        ("", ""),
    ],
)  # fmt: skip
def test_only_web_addresses_are_links_and_the_rest_is_escaped(typed: str, shown: str) -> None:
    assert linked(typed) == shown


@pytest.mark.parametrize("name", GUIDES)
def test_a_guide_leads_to_the_other_on_the_pages_as_on_the_forge(name: str) -> None:
    title, body = guide(name)
    (other,) = set(GUIDES) - {name}
    assert title.startswith("Guide des")
    assert f'<a href="/aide/{other}">' in body
    assert "<ul>" in body
    assert "<h2>" in body
