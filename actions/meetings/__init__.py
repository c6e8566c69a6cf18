"""Convene, move and cancel meetings of the steering committee."""
