"""Where a stage stands, what it still awaits, and until when."""
