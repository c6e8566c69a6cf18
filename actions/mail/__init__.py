"""The outbox of notices: write one with its fact, claim, send, drop or retry it."""
