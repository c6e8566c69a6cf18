"""The results as a table, for the screen and for docs/chaos.md."""

from collections.abc import Sequence

from chaos.trial import Result

HEADER = (
    "scenario", "stages", "harms", "acknowledged", "lost", "doubled", "told no", "mails owed", "lost", "doubled",
    "left open", "closed (s)", "settled (s)", "reconciled (s)", "ready (s)", "memory (MB)", "processes", "500", "503",
)  # fmt: skip


def row(result: Result) -> tuple[str, ...]:
    account, mails = result.verdict.account, result.verdict.mails
    return (
        result.scenario,
        str(result.stages),
        str(result.harms),
        str(account.acknowledged),
        str(len(account.lost)),
        str(len(account.doubled)),
        str(len(account.told_no)),
        str(mails.owed),
        str(len(mails.lost)),
        str(len(mails.doubled)),
        str(len(result.verdict.left_open)),
        _seconds(result.healed.closed),
        _seconds(result.healed.settled),
        _seconds(result.healed.reconciled),
        _seconds(result.healed.ready),
        f"{result.peak_memory / 1e6:.0f}",
        str(result.most_processes),
        str(result.verdict.answers[500]),
        str(result.verdict.answers[503]),
    )


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.0f}"


def markdown(results: Sequence[Result]) -> str:
    lines = [HEADER, tuple("---" for _ in HEADER), *(row(result) for result in results)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def on_screen(results: Sequence[Result]) -> str:
    rows = [HEADER, *(row(result) for result in results)]
    widths = [max(len(line[place]) for line in rows) for place in range(len(HEADER))]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in rows
    )


def broken(result: Result) -> list[str]:
    """What was not kept, a line each, with its first examples."""
    remarks = [
        f"{name}: {len(rows)}, such as {'; '.join(rows[:3])[:600]}"
        for name, rows in result.verdict.broken.items()
    ]
    for name in ("closed", "settled", "reconciled", "ready"):
        if getattr(result.healed, name) is None:
            remarks.append(f"not {name} within two reconcile periods")
    return [*remarks, *result.extra]
