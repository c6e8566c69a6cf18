"""``python -m fuzz``: every target for its share of the time; exit status 1 when a promise was not kept.

Inputs that reached new lines stay in ``fuzz/corpus``; what broke a promise is written in ``fuzz/faults`` and, once the
product is corrected, moved to the corpus.
"""

import argparse
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from fuzz.readers import TARGETS

HERE = Path(__file__).parent
CORPUS, FAULTS = HERE / "corpus", HERE / "faults"
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
    with ThreadPoolExecutor(chosen.at_once) as pool:
        rounds = []
        for each in pool.map(lambda name: play(name, seconds, CORPUS / name, faults=FAULTS), names):
            rounds.append(each)
            kept = "kept" if each.is_kept else "BROKEN"
            print(f"{each.name:14} {each.inputs:>10} inputs {each.megabytes:>6} MB  {kept}", flush=True)
            if not each.is_kept:
                print(each.output[-4000:], flush=True)
    sys.exit(not all(each.is_kept for each in rounds))


def play(name: str, seconds: int, *corpora: Path, faults: Path) -> Round:
    """Fuzz one target in a process of its own; what reaches new lines is added to the first corpus."""
    for folder in (faults, *corpora):
        folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "fuzz.run_target", name, str(faults), str(seconds), *map(str, corpora)]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    stats = {key: int(value) for key, value in _STATS.findall(done.stderr)}
    return Round(
        name,
        stats.get("number_of_executed_units", 0),
        stats.get("peak_rss_mb", 0),
        done.returncode == 0,
        done.stdout + done.stderr,
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
