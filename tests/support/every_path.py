"""The same act by page, through the API and by a command, and the sentence that each answers when it refuses.

An act is data: what it is about, and how each path is asked for it. A test of a rule lists acts and who may not do
them.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any, Protocol

import pytest
import yaml
from api import Api, problem
from cast import OWN, Cast, city_file, seed_file
from command_line import CommandLine
from database_contents import everything
from sample_files import pdf
from site_of_tests import Visitor, site_of

from models.lifecycle import load_lifecycle
from models.person import Actor, Person
from models.sign_off import Decision, SignOff
from models.stored_row import identity
from settings import settings

PATHS = ("page", "api", "command")
_NO_FACTS = ("web_session", "api_token", "periodic_round")
"""Tables that keep traces of who passed by (when a session or a token was last used)."""
_ALERT = re.compile(r'id="refus".*?<p class="as-written">(.*?)</p>', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Form:
    """What a page is sent: the path of the form, its fields, and its file (field, name, content) if it has one."""

    path: str
    fields: dict[str, str]
    file: tuple[str, str, bytes] | None = None


class Act(Protocol):
    """Something that somebody asks for; each method says how one path is asked."""

    def page(self, cast: Cast) -> Form:
        """The form."""
        ...

    def api(self, cast: Cast) -> tuple[str, dict[str, Any]]:
        """The path of the operation (« ./… » below the project's), and its body."""
        ...

    def command(self, cast: Cast, email: str) -> list[str]:
        """The words of the command, given by the person of this address."""
        ...


@dataclass(frozen=True, slots=True)
class GiveSignOff:
    """The decision of the city of ``code`` on the current version, unless ``read`` gives the hash of another one."""

    key: str
    code: str
    decision: Decision = Decision.approved
    reason: str = ""
    read: Callable[[Cast], str] | None = None

    def page(self, cast: Cast) -> Form:
        fields = {"partie": self.code, "empreinte": self._sha256(cast), "decision": self.decision.value}
        number = _deliverable(cast, self.key, self.code).id
        return Form(f"/projets/{cast.slug}/livrables/{number}", fields | {"motif": self.reason})

    def api(self, cast: Cast) -> tuple[str, dict[str, Any]]:
        body = {"party": self.code, "decision": self.decision.value, "sha256": self._sha256(cast)}
        return f"{_place(self.key)}/sign-offs", body | ({"reason": self.reason} if self.reason else {})

    def command(self, cast: Cast, email: str) -> list[str]:
        words = ["sign-off", "give", cast.slug, _stage_of(self.key), self.key, "--party", self.code]
        words += ["--as", email, "--decision", self.decision.value, "--sha256", self._sha256(cast)]
        return [*words, "--reason", self.reason] if self.reason else words

    def _sha256(self, cast: Cast) -> str:
        return self.read(cast) if self.read else _deliverable(cast, self.key, self.code).sha256


@dataclass(frozen=True, slots=True)
class WithdrawSignOff:
    """The decision that the city of ``code`` gave is taken back."""

    key: str
    code: str
    reason: str = "Vote à refaire"

    def page(self, cast: Cast) -> Form:
        number = _deliverable(cast, self.key, self.code).id
        party = cast.party(self.code).id
        (given,) = cast.all(SignOff, SignOff.deliverable_id == number, SignOff.party_id == party)
        return Form(f"/recus/{given.id}/retrait", {"motif": self.reason})  # type: ignore[attr-defined]

    def api(self, cast: Cast) -> tuple[str, dict[str, Any]]:
        return f"{_place(self.key)}/sign-offs/withdraw", {"party": self.code, "reason": self.reason}

    def command(self, cast: Cast, email: str) -> list[str]:
        words = ["sign-off", "withdraw", cast.slug, _stage_of(self.key), self.key, "--as", email]
        return [*words, "--party", self.code, "--reason", self.reason]


@dataclass(frozen=True, slots=True)
class SignCharter:
    """The ANCT signs the charter as it stands, unless ``read`` gives the hash of another content."""

    read: Callable[[Cast], str] | None = None

    def page(self, cast: Cast) -> Form:
        fields = {"lu": "oui", "sha256": self._sha256(cast)}
        return Form(f"/projets/{cast.slug}/etapes/charter/signature", fields)

    def api(self, cast: Cast) -> tuple[str, dict[str, Any]]:
        return "./charter/sign", {"sha256": self._sha256(cast)}

    def command(self, cast: Cast, email: str) -> list[str]:
        return ["charter", "sign", cast.slug, "--as", email, "--sha256", self._sha256(cast)]

    def _sha256(self, cast: Cast) -> str:
        return self.read(cast) if self.read else cast.deliverable("charte").sha256 or ""


@dataclass(frozen=True, slots=True)
class ImportProject:
    """An agent creates a project from a file: the real one's, whose mayor of ``code`` is somebody else (name, address).

    The file of the page and of the command is YAML, the body of the API the same in JSON.
    """

    code: str
    mayor: tuple[str, str]

    def page(self, cast: Cast) -> Form:
        return Form("/projets/nouveau/fichier", {}, ("fichier", "projet.yaml", self._yaml().encode()))

    def api(self, cast: Cast) -> tuple[str, dict[str, Any]]:
        return "/projects", self._file()

    def command(self, cast: Cast, email: str) -> list[str]:
        return ["project", "create", str(cast.write(self._yaml(), "projet.yaml"))]

    def _file(self) -> dict[str, Any]:
        file = seed_file().model_dump(mode="json", by_alias=True, exclude_none=True)
        name, email = self.mayor
        entry = city_file(self.code, self.code).model_dump(mode="json", by_alias=True, exclude_none=True)
        parties = {each["code"]: each for each in file["parties"]}
        changed = parties.get(self.code, entry) | {"signatory": {"name": name, "email": email}}
        file["parties"] = list((parties | {self.code: changed}).values())
        return file | {"title": "Un autre projet"}

    def _yaml(self) -> str:
        return yaml.safe_dump(self._file(), allow_unicode=True, sort_keys=False)


@dataclass(frozen=True, slots=True)
class ConfirmProposal:
    """The second key of the one proposal that waits."""

    def page(self, cast: Cast) -> Form:
        return Form(f"/confirmations/{_waiting(cast)}/confirmer", {})

    def api(self, cast: Cast) -> tuple[str, dict[str, Any]]:
        return f"/proposals/{_waiting(cast)}/confirm", {}

    def command(self, cast: Cast, email: str) -> list[str]:
        return ["authority", "confirm", str(_waiting(cast)), "--as", email]


@dataclass(frozen=True, slots=True)
class DropProposal:
    """The one proposal that waits is dropped."""

    def page(self, cast: Cast) -> Form:
        return Form(f"/confirmations/{_waiting(cast)}/ecarter", {"motif": ""})

    def api(self, cast: Cast) -> tuple[str, dict[str, Any]]:
        return f"/proposals/{_waiting(cast)}/drop", {}

    def command(self, cast: Cast, email: str) -> list[str]:
        return ["authority", "drop", str(_waiting(cast)), "--as", email]


@dataclass(frozen=True, slots=True)
class Delegate:
    """An order by which the city of ``code`` lets the person of this address, whom it knows, sign everything."""

    code: str
    email: str

    def page(self, cast: Cast) -> Form:
        first, last = self._days(cast)
        named = cast.name_of(self.email)
        fields = {"partie": self.code, "nom": named, "adresse": self.email, "delegataire": "elu"}
        fields |= {"arrete": "Arrêté 2026-9", "portee": "all", "du": first, "au": last}
        return Form(
            f"/projets/{cast.slug}/participants/delegation",
            fields,
            ("fichier", "arrete.pdf", pdf()),
        )

    def api(self, cast: Cast) -> tuple[str, dict[str, Any]]:
        first, last = self._days(cast)
        body = {"party": self.code, "delegate": self.email, "order": "Arrêté 2026-9", "scope": "all"}
        return "/delegations", body | {"from": first, "until": last, "elected": True}

    def command(self, cast: Cast, email: str) -> list[str]:
        first, last = self._days(cast)
        words = [
            "delegation",
            "add",
            "--party",
            self.code,
            "--delegate",
            self.email,
            "--as",
            email,
            "--elected",
        ]
        return [*words, "--order", "Arrêté 2026-9", "--scope", "all", "--from", first, "--until", last]

    def _days(self, cast: Cast) -> tuple[str, str]:
        return cast.today.isoformat(), (cast.today + timedelta(days=300)).isoformat()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a path answers: whether the act was done, and the sentence of its refusal, its spaces as they are typed."""

    done: bool
    sentence: str


class EveryPath:
    """One project, one person in front of each of its paths; what they need to come there is made before."""

    def __init__(self, cast: Cast, who: Actor, visitor: Visitor, api: Api, line: CommandLine) -> None:
        self.cast, self.who = cast, who
        self._visitor, self._api, self._line = visitor, api, line
        api.token(who)

    def ask(self, path: str, act: Act) -> Answer:
        """Ask for the act by one of ``PATHS``."""
        ask: dict[str, Callable[[Act], Answer]] = {
            "page": self._by_page,
            "api": self._by_api,
            "command": self._by_command,
        }
        return ask[path](act)

    def facts(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that the database holds, save who passed by."""
        return {name: rows for name, rows in everything(self.cast.db).items() if name not in _NO_FACTS}

    def _by_page(self, act: Act) -> Answer:
        form = act.page(self.cast)
        answer = self._visitor.send(form.path, form.fields, file=form.file)
        alert = _ALERT.search(answer.text)
        shown = alert[1] if alert else "" if answer.status_code == 303 else answer.text
        return Answer(answer.status_code == 303, typed(re.sub(r"<[^>]+>", " ", shown)))

    def _by_api(self, act: Act) -> Answer:
        path, body = act.api(self.cast)
        answer = self._api.post(self.who, path, json=body)
        return Answer(answer.is_success, "" if answer.is_success else typed(problem(answer)["detail"]))

    def _by_command(self, act: Act) -> Answer:
        result = self._line.run(*act.command(self.cast, self._email()))
        assert result.exit_code in (0, 1), result.stderr
        return Answer(result.exit_code == 0, typed(result.stderr))

    def _email(self) -> str:
        with self.cast.db.read() as session:
            return session.get_one(Person, self.who.person_id).email


@contextmanager
def every_path(cast: Cast, who: Actor, monkeypatch: pytest.MonkeyPatch) -> Iterator[EveryPath]:
    """The pages served, the API and the command line over this cast's database, for one person."""
    with site_of(cast) as site, site.client(who) as visitor:
        api = Api(cast)
        yield EveryPath(cast, who, visitor, api, CommandLine(cast.db, cast.folder, monkeypatch))
    settings.cache_clear()


def typed(text: str) -> str:
    """A sentence, its entities and its spaces as they are typed."""
    return " ".join(unescape(text).replace("\u00a0", " ").replace("\u202f", " ").split())


def _deliverable(cast: Cast, key: str, code: str) -> Any:
    return cast.deliverable(key, code if key in OWN else None)


def _place(key: str) -> str:
    return f"./stages/{_stage_of(key)}/deliverables/{key}"


def _waiting(cast: Cast) -> int:
    (proposal,) = cast.open_proposals()
    return identity(proposal)


def _stage_of(key: str) -> str:
    stages = load_lifecycle().stages
    return next(stage.key for stage in stages if any(each.key == key for each in stage.deliverables))
