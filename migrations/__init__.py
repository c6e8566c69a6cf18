"""The schema of the domain database, from its first table on (Alembic)."""
