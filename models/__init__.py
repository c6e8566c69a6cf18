"""What exists and what may happen: one file per concept, its states and rules beside its table."""
