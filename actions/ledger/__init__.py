"""What every action writes with its fact: the journal entry, the wake-up, under the project's lock."""
