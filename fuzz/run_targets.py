"""Targets fuzzed by atheris (libFuzzer: its mutations go where they reach new lines), each for some seconds.

``python -m fuzz.run_targets LOGS FAULTS CORPORA SECONDS AT_ONCE NAME…``: the product is imported and instrumented once,
then each target runs in a fork, which prints in ``LOGS/NAME``. Inputs that reach new lines are added to
``CORPORA/NAME``. One that breaks a promise stands in ``FAULTS`` afterwards. A line « NAME STATUS » is printed as each
ends; the status is 0 when every promise was kept.
"""

import logging
import os
import sys
import tempfile
from collections import deque
from pathlib import Path

import atheris

HANG = 60
"""Elapsed seconds without an answer: a thread that waits for ever uses no processor."""
MEGABYTES = 512
"""Of the process that reads; it must not grow with what it has read."""
WATCHED = [
    "actions",
    "models",
    "queries",
    "web",
    "yaml",
    "pypdf",
    "csv",
    "email",
    "email_validator",
    "multipart",
]

with atheris.instrument_imports(include=WATCHED, enable_loader_override=False):
    from fuzz.judge import judge
    from fuzz.readers import CORPUS, TARGETS, opened, seeds_of


def main() -> None:
    logging.disable()
    logs, faults, corpora, seconds, at_once, *names = sys.argv[1:]
    waiting, running = deque(names), dict[int, str]()
    while waiting or running:
        while waiting and len(running) < int(at_once):
            name = waiting.popleft()
            process = os.fork()
            if not process:
                _print_in(Path(logs, name))
                Path(corpora, name).mkdir(parents=True, exist_ok=True)
                _fuzz(name, int(seconds), Path(corpora, name), Path(faults))
            running[process] = name
        process, status = os.wait()
        print(running.pop(process), os.waitstatus_to_exitcode(status), flush=True)


def _print_in(log: Path) -> None:
    into = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(into, sys.stdout.fileno())
    os.dup2(into, sys.stderr.fileno())


def _fuzz(name: str, seconds: int, corpus: Path, faults: Path) -> None:
    """Fuzz one target until its time is over or a promise is broken; the process ends here."""
    with opened(name) as reader, tempfile.TemporaryDirectory(prefix="fuzz-seeds-") as seeds:
        for number, seed in enumerate(seeds_of(name)):
            Path(seeds, str(number)).write_bytes(seed)
        options = [
            f"-max_total_time={seconds}",
            f"-max_len={TARGETS[name].longest}",
            f"-timeout={HANG}",
            f"-rss_limit_mb={MEGABYTES}",
            f"-artifact_prefix={faults}/{name}-",
            "-print_final_stats=1",
        ]
        folders = [str(each) for each in dict.fromkeys((corpus, CORPUS / name)) if each.is_dir()]
        atheris.Setup([sys.argv[0], *options, *folders, seeds], lambda content: judge(reader, content))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
