"""Submit versions of deliverables, and comment on them."""
