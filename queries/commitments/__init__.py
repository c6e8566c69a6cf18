"""The commitments of a project, and the reservations they answer."""
