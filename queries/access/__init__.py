"""In what quality somebody stands in a project, and who may do what."""
