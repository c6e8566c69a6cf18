"""The text of a stored file: a text file, or a PDF that has text.

Imports none of our models: it is read in a process that starts for this alone.
"""

from pathlib import Path

from models.typed_text import shown

MOST_PAGES = 200
MOST_CHARACTERS = 2_000_000
PDF = "pdf"


class NoText(Exception):
    """The file has no text that can be compared; ``str()`` is a French sentence that says why."""


def text_of_file(path: Path, name: str, encoding: str) -> str:
    """The text of a file in this encoding, or of a ``PDF``. Raises ``NoText``.

    Reads what anybody may have sent: to be called in a process that can be killed.
    """
    text = _text_of_pdf(path, name) if encoding == PDF else path.read_text(encoding)
    if len(text) > MOST_CHARACTERS:
        raise NoText(
            f"« {name} » est trop long pour être comparé ici : téléchargez les deux versions pour les comparer."
        )
    return shown(text)


def _text_of_pdf(path: Path, name: str) -> str:
    from pypdf import PdfReader  # costs a tenth of a second, that two texts do not pay

    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise NoText(f"« {name} » est protégé par un mot de passe : son texte ne peut pas être lu.")
        if len(reader.pages) > MOST_PAGES:
            raise NoText(
                f"« {name} » a plus de {MOST_PAGES} pages : téléchargez les deux versions pour les comparer."
            )
        text = "\n".join(page.extract_text() for page in reader.pages)
    except NoText:
        raise
    except Exception:  # a damaged PDF makes its reader fail in every way there is
        raise NoText(f"« {name} » est un PDF dont le texte ne peut pas être lu.") from None
    if not text.strip():
        raise NoText(
            f"« {name} » n’a pas de texte : c’est sans doute un document numérisé, qui se compare à l’œil."
        )
    return text
