"""What people typed, and our guides, become HTML in which nothing of theirs acts."""

import pytest

from web.pages.guide import GUIDES, guide, render
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


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("Une <b onclick=a>balise</b>", "<p>Une &lt;b onclick=a&gt;balise&lt;/b&gt;</p>"),
        ("[ici](javascript:alert(1))", "[ici](javascript:alert(1))"),
        ('[ici](<x"onclick=a>)', '<a href="x%22onclick=a">'),
        ('![a"b](images/a.png)', '<img src="/aide/images/a.png" alt="a&quot;b" loading="lazy">'),
    ],
)
def test_no_html_of_a_guide_reaches_its_page(written: str, shown: str) -> None:
    assert shown in render(written)


def test_french_typography_holds_in_a_guide_across_the_ends_of_its_lines() -> None:
    assert (
        render("« a\n» et b\n: **c** ?") == "<p>«\u00a0a\u00a0» et b\u00a0: <strong>c</strong>\u00a0?</p>\n"
    )
