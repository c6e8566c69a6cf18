"""The harms: each a small function that does one of them now, and says so in one line."""

import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from chaos.postgres import Postgres
from chaos.processes import with_descendants
from chaos.system import System

Say = Callable[[str], None]
KILLED = ("prefect", "flows", "relay", "web", "mail", "mail_page", "up")


def kill_one(system: System, name: str, say: Say) -> None:
    """SIGKILL to one process; `up`, or who keeps `up`, starts it again."""
    say(f"SIGKILL {name} ({system.kill(name)})")


def kill_one_of_two(system: System, name: str, draw: random.Random, say: Say) -> None:
    """SIGKILL to one of the processes of this name, and to what it has started."""
    every = system.processes()
    victims = [each for each in every if each.name == name]
    if victims:
        chosen = with_descendants([draw.choice(victims)], every)
        for victim in chosen:
            victim.kill()
        say(f"SIGKILL one of {len(victims)} {name} ({len(chosen)} processes)")


def kill_pair(system: System, say: Say) -> None:
    """SIGKILL to Prefect's server, the worker and its runs at once; `up` lives, and starts them again."""
    every = system.processes()
    victims = with_descendants([each for each in every if each.name in ("prefect", "flows")], every)
    for victim in victims:
        victim.kill()
    say(f"SIGKILL server, worker and what they had started: {len(victims)} processes")


def cut_power(system: System, say: Say) -> None:
    """SIGKILL to everything at once."""
    say(f"SIGKILL everything ({system.kill_all()} processes)")


def restart_postgres(server: Postgres, say: Say) -> None:
    """An immediate restart, as a crash."""
    server.restart()
    say("PostgreSQL restarted (immediate)")


def drop_prefect(system: System, say: Say) -> None:
    """Prefect's database is gone: killed, its files deleted before it is started again."""
    system.kill("prefect")
    for file in system.prefect.database.parent.glob("prefect.db*"):
        file.unlink(missing_ok=True)
    system.kill("prefect")  # one that was started again in between still has the deleted file open
    say("Prefect's database deleted")


def fill_disk(folder: Path, seconds: float, say: Say) -> None:
    """Not one byte is left on this file system for a while."""
    ballast = folder / "ballast"
    with ballast.open("wb") as file:
        try:
            while True:
                file.write(os.urandom(65536))
                file.flush()
        except OSError:
            pass
    say(f"disk full: {shutil.disk_usage(folder).free} bytes left, for {seconds:.0f} s")
    time.sleep(seconds)
    ballast.unlink()
    say("disk freed")


def mount_small_disk(folder: Path, megabytes: int) -> None:
    """A file system of this size at ``folder`` (root only)."""
    folder.mkdir(parents=True, exist_ok=True)
    options = f"size={megabytes}m,mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "chaos", str(folder)], check=True)


def unmount(folder: Path) -> None:
    subprocess.run(["umount", "--lazy", str(folder)], check=False)


def pause(draw: random.Random, shortest: float, longest: float) -> None:
    time.sleep(draw.uniform(shortest, longest))
