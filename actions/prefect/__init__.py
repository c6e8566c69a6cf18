"""Tell Prefect what the outbox holds, and repair its runs (by its HTTP API; nothing here imports prefect)."""
