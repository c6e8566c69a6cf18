"""Use cases, one verb a file: the only code that writes. Shared by pages, command line and flows."""
