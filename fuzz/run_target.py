"""One target, fuzzed by atheris (libFuzzer: its mutations go where they reach new lines) until its time is over.

``python -m fuzz.run_target NAME FAULTS SECONDS CORPUS…``: inputs that reach new lines are added to the first corpus.
One that breaks a promise stands in ``FAULTS`` afterwards, and the exit status is not 0.
"""

import logging
import sys
import tempfile
import warnings
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


def main() -> None:
    name, faults, seconds, *corpora = sys.argv[1:]
    warnings.simplefilter("ignore")
    logging.disable()
    with atheris.instrument_imports(include=WATCHED, enable_loader_override=False):
        from fuzz.judge import judge
        from fuzz.readers import TARGETS, opened, seeds_of
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
        atheris.Setup([sys.argv[0], *options, *corpora, seeds], lambda content: judge(reader, content))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
