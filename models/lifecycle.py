"""The lifecycle as data: its stages, what each must produce, the commitments and the rhythm of reminders.

The ANCT tunes the files of ``lifecycles/``; a project keeps the version it started with.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from models.field_error import located_errors
from models.invalid_file import InvalidFile, Problem
from models.iso_date import IsoDate
from models.model_parts import Loc
from models.refusal import Refusal
from models.stage_definition import (
    STAGE_KEYS,
    Days,
    Definition,
    DeliverableDefinition,
    Key,
    StageDefinition,
    StageKey,
    Strand,
    Text,
    by_key,
    repeated_keys,
    taken,
)
from models.yaml_file import read_yaml

__all__ = [
    "STAGE_KEYS",
    "CommitmentDefinition",
    "DeliverableDefinition",
    "Due",
    "Lifecycle",
    "ReminderRules",
    "Roster",
    "StageDefinition",
    "StageKey",
    "Strand",
    "UnknownLifecycle",
    "lifecycle_or_none",
    "load_lifecycle",
    "longest_ladder",
    "trouble_of",
]

logger = logging.getLogger("lifecycles")
LIFECYCLES_DIR = Path(__file__).parent.parent / "lifecycles"


class UnknownLifecycle(Refusal):
    """No file for this lifecycle and version."""

    def __init__(self, key: str, version: int | None, available: Sequence[str]) -> None:
        wanted = key if version is None else f"{key}, version {version}"
        file = f" (fichier « lifecycles/{key}.v{version}.yaml »)" if version is not None else ""
        super().__init__(
            f"Le cycle de vie « {wanted} » n’existe pas{file} : remettez-le, ou choisissez parmi : "
            f"{', '.join(available) or 'aucun (ajoutez un fichier dans lifecycles/)'}."
        )


class Roster(Definition):
    """How many signatory parties a project may have."""

    min: Annotated[int, Field(ge=1)] = 3
    max: Annotated[int, Field(ge=1)] = 5

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.max < self.min:
            text = f"max est plus petit que min ({self.min}) ; corrigez l’un des deux"
            raise located_errors("roster", [(("max",), text)])
        return self


class ReminderRules(Definition):
    """The ladder: days before the due date, then the rhythm and the escalation once it has passed."""

    before_days: Annotated[tuple[Days, ...], Field(min_length=1)] = (30, 15, 7, 1, 0)
    overdue_every_days: Annotated[int, Field(ge=1, le=365)] = 7
    copy_after_days: Days = 7
    agenda_after_days: Days = 21
    quiet_hours: Annotated[int, Field(ge=0, le=720)] = 48

    @property
    def quiet(self) -> timedelta:
        """How long nothing comes after the first notice of a thing."""
        return timedelta(hours=self.quiet_hours)

    @model_validator(mode="after")
    def _decreasing(self) -> Self:
        if list(self.before_days) != sorted(set(self.before_days), reverse=True):
            text = "les jours vont du plus lointain au plus proche, sans répétition ; reclassez-les"
            raise located_errors("reminders", [(("before_days",), text)])
        return self


class Due(Definition):
    """When a commitment falls due: days after a stage closes, on a date, or at the end of each stage."""

    after: StageKey | None = None
    days: Days | None = None
    on: IsoDate | None = None
    each: Literal["stage"] | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        moments = [name for name in ("after", "on", "each") if getattr(self, name) is not None]
        if len(moments) != 1 or (self.days is not None) != (self.after is not None):
            text = "une seule échéance est attendue ; écrivez « after » et « days », ou « on », ou « each »"
            raise located_errors("due", [((), text)])
        return self


class CommitmentDefinition(Definition):
    """What the charter binds the agency, or each party, to do."""

    key: Key
    owner: Literal["agency", "each_party"]
    text: Text
    due: Due


class Lifecycle(Definition):
    """One version of a lifecycle; nothing in it changes while the program runs."""

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
    version: Annotated[int, Field(ge=1)]
    title: Text
    roster: Roster = Roster()
    reminders: ReminderRules = ReminderRules()
    stages: Annotated[tuple[StageDefinition, ...], Field(min_length=1)]
    commitments: tuple[CommitmentDefinition, ...] = ()

    def stage(self, key: str) -> StageDefinition:
        """The definition of a stage; raises ``KeyError``."""
        return by_key(self.stages, key)

    def position(self, key: str) -> int:
        """Rank of a stage, from 0; raises ``KeyError``."""
        return self.stages.index(self.stage(key))

    def stage_after(self, key: str) -> StageDefinition | None:
        """The stage that follows, None after the last."""
        rank = self.position(key) + 1
        return self.stages[rank] if rank < len(self.stages) else None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        problems = [
            *repeated_keys("stages", [one.key for one in self.stages]),
            *repeated_keys("commitments", [one.key for one in self.commitments]),
            *self._repeated_deliverables(),
            *self._dangling_dues(),
        ]
        if problems:
            raise located_errors("lifecycle", problems)
        return self

    def _repeated_deliverables(self) -> Iterator[tuple[Loc, str]]:
        seen: set[str] = set()
        for rank, stage in enumerate(self.stages):
            for place, one in enumerate(stage.deliverables):
                if one.key in seen:
                    yield ("stages", rank, "deliverables", place, "key"), taken(one.key)
                seen.add(one.key)

    def _dangling_dues(self) -> Iterator[tuple[Loc, str]]:
        present = [one.key for one in self.stages]
        choices = ", ".join(present)
        for rank, one in enumerate(self.commitments):
            if one.due.after is not None and one.due.after not in present:
                text = f"l’étape « {one.due.after} » n’est pas dans ce cycle ; choisissez parmi : {choices}"
                yield ("commitments", rank, "due", "after"), text


def load_lifecycle(key: str = "territoires-en-commun", version: int | None = None) -> Lifecycle:
    """A lifecycle of ``lifecycles/`` (read once per process); the newest version unless told.

    Raises ``UnknownLifecycle``, and ``InvalidFile`` when the file is wrong.
    """
    if version is not None and version not in _versions().get(key, ()):
        _versions.cache_clear()  # a file that was away may be back
    versions = _versions().get(key, ())
    wanted = max(versions, default=None) if version is None else version
    if wanted is None or wanted not in versions:
        available = [f"{name}, version {one}" for name, all_ in sorted(_versions().items()) for one in all_]
        raise UnknownLifecycle(key, version, available)
    return _load(key, wanted)


def trouble_of(key: str = "territoires-en-commun", version: int | None = None) -> str | None:
    """What is wrong with the file of a lifecycle, in a sentence; None when it can be read."""
    try:
        load_lifecycle(key, version)
    except (UnknownLifecycle, InvalidFile) as refusal:
        return str(refusal)
    return None


def lifecycle_or_none(key: str = "territoires-en-commun", version: int | None = None) -> Lifecycle | None:
    """The lifecycle, for what looks at many projects: None while its file is away or wrong, which is logged once."""
    if trouble := trouble_of(key, version):
        _warn_once(trouble)
        return None
    return load_lifecycle(key, version)


@cache
def _warn_once(trouble: str) -> None:
    logger.warning("les projets de ce cycle sont laissés de côté : %s", trouble)


def longest_ladder() -> timedelta:
    """How long before a due date the first reminder of any lifecycle that can be read comes."""
    readable = (lifecycle_or_none(key, one) for key, versions in _versions().items() for one in versions)
    return timedelta(days=max((each.reminders.before_days[0] for each in readable if each), default=0))


@cache
def _load(key: str, version: int) -> Lifecycle:
    path = LIFECYCLES_DIR / f"{key}.v{version}.yaml"
    lifecycle = _read(path, path.stat().st_mtime_ns if path.is_file() else None)
    if isinstance(lifecycle, InvalidFile):
        raise InvalidFile(lifecycle.problems)
    if (lifecycle.key, lifecycle.version) != (key, version):
        text = f"le nom du fichier annonce {key}, version {version} ; mettez key et version d’accord avec lui"
        raise InvalidFile([Problem(path.name, 1, "key", text)])
    return lifecycle


@cache
def _read(path: Path, _changed_at: int | None) -> Lifecycle | InvalidFile:
    """A wrong file is read again once it has changed, and no sooner: it is asked for while a transaction is open."""
    try:
        return read_yaml(path, Lifecycle)
    except InvalidFile as refusal:
        return refusal


@cache
def _versions() -> dict[str, tuple[int, ...]]:
    versions: dict[str, tuple[int, ...]] = {}
    for path in LIFECYCLES_DIR.glob("*.yaml"):
        if named := re.fullmatch(r"([a-z][a-z0-9-]*)\.v([1-9]\d{0,3})\.yaml", path.name):
            versions[named[1]] = tuple(sorted((*versions.get(named[1], ()), int(named[2]))))
    return versions
