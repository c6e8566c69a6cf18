"""The embedded Prefect counts the requests it serves at a time, and no websocket among them."""

from typing import Any

import anyio
import pytest

from flows.prefect_server import RequestLimit


@pytest.mark.parametrize(("held", "is_served"), [("websocket", True), ("http", False)])
def test_only_requests_are_counted(held: str, is_served: bool) -> None:
    served: list[str] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        served.append(scope["path"])
        if scope["path"] == "/held":
            await anyio.sleep_forever()

    async def main() -> None:
        limit = RequestLimit(app, limit=1)
        async with anyio.create_task_group() as group:
            group.start_soon(limit, {"type": held, "path": "/held"}, None, None)
            await anyio.wait_all_tasks_blocked()
            group.start_soon(limit, {"type": "http", "path": "/health"}, None, None)
            await anyio.wait_all_tasks_blocked()
            group.cancel_scope.cancel()

    anyio.run(main)
    assert ("/health" in served) is is_served
