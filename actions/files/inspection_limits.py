"""What one file may cost the process that reads it."""

CPU_SECONDS = 10
SECONDS = 120
"""Elapsed seconds: the machine has other work too."""
MEMORY = 768 * 1024 * 1024
