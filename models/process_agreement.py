"""What all the processes of one system must share besides its database, and how one that does not is told."""

from sqlmodel import Field, SQLModel

from models.refusal import Refusal


class ProcessAgreement(SQLModel, table=True):
    """One row, written by the first process: the secret's fingerprint, and the mark in the folder of the files.

    With another secret every form sent by a page of the other host is refused, and every link that was mailed;
    with another folder half of the files cannot be opened. Neither is seen before somebody meets it.
    """

    __tablename__ = "process_agreement"

    id: int = Field(default=1, primary_key=True)
    secret_fingerprint: str = Field(max_length=64)
    files_mark: str = Field(max_length=64)


class OtherSecret(Refusal):
    """This process signs with another secret than the system it would join."""

    def __init__(self, here: str, system: str) -> None:
        super().__init__(
            f"Démarrage impossible : la clé secrète de ce processus (repère {here}) n’est pas celle du système (repère "
            f"{system}) ; donnez la même PROJET_PARTAGE_SECRET_KEY à tous ses processus, ou, si vous en changez à "
            "dessein, lancez « projet-partage database adopt »."
        )


class OtherFiles(Refusal):
    """The folder of the files is not the one that the system's other processes write to."""

    def __init__(self, folder: str) -> None:
        super().__init__(
            f"Démarrage impossible : « {folder} » n’est pas le dossier des fichiers de ce système ; montez-y le "
            "dossier partagé, ou, si vous l’avez remplacé à dessein, lancez « projet-partage database adopt »."
        )
