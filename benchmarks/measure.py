"""``python -m benchmarks.measure WHO DATABASE CLIENTS PROJECTS``: one measure in a process of its own."""

import json
import sys
from importlib import import_module


def main(who: str, database: str, clients: str, projects: str) -> None:
    contestant = import_module(f"benchmarks.{who}")
    figures = contestant.measure(database, int(clients), int(projects))
    print(json.dumps(figures.as_dict()))


if __name__ == "__main__":
    main(*sys.argv[1:])
