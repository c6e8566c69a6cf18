"""What a lifecycle file says of one stage: its deliverables, its strands, its length."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Literal, Self, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.act_kind import ActKind
from models.field_error import located_errors
from models.model_parts import Loc
from models.person import Role

StageKey = Literal[
    "constitution",
    "charter",
    "terms_of_reference",
    "territorial_diagnosis",
    "consultation",
    "action_plan",
    "lessons_learned",
]
STAGE_KEYS: tuple[StageKey, ...] = get_args(StageKey)
"""The stages that have a flow; a lifecycle can use no other."""

SubmitterRole = Literal["agency_agent", "local_contact", "contractor"]

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Days = Annotated[int, Field(ge=0, le=3650)]


class Definition(BaseModel):
    """What every part of a lifecycle file has in common: frozen, and nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Strand(Definition):
    """One of the parallel threads of a consultation."""

    key: Key
    title: Text


class DeliverableDefinition(Definition):
    """A document that a stage expects, from everybody together or from each party."""

    key: Key
    title: Text
    scope: Literal["shared", "per_party"]
    submitted_by: Annotated[tuple[SubmitterRole, ...], Field(min_length=1)]
    act: ActKind = ActKind.technical_validation
    signed: bool = True
    format: Literal["file", "action_plan"] = "file"

    def in_charge(self, has_somebody: Callable[[Role], bool]) -> Role | None:
        """Whose turn it is to submit it: the first of its submitters that has somebody; None while none has."""
        return next((role for one in self.submitted_by if has_somebody(role := Role(one))), None)

    @model_validator(mode="after")
    def _says_which_act(self) -> Self:
        if self.signed and "act" not in self.model_fields_set:
            allowed = ", ".join(ActKind)
            text = f"un livrable à valider dit l’acte attendu ; ajoutez « act », parmi : {allowed}"
            raise located_errors("deliverable", [(("act",), text)])
        return self


class StageDefinition(Definition):
    """A stage: what it is for, how long it lasts by default, what must be signed off to pass its gate."""

    key: StageKey
    title: Text
    purpose: Text
    duration_days: Annotated[int, Field(gt=0, le=3650)]
    deliverables: tuple[DeliverableDefinition, ...]
    strands: tuple[Strand, ...] = ()

    @property
    def signed_deliverables(self) -> tuple[DeliverableDefinition, ...]:
        """Those the gate waits for."""
        return tuple(one for one in self.deliverables if one.signed)

    def deliverable(self, key: str) -> DeliverableDefinition:
        """The definition of a deliverable of this stage; raises ``KeyError``."""
        return by_key(self.deliverables, key)

    @model_validator(mode="after")
    def _gate_can_hold(self) -> Self:
        problems: list[tuple[Loc, str]] = []
        if not self.signed_deliverables:
            text = "aucun livrable à valider, l’étape ne se clorait jamais ; ajoutez-en un"
            problems.append((("deliverables",), text))
        if self.strands and self.key != "consultation":
            text = "seule l’étape « consultation » a des volets ; retirez-les"
            problems.append((("strands",), text))
        problems += repeated_keys("strands", [one.key for one in self.strands])
        if problems:
            raise located_errors("stage", problems)
        return self


D = TypeVar("D", DeliverableDefinition, StageDefinition)


def repeated_keys(field: str, keys: Sequence[str]) -> Iterator[tuple[Loc, str]]:
    """The problem of each key used more than once in the list ``field``, told at its last place."""
    for key, times in Counter(keys).items():
        if times > 1:
            last = len(keys) - 1 - list(reversed(keys)).index(key)
            yield (field, last, "key"), taken(key)


def taken(key: str) -> str:
    """What is said of a key that something else already has."""
    return f"la clé « {key} » est déjà prise ; donnez-en une autre"


def by_key(definitions: Sequence[D], key: str) -> D:
    """The definition that has this key; raises ``KeyError``."""
    for one in definitions:
        if one.key == key:
            return one
    raise KeyError(key)
