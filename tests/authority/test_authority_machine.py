"""Whatever people do, in whatever order: nobody gives signing power alone, and no stage is signed off without it.

Random steps by random people, by the real actions; after each, the product and an oracle of a few lines agree.
"""

import os

import hypothesis
import pytest
from authority_machine import AuthorityMachine
from authority_world import World
from hypothesis.stateful import run_state_machine_as_test
from shelf import Shelf

SHRINKING = 900
"""Seconds; a failure is told by the shortest sequence that shows it, and finding that takes its time."""


def play(shelf: Shelf, *, runs: int, steps: int, is_the_same: bool) -> None:
    """So many runs of so many steps, ``is_the_same`` each time or other ones."""
    world = World(shelf)
    settings = hypothesis.settings(
        max_examples=runs,
        stateful_step_count=steps,
        derandomize=is_the_same,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    run_state_machine_as_test(lambda: AuthorityMachine(world), settings=settings)


@pytest.mark.timeout(SHRINKING)
def test_nobody_gives_signing_power_alone_whatever_people_do(shelf: Shelf) -> None:
    play(shelf, runs=8, steps=25, is_the_same=True)


@pytest.mark.trials
@pytest.mark.timeout(2 * SHRINKING)
def test_nor_over_thousands_of_steps(shelf: Shelf) -> None:
    """Other steps each time; in CI the same ones, so that a change is never stopped by what it has not touched."""
    play(shelf, runs=50, steps=50, is_the_same="CI" in os.environ)
