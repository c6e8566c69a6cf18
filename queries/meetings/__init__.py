"""The meetings of a project and their agenda."""
