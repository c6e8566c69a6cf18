"""What all actions share: their form, and what each writes with its fact (journal entry, wake-up, project lock)."""
