"""YAML text as plain data that remembers where each value stood; less than YAML allows, on purpose.

No alias, anchor or tag, no key twice, no number that YAML 1.1 reads otherwise than people do (``01053`` is octal,
``12:30`` is sixty-based). Dates stay text: the model that reads them decides.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

import yaml

from models.field_sentences import shown
from models.model_parts import Loc
from models.refusal import typeset

_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})")
_DECIMAL = re.compile(r"-?(0|[1-9]\d{0,14})\.\d{1,6}")
_LEADING_ZERO = re.compile(r"0\d+")
_SEPARATORS = {ord(each): " " for each in "\x85\u2028\u2029"}
"""Ends of lines to YAML 1.1, and nothing to a text editor: the lines that are told are those people see."""
FORBIDDEN = re.compile("[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML does not take, wherever it stands."""
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
DEEPEST = 50
_TRUE = {"true", "yes", "on"}


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
    spans: list[tuple[int, int, bool]] = field(default_factory=list)
    """Where the scalars begin and end in the text, in its order, and whether they stand without quotes."""

    def is_inside(self, position: int, *, quoted_only: bool = False) -> bool:
        """Does this character belong to a scalar? Its quotes do not."""
        place = bisect_right(self.spans, position, key=itemgetter(0)) - 1
        if place < 0:
            return False
        _, end, is_plain = self.spans[place]
        return position < end and not (is_plain and quoted_only)

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

    What is refused stops the reading there: in time and memory, a text costs what its length does. The argument of a
    ``RecursionError`` is the line.
    """
    parser = _Parser(text.translate(_SEPARATORS))
    try:
        node = _document(parser)
    except yaml.MarkedYAMLError as error:
        if "maximum depth" in f"{error.context} {error.problem}" or "nesting" in f"{error.problem}":
            raise RecursionError(error.problem_mark.line + 1 if error.problem_mark else 1) from error
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
    end: Any = event.end_mark
    if depth > DEEPEST:
        raise RecursionError(mark.line + 1)
    if isinstance(event, yaml.AliasEvent):  # it may repeat a branch a billion times in a few lines
        raise yaml.composer.ComposerError(None, None, "alias", mark)
    assert isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent)  # noqa: S101 -- nothing else begins a node
    if event.anchor is not None:
        raise yaml.composer.ComposerError(None, None, "anchor", mark)
    tag = event.tag
    if tag not in (None, _TAG + "str"):
        raise yaml.composer.ComposerError(None, None, f"tag {_as_written(tag)}", mark)
    if isinstance(event, yaml.ScalarEvent):
        style = event.style or None
        value = event.value if style else event.value.strip()  # of spaces that are none to YAML, too
        if tag is None:
            tag = parser.resolve(yaml.ScalarNode, value, event.implicit)  # type: ignore[no-untyped-call]
        return yaml.ScalarNode(tag, value, mark, end, style=style)
    children: list[yaml.Node] = []
    while not isinstance(inner := parser.get_event(), yaml.CollectionEndEvent):  # type: ignore[no-untyped-call]
        children.append(_node(parser, inner, depth + 1))
    if isinstance(event, yaml.MappingStartEvent):
        pairs = list(zip(children[::2], children[1::2], strict=True))
        return yaml.MappingNode(_TAG + "map", pairs, mark)
    return yaml.SequenceNode(_TAG + "seq", children, mark)


def _as_written(tag: str) -> str:
    return f"!!{tag.removeprefix(_TAG)}" if tag.startswith(_TAG) else f"!{tag.removeprefix('!')}"


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
        tree.spans.append(_span(key))
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
    tree.spans.append(_span(node))
    value, problem = _read_scalar(node.tag, text, plain=node.style is None)
    if problem:
        tree.misreads.append(Misread(loc, node.start_mark.line + 1, problem))
    return value


def _span(node: yaml.ScalarNode) -> tuple[int, int, bool]:
    start, end = node.start_mark.index, node.end_mark.index
    is_quoted = node.style in {"'", '"'}
    return start + is_quoted, end - is_quoted, node.style is None


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
    return text, None


def _ambiguous(text: str) -> str:
    written = shown(text)
    return typeset(
        f"« {written} » sans guillemets n’est pas lu comme vous l’écrivez ; si c’est un code, "
        f'mettez le code entre guillemets : "{written}" ; '
        "si c’est un nombre, écrivez-le en chiffres seuls, sans zéro devant, dix-huit au plus"
    )
