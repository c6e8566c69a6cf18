"""The stages: each whose gate holds must close, without anybody's command."""

from chaos.judge.sql import Sql

_GATE = """
SELECT stage.id, shared_project.slug, stage.status,
    (SELECT COUNT(*) FROM deliverable CROSS JOIN roster_seat AS seat
     WHERE deliverable.stage_id = stage.id AND seat.stage_id = stage.id AND seat.left_at IS NULL
       AND (deliverable.party_id IS NULL OR deliverable.party_id = seat.party_id)) AS seats,
    (SELECT COUNT(*) FROM deliverable JOIN sign_off ON sign_off.deliverable_id = deliverable.id
     JOIN roster_seat AS seat ON seat.party_id = sign_off.party_id AND seat.stage_id = stage.id
     WHERE deliverable.stage_id = stage.id AND sign_off.version_id = deliverable.version_id
       AND sign_off.voided_at IS NULL AND sign_off.withdrawn_at IS NULL
       AND sign_off.decision <> 'refused') AS passed
FROM stage JOIN shared_project ON shared_project.id = stage.project_id
WHERE stage.status <> 'planned'
ORDER BY stage.id
"""


def left_open(sql: Sql) -> list[str]:
    """The stages whose gate holds and that are not closed."""
    return [
        f"{row['slug']}: {row['status']}"
        for row in sql.rows(_GATE)
        if row["seats"] and row["passed"] >= row["seats"] and row["status"] != "closed"
    ]


def closed_too_soon(sql: Sql) -> list[str]:
    """The stages that are closed and whose gate does not hold."""
    return [
        f"{row['slug']}: {row['passed']} of {row['seats']}"
        for row in sql.rows(_GATE)
        if row["status"] == "closed" and row["passed"] < row["seats"]
    ]


def count_closed(sql: Sql) -> int:
    return int(sql.one("SELECT COUNT(*) FROM stage WHERE status = 'closed'"))


def is_waiting(sql: Sql) -> bool:
    """Every stage at work has had its last fact seen, and the outbox is empty."""
    behind = sql.one(
        "SELECT COUNT(*) FROM stage WHERE status NOT IN ('planned', 'closed') AND seen_seq < fact_seq"
    )
    return not behind and not sql.one("SELECT COUNT(*) FROM nudge WHERE done_at IS NULL")


def mails_waiting(sql: Sql) -> int:
    """The mails that have neither left nor been dropped or given up."""
    return int(
        sql.one(
            "SELECT COUNT(*) FROM notice WHERE sent_at IS NULL AND failed_at IS NULL AND dropped_at IS NULL "
            "AND NOT is_held"
        )
    )
