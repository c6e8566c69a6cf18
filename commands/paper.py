"""An act on paper from the options of a command: complete, or refused in a sentence."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from actions.files.store_file import FileStore
from actions.signing.paper_act import PaperAct
from models.act_kind import ActKind
from models.council_deliberation import CouncilDeliberation
from models.recorded_act import ActFileMissing, InvalidPaperAct, act_kind_and_day
from models.yaml_file import read_yaml


@contextmanager
def paper_act(
    files: FileStore,
    *,
    act: Path | None,
    proof: Path | None,
    kind: ActKind | None,
    signed_on: date | None,
    early: str | None = None,
) -> Iterator[PaperAct | None]:
    """The act, its proof received in ``files``; None when no option is about a paper.

    ``act`` is a ``CouncilDeliberation`` in YAML. Raises ``InvalidFile``, ``ActFileMissing``, ``InvalidPaperAct``, and
    what ``FileStore.receive_path`` raises. A proof that was not kept by the end of the block is removed.
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
    kind, acted_on = act_kind_and_day(
        kind, signed_on, deliberation, field="--signed-on", how="avec « --signed-on AAAA-MM-JJ »"
    )
    with files.receive_path(proof) as received:
        yield PaperAct(kind, acted_on, received, deliberation, early)
