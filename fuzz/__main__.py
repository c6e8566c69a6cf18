"""``python -m fuzz``: every target for its share of the time; exit status 1 when a promise was not kept.

Inputs that reached new lines stay in ``fuzz/corpus``; what broke a promise is written in ``fuzz/faults`` and, once the
product is corrected, moved to the corpus.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fuzz.readers import CORPUS, TARGETS

FAULTS = Path(__file__).parent / "faults"
_STATS = re.compile(r"stat::(number_of_executed_units|peak_rss_mb):\s+(\d+)")


@dataclass(frozen=True, slots=True)
class Round:
    """What one target did: inputs tried, peak of memory (MB), whether each promise was kept, what it printed."""

    name: str
    inputs: int
    megabytes: int
    is_kept: bool
    output: str


def main() -> None:
    chosen = _options()
    names = chosen.only or list(TARGETS)
    seconds = max(1, round(chosen.minutes * 60 * chosen.at_once / len(names)))
    rounds = []
    for each in play(names, seconds, at_once=chosen.at_once, corpora=CORPUS, faults=FAULTS):
        rounds.append(each)
        kept = "kept" if each.is_kept else "BROKEN"
        print(f"{each.name:14} {each.inputs:>10} inputs {each.megabytes:>6} MB  {kept}", flush=True)
        if not each.is_kept:
            print(each.output[-4000:], flush=True)
    sys.exit(len(rounds) < len(names) or not all(each.is_kept for each in rounds))


def play(
    names: Sequence[str], seconds: int, *, at_once: int = 1, corpora: Path, faults: Path
) -> Iterator[Round]:
    """Fuzz targets, each in a process of its own; what reaches new lines is added to ``corpora``.

    Raises ``CalledProcessError``, with what was printed, if they could not be started.
    """
    faults.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fuzz-logs-") as logs:
        command = [sys.executable, "-W", "ignore", "-m", "fuzz.run_targets", logs, str(faults), str(corpora)]
        command += [str(seconds), str(at_once), *names]
        start = Path(logs, "start")
        with (
            start.open("w") as log,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as running,
        ):
            for line in running.stdout or ():
                name, status = line.split()
                yield _round(name, int(status), Path(logs, name).read_text(errors="replace"))
        if running.returncode:
            raise subprocess.CalledProcessError(running.returncode, command, start.read_text()[-4000:])


def _round(name: str, status: int, output: str) -> Round:
    stats = {key: int(value) for key, value in _STATS.findall(output)}
    return Round(
        name, stats.get("number_of_executed_units", 0), stats.get("peak_rss_mb", 0), status == 0, output
    )


def _options() -> argparse.Namespace:
    options = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    options.add_argument(
        "--only", nargs="+", choices=list(TARGETS), metavar="TARGET", help=", ".join(TARGETS)
    )
    options.add_argument("--minutes", type=float, default=60, help="for all of them together")
    options.add_argument("--at-once", type=int, default=2, help="processes")
    return options.parse_args()


if __name__ == "__main__":
    main()
