"""The files named on the command line: read, or refused in a sentence."""

from pathlib import Path

from actions.files.store_file import UnusableFile


def read_file(path: Path) -> bytes:
    """The content of a file; raises ``UnusableFile`` when it is missing, empty or unreadable."""
    if not path.is_file():
        raise UnusableFile(
            f"Le fichier « {path} » n’existe pas, ou n’est pas un fichier : vérifiez son chemin."
        )
    try:
        content = path.read_bytes()
    except OSError:
        raise UnusableFile(
            f"Le fichier « {path} » ne peut pas être lu : vérifiez vos droits de lecture."
        ) from None
    if not content:
        raise UnusableFile(f"Le fichier « {path} » est vide : donnez le document lui-même.")
    return content
