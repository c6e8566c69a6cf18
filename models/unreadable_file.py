"""The files that nobody could read, or that would cost too much to look at: refused as they come."""

from models.refusal import Refusal

HOW_TO_UNLOCK = {
    "pdf": (
        "ôtez-le dans Acrobat (Fichier › Propriétés › Sécurité › Aucune protection), ou ouvrez-le avec son mot de "
        "passe et imprimez-le en PDF"
    ),
    "office": (
        "ôtez-le dans Word, Excel ou PowerPoint (Fichier › Informations › Protéger › Chiffrer avec mot de passe, puis "
        "videz la case)"
    ),
    "open_document": (
        "dans LibreOffice, enregistrez-le sous un autre nom sans cocher « Enregistrer avec mot de passe »"
    ),
    "archive": "refaites l’archive sans mot de passe",
    "iwork": "ôtez-le dans Pages, Numbers ou Keynote (Fichier › Définir un mot de passe)",
    "epub": "donnez un livre sans verrou numérique",
}
"""What to do, by the sort of the protected file."""


class LockedFile(Refusal):
    """Who opens the file is asked for a password; ``what`` is a key of ``HOW_TO_UNLOCK``."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(
            f"Le fichier « {name} » est protégé par un mot de passe, et n’a pas été gardé : ceux qui doivent le lire "
            f"ou le signer ne le pourraient pas. Pour retirer le mot de passe, {HOW_TO_UNLOCK[what]}, puis déposez "
            "cette copie."
        )


class DamagedFile(Refusal):
    """Nobody could open the file; ``what`` says what it is (« un PDF sans aucune page »)."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(
            f"Le fichier « {name} » est {what}, et n’a pas été gardé : personne ne pourrait le lire. "
            "Ouvrez-le sur votre ordinateur, enregistrez-le de nouveau, puis déposez cette copie."
        )


class HeavyFile(Refusal):
    """Reading the file took more time or memory than one may."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Le fichier « {name} » demande trop de temps ou de mémoire pour être lu, et n’a pas été gardé : "
            "enregistrez-le de nouveau (en PDF par exemple), allégez-le ou découpez-le."
        )


class InspectionBusy(Refusal):
    """Too many files are being looked at: nothing is known of this one."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"Beaucoup de fichiers arrivent à la fois, et « {name} » n’a pas pu être examiné : réessayez dans "
            "quelques secondes."
        )
