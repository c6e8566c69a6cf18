"""A group whose commands are loaded one at a time: starting quickly, and failing in one sentence."""

import os
import sys
from importlib import import_module
from typing import Any, ClassVar, NoReturn

import typer
import typer.main
from typer.core import TyperCommand, TyperGroup

from commands.failures import describe
from commands.french import put_in_french, translate


class LazyGroup(TyperGroup):
    """``places`` gives, for each command, « module:attribute » (a function or a Typer) and its one-line help."""

    places: ClassVar[dict[str, tuple[str, str]]] = {}
    _only_names = False

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        # Names and help only: enough to list, to suggest and to complete, without importing anything.
        self.commands = {name: TyperCommand(name, help=text) for name, (_, text) in self.places.items()}

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command itself; only its name and help while names are being listed."""
        if self._only_names or cmd_name not in self.places:
            return self.commands.get(cmd_name)
        module, attribute = self.places[cmd_name][0].split(":")
        command = typer.main.get_command(_as_typer(getattr(import_module(module), attribute)))
        command.name = cmd_name
        return put_in_french(command)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help from the names alone."""
        self._only_names = True
        translate(self, ctx)
        super().format_help(ctx, formatter)

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        """Complete the names alone."""
        self._only_names = True
        return super().shell_complete(ctx, incomplete)

    def main(self, *args: Any, **options: Any) -> NoReturn:
        """Run and exit: 0, or what ``describe`` gives with its sentence on the error output."""
        try:
            sys.exit(super().main(*args, **options | {"standalone_mode": False}) or 0)
        except Exception as error:
            if "_PROJET_PARTAGE_COMPLETE" in os.environ:
                sys.exit(1)  # the shell completes nothing, and its line stays clean
            failure = describe(error)
            if failure is None:
                raise
            if failure.text:
                print(failure.text, file=sys.stderr)
            sys.exit(failure.exit_code)


def group(purpose: str) -> typer.Typer:
    """The commands of one noun; a group even when there is only one of them."""
    app = typer.Typer(help=purpose, no_args_is_help=True, add_completion=False)
    app.callback()(lambda: None)
    return app


def _as_typer(command: Any) -> typer.Typer:
    if isinstance(command, typer.Typer):
        return command
    alone = typer.Typer(add_completion=False)
    alone.command()(command)
    return alone
