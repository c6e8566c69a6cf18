"""Write ``docs/commands.md`` from the command line itself (``make docs``)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from cli import COMMANDS, app

PAGE = Path(__file__).parent.parent / "docs" / "commands.md"
INTRODUCTION = """\
# Les commandes

<!-- Page écrite par `make docs` à partir de la ligne de commande : ne la corrigez pas à la main. -->

Chaque commande se lance par `.venv/bin/projet-partage COMMANDE`, et répond à `--help`. Elle finit par 0 quand
c’est fait, par 1 sur un refus (une phrase qui dit quoi faire), par 2 quand elle est mal écrite. Avec `--json`,
là où cette option existe, elle donne ses données en JSON. `projet-partage --install-completion` installe la
complétion, qui propose aussi les projets, les étapes, les parties et les personnes.
"""


def leaves() -> Iterator[tuple[str, Any]]:
    """Every command that does something, with its full name (« sign-off give »), in the order of the help."""
    root: Any = typer.main.get_command(app)
    context = root.make_context("projet-partage", [], resilient_parsing=True)
    for name in COMMANDS:
        yield from _below(name, root.get_command(context, name))


def _below(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield name, command
        return
    for child, found in below.items():
        yield from _below(f"{name} {child}", found)


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *(_section(name, command) for name, command in leaves())])


def _section(name: str, command: Any) -> str:
    shown = [each for each in command.params if each.name != "help" and not getattr(each, "hidden", False)]
    shown.sort(key=lambda each: (each.param_type_name != "argument", not each.required))
    usage = " ".join([f"projet-partage {name}", *map(_usage, shown)])
    lines = [f"## `{name}`", "", _text(command.help or ""), "", "```", usage, "```", ""]
    options = [each for each in shown if "--json" not in each.opts]  # said once for all in the introduction
    if options:
        lines += ["| | |", "| --- | --- |", *map(_row, options), ""]
    return "\n".join(lines)


def _name(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return str(parameter.metavar or parameter.name.upper())
    return "/".join(sorted((*parameter.opts, *parameter.secondary_opts), key=len, reverse=True))


def _usage(parameter: Any) -> str:
    words = [_name(parameter)]
    if parameter.param_type_name == "option" and not parameter.is_flag:
        words.append(_value(parameter))
    text = " ".join(words) + ("…" if parameter.multiple or parameter.nargs == -1 else "")
    return text if parameter.required else f"[{text}]"


def _value(parameter: Any) -> str:
    choices = parameter.type_descriptor.choices
    if choices:
        return "|".join(str(getattr(each, "value", each)) for each in choices)
    return str(parameter.metavar or parameter.name.upper())


def _row(parameter: Any) -> str:
    cells = f"`{_name(parameter)}`", _text(getattr(parameter, "help", "") or "")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _text(text: str) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
