"""Words as they are looked for: without case, accents, hyphens or apostrophes."""

import re
import unicodedata


def folded(text: str) -> str:
    """``text`` in small bare letters and digits, its words parted by single spaces: « L’Haÿ-les-Roses » is
    « l hay les roses »."""
    bare = unicodedata.normalize("NFKD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return re.sub(r"[\W_]+", " ", re.sub("[\u0300-\u036f]+", "", bare)).strip()


def is_said_in(wanted: str, text: str) -> bool:
    """Is every word of ``wanted`` (already folded) the beginning of a word of ``text``?"""
    words = folded(text).split()
    return all(any(word.startswith(part) for word in words) for part in wanted.split())
