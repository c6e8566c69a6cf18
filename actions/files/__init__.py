"""Receive files, detect what they are, scan them, keep them by their content."""
