"""The daily round of reminders, and an agent's own reminder."""
