"""The page of a deliverable: its versions, their comparison, comments and files."""
