"""The form of a new project, read into what a project file holds; each field that is wrong says so by itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic import ValidationError

from models.columns import DUE, LONGEST_LINE
from models.field_error import in_french
from models.local_authority import LocalAuthority, UnknownAuthority
from models.party import PartyRole
from models.person import LONGEST_EMAIL, LONGEST_QUALITY
from models.person_name import OtherName
from models.project_file import PartyEntry, Period, PersonEntry, ProjectFile
from models.refusal import Refusal
from models.shared_project import LONGEST_THEME
from web.pages.authority_field import WhichAuthority, meant
from web.pages.form_fields import Fields, WrongField, day, needed, words
from web.pages.shared_mailbox import is_shared

T = TypeVar("T")

FEWEST_SIGNATORIES, MOST_SIGNATORIES, MOST_OBSERVERS = 3, 5, 3
SIGNATORIES = tuple(f"s{number}" for number in range(1, MOST_SIGNATORIES + 1))
OBSERVERS = tuple(f"o{number}" for number in range(1, MOST_OBSERVERS + 1))


class WrongForm(Refusal):
    """Some fields have faults: the page says which, and why."""

    def __init__(self, count: int) -> None:
        super().__init__(
            "Un champ est à corriger, il est indiqué ci-dessous."
            if count == 1
            else f"{count} champs sont à corriger, ils sont indiqués ci-dessous."
        )


@dataclass(slots=True)
class ProjectForm:
    """What was read of a form: the ``file`` when nothing is wrong, else ``errors`` by field, and the ``candidates``
    for a name that several authorities have. ``recognised`` are the authorities, by field."""

    fields: Fields
    agent: PersonEntry
    errors: dict[str, str] = field(default_factory=dict)
    candidates: dict[str, Sequence[LocalAuthority]] = field(default_factory=dict)
    recognised: dict[str, LocalAuthority] = field(default_factory=dict)
    file: ProjectFile | None = None

    def read(self) -> "ProjectForm":
        """Read every field, whatever is wrong with the others."""
        title = self._take("titre", lambda: needed(self.fields, "titre", "Titre"))
        theme = self._take("theme", lambda: needed(self.fields, "theme", "Thème", LONGEST_THEME))
        period = self._period()
        parties = [self._signatory(row) for row in SIGNATORIES if self._is_wanted(row)]
        parties += [self._observer(row) for row in OBSERVERS if not self._is_blank(row)]
        self._check_once()
        if title and theme and period and not self.errors:
            entries = [each for each in parties if each]
            self.file = ProjectFile(
                title=title, theme=theme, period=period, agency_agent=self.agent, parties=entries
            )
        return self

    def blame(self, refusal: OtherName) -> None:
        """Tell at their address whom the register knows under another name."""
        for name, text in self.fields.items():
            of_name = self.fields.get(f"{name.removesuffix('-adresse')}-nom", "")
            if text.strip().lower() == refusal.email and of_name.strip() == refusal.name:
                self.errors[name] = str(refusal)

    def _take(self, name: str, read: Callable[[], T]) -> T | None:
        """What ``read`` gives, or None and the field's error."""
        try:
            return read()
        except (WrongField, UnknownAuthority) as refusal:
            self.errors[name] = str(refusal)
        except WhichAuthority as refusal:
            self.errors[name], self.candidates[name] = str(refusal), refusal.candidates
        except ValidationError as error:
            self.errors[name] = f"{in_french(error.errors()[0], ProjectFile)}."
        return None

    def _period(self) -> Period | None:
        begins = self._take("debut", lambda: day(self.fields, "debut", "Premier jour", DUE))
        ends = self._take("fin", lambda: day(self.fields, "fin", "Dernier jour", DUE))
        if begins and ends and ends <= begins:
            self.errors["fin"] = "Dernier jour : il vient après le premier ; corrigez l’un des deux."
            return None
        return Period(from_=begins, until=ends) if begins and ends else None

    def _signatory(self, row: str) -> PartyEntry | None:
        whose = f"Signataire {row[1:]}"
        city = self._authority(row, whose)
        contact = self._person(f"{row}-contact", f"{whose}, interlocuteur")
        signs = self._person(f"{row}-signataire", f"{whose}, qui signe")
        if not (city and contact and signs):
            return None
        project = self._take(
            f"{row}-projet", lambda: words(self.fields, f"{row}-projet", "Projet local", LONGEST_LINE)
        )
        return PartyEntry(
            code=city.code,
            role=PartyRole.signatory,
            local_project=project or None,
            local_contact=contact,
            signatory=signs,
        )

    def _observer(self, row: str) -> PartyEntry | None:
        whose = f"Observatrice {row[1:]}"
        city = self._authority(row, whose)
        named = any(self.fields.get(f"{row}-contact-{part}", "").strip() for part in ("nom", "adresse"))
        contact = self._person(f"{row}-contact", f"{whose}, contact") if named else None
        return PartyEntry(code=city.code, role=PartyRole.observer, local_contact=contact) if city else None

    def _authority(self, row: str, whose: str) -> LocalAuthority | None:
        name = f"{row}-code"
        chosen = self.fields.get(f"{name}-choix", "")
        city = self._take(name, lambda: meant(needed(self.fields, name, f"{whose}, collectivité"), chosen))
        if city:
            self.recognised[name] = city
        return city

    def _person(self, name: str, whose: str) -> PersonEntry | None:
        named = self._take(f"{name}-nom", lambda: needed(self.fields, f"{name}-nom", f"{whose}, nom"))
        address = f"{name}-adresse"
        email = self._take(
            address, lambda: needed(self.fields, address, f"{whose}, adresse électronique", LONGEST_EMAIL)
        )
        quality = self._take(
            f"{name}-qualite", lambda: words(self.fields, f"{name}-qualite", "Qualité", LONGEST_QUALITY)
        )
        if not (named and email):
            return None
        shared = is_shared(self.fields, email)
        return self._take(
            address,
            lambda: PersonEntry(name=named, email=email, quality=quality or None, shares_mailbox=shared),
        )

    def _check_once(self) -> None:
        """Each city stands once in a project."""
        seen: set[str] = set()
        for name, city in self.recognised.items():
            if city.code in seen:
                self.errors[name] = (
                    f"{city.name} figure déjà plus haut : chaque collectivité figure une seule fois."
                )
            seen.add(city.code)

    def _is_wanted(self, row: str) -> bool:
        return int(row[1:]) <= FEWEST_SIGNATORIES or not self._is_blank(row)

    def _is_blank(self, row: str) -> bool:
        return not any(text.strip() for name, text in self.fields.items() if name.startswith(f"{row}-"))
