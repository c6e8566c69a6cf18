"""YAML text as plain data that remembers where each value stood; less than YAML allows, on purpose.

No alias, no tag, no key twice, no number that YAML 1.1 reads otherwise than people do (``01053`` is octal,
``12:30`` is sixty-based). Dates stay text: the model that reads them decides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

Loc = tuple[str | int, ...]

_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,14})\.\d{1,6}")
_LEADING_ZERO = re.compile(r"0\d+")
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
DEEPEST = 50
_TRUE = {"true", "yes", "on"}
_TEXT_TAGS = {_TAG + "str", _TAG + "timestamp", _TAG + "value", _TAG + "merge"}


class Misread(NamedTuple):
    """A place of the text that must not be read as it stands."""

    loc: Loc
    line: int
    text: str


@dataclass
class YamlTree:
    """Plain ``data`` (dict, list and scalars) and, by location, its ``lines`` (from 1) and ``raw`` text."""

    data: Any = None
    lines: dict[Loc, int] = field(default_factory=dict)
    raw: dict[Loc, str] = field(default_factory=dict)
    misreads: list[Misread] = field(default_factory=list)

    def line_of(self, loc: Loc) -> int:
        """Line of a location, or of the nearest thing around it (a missing key has no line of its own)."""
        nearest = self._nearest(loc)
        return self.lines.get(nearest, 1)

    def raw_of(self, loc: Loc) -> str | None:
        """The scalar as it is written in the file, without its quotes; None for a list or a mapping."""
        return self.raw.get(self._nearest(loc))

    def _nearest(self, loc: Loc) -> Loc:
        """``loc`` without the steps that are not in the file (pydantic adds the member of a union)."""
        nearest: Loc = ()
        for step in loc:
            if (*nearest, step) in self.lines:
                nearest = (*nearest, step)
        return nearest


# libyaml reads in linear time, twenty times faster than PyYAML's own parser; its events come one by one.
_Parser: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(text: str) -> YamlTree:
    """Read one YAML document; raises ``yaml.YAMLError``, and ``RecursionError`` if nested deeper than ``DEEPEST``.

    What is refused stops the reading there: in time and memory, a text costs what its length does.
    """
    parser = _Parser(text)
    try:
        node = _document(parser)
    except yaml.MarkedYAMLError as error:
        if "maximum depth" in f"{error.context} {error.problem}" or "nesting" in f"{error.problem}":
            raise RecursionError from error
        raise
    finally:
        parser.dispose()
    tree = YamlTree()
    if node is not None:
        tree.data = _value(tree, node, ())
    return tree


def _document(parser: yaml.SafeLoader) -> yaml.Node | None:
    parser.get_event()  # type: ignore[no-untyped-call]  # the beginning of the stream
    if parser.check_event(yaml.StreamEndEvent):
        return None
    parser.get_event()  # type: ignore[no-untyped-call]  # the beginning of the document
    node = _node(parser, parser.get_event(), 1)  # type: ignore[no-untyped-call]
    parser.get_event()  # type: ignore[no-untyped-call]  # its end
    if not parser.check_event(yaml.StreamEndEvent):
        mark = parser.get_event().start_mark  # type: ignore[no-untyped-call]
        raise yaml.composer.ComposerError(None, None, "but found another document", mark)
    return node


def _node(parser: yaml.SafeLoader, event: yaml.Event, depth: int) -> yaml.Node:
    mark: Any = event.start_mark
    if depth > DEEPEST:
        raise RecursionError
    if isinstance(event, yaml.AliasEvent):  # it may repeat a branch a billion times in a few lines
        raise yaml.composer.ComposerError(None, None, "alias", mark)
    if isinstance(event, yaml.ScalarEvent):
        tag = event.tag
        if tag is None or tag == "!":
            tag = parser.resolve(yaml.ScalarNode, event.value, event.implicit)  # type: ignore[no-untyped-call]
        return yaml.ScalarNode(tag, event.value, mark, style=event.style or None)
    assert isinstance(event, yaml.CollectionStartEvent)  # noqa: S101 -- nothing else begins a node
    children: list[yaml.Node] = []
    while not isinstance(inner := parser.get_event(), yaml.CollectionEndEvent):  # type: ignore[no-untyped-call]
        children.append(_node(parser, inner, depth + 1))
    if isinstance(event, yaml.MappingStartEvent):
        pairs = list(zip(children[::2], children[1::2], strict=True))
        return yaml.MappingNode(event.tag or _TAG + "map", pairs, mark)
    return yaml.SequenceNode(event.tag or _TAG + "seq", children, mark)


def _value(tree: YamlTree, node: yaml.Node, loc: Loc) -> Any:
    tree.lines.setdefault(loc, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        return dict(_items(tree, node, loc))
    if isinstance(node, yaml.SequenceNode):
        return [_value(tree, item, (*loc, rank)) for rank, item in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)  # noqa: S101 -- YAML has three kinds of nodes
    return _scalar(tree, node, loc)


def _items(tree: YamlTree, node: yaml.MappingNode, loc: Loc) -> Iterator[tuple[str, Any]]:
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            tree.misreads.append(Misread(loc, line, "une clé doit être un mot simple ; récrivez-la"))
            continue
        # The text of the key and not its value: YAML 1.1 reads the key « on » as true.
        place = (*loc, key.value)
        if place in tree.lines:
            first = tree.lines[place]
            text = f"clé écrite deux fois (déjà ligne {first}) ; n’en gardez qu’une"
            tree.misreads.append(Misread(place, line, text))
            continue
        tree.lines[place] = line
        yield key.value, _value(tree, value, place)


def _scalar(tree: YamlTree, node: yaml.ScalarNode, loc: Loc) -> Any:
    text: str = node.value
    tree.raw[loc] = text
    value, problem = _read_scalar(node.tag, text, plain=node.style is None)
    if problem:
        tree.misreads.append(Misread(loc, node.start_mark.line + 1, problem))
    return value


def _read_scalar(tag: str, text: str, *, plain: bool) -> tuple[Any, str | None]:
    if UNPRINTABLE.search(text):
        return "", "caractère invisible ou incomplet ; effacez-le et retapez le texte"
    if tag == _TAG + "null":
        return None, None
    if tag == _TAG + "bool":
        return text.lower() in _TRUE, None
    if tag == _TAG + "int" and _INTEGER.fullmatch(text):
        return int(text), None
    if tag == _TAG + "float" and _DECIMAL.fullmatch(text):
        return float(text), None
    if tag in {_TAG + "int", _TAG + "float"} or (plain and _LEADING_ZERO.fullmatch(text)):
        return text, _ambiguous(text)
    if tag not in _TEXT_TAGS:
        return text, f"étiquette YAML « {tag} » non permise ; retirez-la"
    return text, None


def _ambiguous(text: str) -> str:
    return (
        f"« {text} » sans guillemets est un nombre que YAML lit autrement que vous"
        f' ; si c’est un code, mettez le code entre guillemets : "{text}" ; '
        "si c’est un nombre, écrivez-le en chiffres seuls, sans zéro devant"
    )
