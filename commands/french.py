"""What the command-line library says by itself, in French: headings of the help, wrong usage."""

import re
from collections.abc import Callable
from functools import partial
from typing import Any

_HEADINGS = {
    "DEFAULT_STRING": "[par défaut : {}]",
    "REQUIRED_LONG_STRING": "[obligatoire]",
    "ARGUMENTS_PANEL_TITLE": "Arguments",
    "OPTIONS_PANEL_TITLE": "Options",
    "COMMANDS_PANEL_TITLE": "Commandes",
}
_OPTIONS = {
    "help": "Affiche cette aide.",
    "install_completion": "Installe la complétion pour ce terminal.",
    "show_completion": "Affiche la complétion de ce terminal, pour la copier.",
}
_USAGE = (
    (r"No such command '(.*?)'\.(?: Did you mean (.*)\?)?", r"la commande « \1 » n’existe pas"),
    (r"No such option: (\S+).*", r"l’option « \1 » n’existe pas"),
    (r"Missing command\.", "une commande est attendue"),
    (r"Missing option '(.*?)'.*", r"l’option « \1 » est obligatoire"),
    (r"Missing argument '(.*?)'.*", r"il manque « \1 »"),
    (r"Option '?(.*?)'? requires an argument\.", r"l’option « \1 » attend une valeur"),
    (r"Option '?(.*?)'? does not take a value\.", r"l’option « \1 » n’attend pas de valeur"),
    (r"Got unexpected extra argument\S* \((.*)\)", r"« \1 » est de trop"),
    (r"Invalid value for '?(.*?)'?: (.*)", r"« \1 » : \2"),
)


def put_in_french(command: Any) -> Any:
    """The same command, whose help (and that of its sub-commands) will be in French when it is asked for."""
    for each in _with_those_below(command):
        each.format_help = partial(_format_help, each, each.format_help)
    return command


def _format_help(command: Any, show: Callable[[Any, Any], None], ctx: Any, formatter: Any) -> None:
    # Imported here: commands that do their work have no use for either.
    from models.refusal import typeset

    translate(command, ctx)
    for each in _with_those_below(command):
        each.help = typeset(each.help or "")
        for parameter in each.params:
            parameter.help = typeset(parameter.help or "")
    show(ctx, formatter)


def translate(command: Any, ctx: Any) -> None:
    """Put in French the headings and the options that every help has."""
    import typer.rich_utils

    for name, text in _HEADINGS.items():
        setattr(typer.rich_utils, name, text)
    if hasattr(command, "subcommand_metavar"):
        command.subcommand_metavar = "COMMANDE [ARGUMENTS]..."
    for option in (*command.params, command.get_help_option(ctx)):
        if option is not None and option.name in _OPTIONS:
            option.help = _OPTIONS[option.name]


def _with_those_below(command: Any) -> list[Any]:
    below = [each for child in getattr(command, "commands", {}).values() for each in _with_those_below(child)]
    return [command, *below]


def wrong_usage(error: Any) -> str:
    """Translate an error of the library into one French sentence that says where to find help."""
    message, path = error.format_message().strip(), error.ctx.command_path if error.ctx else "projet-partage"
    matches = ((re.fullmatch(pattern, message, re.DOTALL), french) for pattern, french in _USAGE)
    told = next((match.expand(french) for match, french in matches if match), "elle ne se lit pas")
    if isinstance(error.__cause__, ValueError):
        told = f"{told.partition(' : ')[0]} : {_wrong_value(error)}"
    return f"Commande mal écrite : {told.rstrip('.')} ; « {path} --help » dit comment l’écrire."


def _wrong_value(error: Any) -> str:
    """What Pydantic finds wrong with an argument or an option, told as of a field of a file."""
    from models.field_error import in_french
    from models.model_parts import labels_in

    details = error.__cause__.errors(include_url=False)[0]
    if labels := labels_in(error.param.type_descriptor.annotation):
        details |= {"type": "enum", "ctx": {"expected": ""}}
    return in_french(details, labels=labels)
