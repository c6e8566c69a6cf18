"""What the command line is told of an act given on paper: complete, or refused in a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from actions.files.store_file import FileStore
from actions.signing.sign_on_paper import PaperAct
from models.act_kind import ActKind
from models.council_deliberation import CouncilDeliberation
from models.recorded_act import ActFileMissing, InvalidPaperAct
from models.yaml_file import read_yaml


@contextmanager
def paper_act(
    files: FileStore, *, act: Path | None, proof: Path | None, kind: ActKind | None, signed_on: date | None
) -> Iterator[PaperAct | None]:
    """The act, its proof received in ``files``; None when nothing tells of a paper.

    ``act`` is a ``CouncilDeliberation`` in YAML, and its session dates the act; without it the act is an
    elected person's signature unless ``kind`` says otherwise. Raises ``InvalidFile``, ``ActFileMissing``,
    ``InvalidPaperAct``, and what ``FileStore.receive_path`` raises. A proof that was not kept by the end
    of the block is removed.
    """
    deliberation = read_yaml(act, CouncilDeliberation) if act else None
    if proof is None:
        if deliberation is not None:
            raise ActFileMissing
        if kind is not None or signed_on is not None:
            raise InvalidPaperAct(
                "Un acte donné sur papier se prouve : joignez son original numérisé (« --proof FICHIER »), "
                "ou retirez « --act-kind » et « --signed-on »."
            )
        yield None
        return
    kind = kind or (ActKind.deliberation if deliberation else ActKind.elected_signature)
    acted_on = _date(deliberation, signed_on)
    with files.receive_path(proof) as received:
        yield PaperAct(kind, acted_on, received, deliberation)


def _date(deliberation: CouncilDeliberation | None, signed_on: date | None) -> date:
    session_date = deliberation.session_date if deliberation else None
    if session_date and signed_on and signed_on != session_date:
        raise InvalidPaperAct(
            f"La délibération est du {session_date:%d/%m/%Y}, et « --signed-on » dit le {signed_on:%d/%m/%Y} : "
            "retirez « --signed-on », ou corrigez la date de séance."
        )
    acted_on = session_date or signed_on
    if acted_on is None:
        raise InvalidPaperAct(
            "Un acte donné sur papier porte une date : donnez-la avec « --signed-on AAAA-MM-JJ »."
        )
    return acted_on
