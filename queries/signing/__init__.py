"""Who may sign, the sign-off matrix, and the decisions given."""
