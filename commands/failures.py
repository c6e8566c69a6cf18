"""How a failure is told at the command line: one French sentence and an exit code, never a traceback."""

import os
from dataclasses import dataclass
from typing import Any

REFUSED, WRONG_USAGE, UNEXPECTED, INTERRUPTED = 1, 2, 70, 130


@dataclass(frozen=True, slots=True)
class Failure:
    """What goes to the error output (nothing when empty), and the exit code."""

    text: str
    exit_code: int


def describe(error: Exception) -> Failure | None:
    """What to tell of ``error``; None when it must be raised (``PROJET_PARTAGE_DEBUG`` is set).

    Found by walking names so that a quick command does not import what it does not use.
    """
    for kind in type(error).__mro__:
        name = f"{kind.__module__}.{kind.__qualname__}"
        if name in _SENTENCES:
            return Failure(_typeset(_SENTENCES[name]), REFUSED)
        if name in _TELLERS:
            return _TELLERS[name](error)
    if outage := _outage(error):
        return outage
    if os.environ.get("PROJET_PARTAGE_DEBUG"):
        return None
    text = (
        f"Erreur inattendue ({type(error).__name__}) : rien de plus n’a été enregistré. Relancez avec "
        "PROJET_PARTAGE_DEBUG=1 pour en voir le détail, et joignez-le à votre signalement."
    )
    return Failure(_typeset(text), UNEXPECTED)


def _refused(error: Any) -> Failure:
    return Failure(str(error), REFUSED)


def _wrong_usage(error: Any) -> Failure:
    from commands.french import wrong_usage

    return Failure(_typeset(wrong_usage(error)), WRONG_USAGE)


def _help_shown(_error: Any) -> Failure:
    return Failure("", WRONG_USAGE)


def _aborted(_error: Any) -> Failure:
    return Failure("Interrompu.", INTERRUPTED)


def _bad_login(error: Any) -> Failure:
    return Failure(_typeset(str(error)), REFUSED)


def _prefect_refused(error: Any) -> Failure:
    return Failure(_typeset(f"{error}."), REFUSED)


def _outage(error: Exception) -> Failure | None:
    from database.outage import OF_DATABASE, Reader, outage_of

    outage = outage_of(error)
    if outage is None:
        return None
    text = outage.sentence(Reader.command)
    if outage.kind in OF_DATABASE:
        text += _typeset(f" Base : « {_database()} ».")
    return Failure(text, REFUSED)


def _wrong_setting(error: Any) -> Failure:
    if error.title != "Settings":
        return Failure(
            _typeset(
                "Une donnée enregistrée n’a pas la forme attendue : c’est un défaut du logiciel, signalez-le."
            ),
            UNEXPECTED,
        )
    text = "\n".join(_of_setting(each) for each in error.errors(include_url=False))
    return Failure(_typeset(text), REFUSED)


def _of_setting(details: Any) -> str:
    from models.field_error import in_french
    from settings import SHAPES, Settings

    pattern = details.get("ctx", {}).get("pattern", "")
    fault = SHAPES.get(pattern) or in_french(details, Settings, raw="…")  # the value may be secret
    name = f"PROJET_PARTAGE_{details['loc'][0]}".upper()
    return f"Réglage incorrect, {name} : {fault} (voyez « .env.example »)."


def _database() -> str:
    from sqlalchemy import make_url

    from settings import settings

    return make_url(settings().domain_url).render_as_string(hide_password=True)


def _typeset(text: str) -> str:
    from models.refusal import typeset

    return typeset(text)


_TOO_LARGE = (
    "Une des valeurs données est trop longue ou trop grande pour la base : rien n’a été enregistré ; "
    "raccourcissez-la."
)
_NOT_UNICODE = (
    "Un des mots donnés n’est pas en UTF-8 : rien n’a été enregistré ; réglez votre terminal, puis "
    "retapez ce mot."
)
_SENTENCES = {
    "builtins.UnicodeEncodeError": _NOT_UNICODE,
    "actions.prefect.client.PrefectUnreachable": "Prefect ne répond pas : rien n’est perdu, mais rien n’avance ; "
    "démarrez le système avec « projet-partage up », puis recommencez.",
    "sqlalchemy.exc.DataError": _TOO_LARGE,
    "psycopg.DataError": _TOO_LARGE,
    "sqlalchemy.exc.ArgumentError": "PROJET_PARTAGE_DATABASE_URL n’est pas une adresse de base de données : "
    "écrivez par exemple « postgresql+psycopg://utilisateur@hôte/base », ou rien pour un fichier SQLite.",
}
_TELLERS = {
    "models.refusal.Refusal": _refused,
    "actions.prefect.client.PrefectRefused": _prefect_refused,
    "pydantic_core._pydantic_core.ValidationError": _wrong_setting,
    "settings.BadPrefectLogin": _bad_login,
    "actions.prefect.client.LoginRefused": _prefect_refused,
    "typer._click.exceptions.NoArgsIsHelpError": _help_shown,
    "typer._click.exceptions.UsageError": _wrong_usage,
    "click.exceptions.NoArgsIsHelpError": _help_shown,
    "click.exceptions.UsageError": _wrong_usage,
    "typer.exceptions.Abort": _aborted,
    "click.exceptions.Abort": _aborted,
}
"""How each kind of failure is told; typer has had click inside it (``typer._click``) and beside it."""
