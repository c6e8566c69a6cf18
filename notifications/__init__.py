"""What we say (typed messages, templates) and how it leaves (Apprise); knows nothing of the database."""
