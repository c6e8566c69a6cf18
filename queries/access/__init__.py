"""Roles in a project, and who may do what."""
