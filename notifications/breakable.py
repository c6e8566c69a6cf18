"""Let long words break: an address must not push a mail wider than a phone, whatever the mail client.

No way is known to all: ``overflow-wrap`` is not to Gmail, Outlook, Yahoo and Orange, ``word-break`` not to Yahoo,
``<wbr>`` not to Gmail on a phone. Our cells have the first two, and what is copied holds nothing of the third.
"""

import re

LONGEST = 20
"""Letters that stand on a narrow phone beside the margins, in our largest type."""
_TEXT = re.compile(r"(?<=>)[^<>]+(?=<)")
_LETTER = r"(?:&[#\w]+;|[^\s<>&])"
_LONG = re.compile(_LETTER + r"{21,}")
_PIECES = re.compile(_LETTER + r"{1,19}(?:[/?=._@-]|&amp;)|" + _LETTER + r"{1,20}")
"""Each as long as can be, after a sign of an address if there is one."""
_HEAD = re.compile(r".*?<body", re.DOTALL)


def with_breaks(html: str) -> str:
    """``html`` where each word of more than ``LONGEST`` letters, between tags of the body, may break."""
    head = _HEAD.match(html)
    start = head.end() if head else 0
    return html[:start] + _TEXT.sub(lambda text: _LONG.sub(_in_pieces, text[0]), html[start:])


def _in_pieces(word: re.Match[str]) -> str:
    return "<wbr>".join(_PIECES.findall(word[0]))
