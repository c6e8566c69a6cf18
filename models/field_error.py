"""What Pydantic finds wrong, in French: where it is, and what to write instead."""

from collections.abc import Iterable, Mapping

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from models.field_sentences import did_you_mean, sentence_for, shown
from models.model_parts import Loc, keys_at, labels_at
from models.refusal import typeset


def located_errors(title: str, problems: Iterable[tuple[Loc, str]]) -> ValidationError:
    """The error a model validator raises when it knows which fields, below its own, are at fault.

    Each location is relative to the validated model; pydantic adds what is above it.
    """
    return ValidationError.from_exception_data(
        title,
        [
            InitErrorDetails(type=PydanticCustomError("rule", "{text}", {"text": text}), loc=loc, input=None)
            for loc, text in problems
        ],
    )


def in_french(
    error: ErrorDetails,
    model: type[BaseModel] | None = None,
    raw: str | None = None,
    labels: Mapping[str, str] | None = None,
) -> str:
    """One sentence without its final full stop: what is wrong and what to write instead.

    ``model`` is what was read: its keys are listed, and its choices unless ``labels`` has them. ``raw`` is the value as
    it stands in the file (``01053`` and not the number a reader made of it).
    """
    if error["type"] == "extra_forbidden" and model is not None:
        return typeset(_unknown_key(error["loc"], model))
    if labels is None:
        labels = labels_at(model, error["loc"]) if model is not None else {}
    return typeset(sentence_for(error, raw, labels))


def field_name(loc: Loc) -> str:
    """A location as people say it, who count from one: ``stages n° 2, act``; empty for the whole file."""
    name = ""
    for step in loc:
        if isinstance(step, int):
            name += f"{' ' if name else ''}n° {step + 1}"
        else:
            name += f"{', ' if name else ''}{shown(step)}"
    return name


def _unknown_key(loc: Loc, model: type[BaseModel]) -> str:
    allowed = sorted(keys_at(model, loc[:-1]))
    near = did_you_mean(str(loc[-1]), dict.fromkeys(allowed, ""))
    if not allowed:
        return "clé inconnue ; retirez-la"
    return f"clé inconnue ; retirez-la, ou écrivez l’une de celles-ci : {', '.join(allowed)}{near}"
