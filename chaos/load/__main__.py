"""``python -m chaos.load NAME FOLDER …``: one client; « looks » only looks, « api-1 » plays ``FOLDER/api-1.plan``."""

import argparse
import json
import random
import time
from datetime import timedelta
from pathlib import Path

from chaos.ledger import Ledger
from chaos.load.looks import ledger_of_looks, look
from chaos.load.outcome import LATE, Client, People, Place, Recorded, Refused
from chaos.plan import Chain, PlannedAct, read_plan


def main() -> None:
    """Play the plan; the exit code is 0 once every fact of it is answered."""
    options = argparse.ArgumentParser(prog="python -m chaos.load", description=__doc__)
    options.add_argument("name")
    options.add_argument("folder", type=Path)
    options.add_argument("--web", required=True)
    options.add_argument("--database", required=True)
    options.add_argument("--files", type=Path, required=True)
    options.add_argument("--pace", type=float, default=0.0, help="seconds between two facts, on average")
    options.add_argument("--seconds", type=float, default=600, help="when to give up")
    options.add_argument(
        "--ahead", type=float, default=0.0, help="hours by which this client's clock is ahead"
    )
    options.add_argument("--seed", type=int, default=0)
    chosen = options.parse_args()
    place = Place(chosen.web, chosen.database, chosen.files)
    people: People = json.loads((chosen.folder / "people.json").read_text(encoding="utf-8"))
    if chosen.name == "looks":
        with ledger_of_looks(chosen.folder) as ledger:
            look(place, people, ledger)
        return
    client = _client(chosen.name, place, people, timedelta(hours=chosen.ahead))
    draw = random.Random(f"{chosen.name}{chosen.seed}")  # noqa: S311 - chance that can be played again
    with Ledger(chosen.folder / f"{chosen.name}.ledger") as ledger:
        player = Player(client, ledger, chosen.seconds)
        for chain in read_plan(chosen.folder / f"{chosen.name}.plan"):
            player.play(chain)
            time.sleep(draw.uniform(0, 2 * chosen.pace))
    raise SystemExit(LATE if player.is_late else 0)


def _client(name: str, place: Place, people: People, ahead: timedelta) -> Client:
    """The way that the name begins with; the actions are imported by those alone who use them."""
    way = name.partition("-")[0]
    if way == "actions":
        from chaos.load.by_actions import ByActions

        return ByActions(place, people, ahead)
    if way == "pages":
        from chaos.load.by_pages import ByPages

        return ByPages(place, people)
    from chaos.load.by_api import ByApi

    return ByApi(place, people)


class Player:
    """Does one fact after the other, each until it is answered; gives all up when the time is over."""

    def __init__(self, client: Client, ledger: Ledger, seconds: float) -> None:
        self._client, self._ledger = client, ledger
        self._until = time.monotonic() + seconds

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self._until

    def play(self, chain: Chain) -> None:
        """A fact that is refused, or given up, ends its chain: what follows stands on it."""
        for act in chain:
            if not self._settle(act):
                return

    def _settle(self, act: PlannedAct) -> bool:
        names = {"act": act.id, "double": act.double}
        self._ledger.note("intent", **names)
        tries = 0
        while not self.is_late:
            tries += 1
            outcome = self._client.act(act)
            if isinstance(outcome, Recorded):
                self._ledger.note("acknowledged", **names, number=outcome.number, tries=tries)
                return True
            if isinstance(outcome, Refused):
                self._ledger.note("refused", **names, why=outcome.why, tries=tries)
                return False
            self._ledger.note("again", **names, why=outcome.why, status=outcome.status, tries=tries)
            time.sleep(outcome.seconds)
        self._ledger.note("given_up", **names, tries=tries)
        return False


if __name__ == "__main__":
    main()
