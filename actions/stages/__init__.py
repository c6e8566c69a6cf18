"""Open a stage, ask for what it needs, extend its deadline, close it."""
