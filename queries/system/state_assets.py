"""The assets of the Système de design de l’État: there or not. We bring none, and accept no terms for anyone."""

from pathlib import Path

from models.refusal import Refusal

NEEDED = ("dsfr.min.css", "utility/utility.min.css", "dsfr.module.min.js")


class NoStateLook(Refusal):
    """The State's look is asked for and its assets are not in ``folder``; ``missing`` are the files looked for."""

    def __init__(self, folder: Path, missing: list[str]) -> None:
        super().__init__(
            f"L’apparence de l’État est demandée (PROJET_PARTAGE_THEME=dsfr) et « {folder} » n’a pas "
            f"{', '.join(missing)} : lancez « npm install @gouvfr/dsfr@1.15 » et acceptez vous-même, si vous êtes un "
            "service de l’État, les conditions qu’il présente, puis indiquez le dossier « dist » du paquet dans "
            "PROJET_PARTAGE_DSFR_DIR ; sinon, retirez PROJET_PARTAGE_THEME."
        )


def state_assets(folder: Path) -> Path:
    """The folder, once it is known to hold what the pages link to. Raises ``NoStateLook``."""
    missing = [name for name in NEEDED if not (folder / name).is_file()]
    if missing:
        raise NoStateLook(folder, missing)
    return folder.absolute()
