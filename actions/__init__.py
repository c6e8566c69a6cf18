"""What changes a fact: one verb per file, in rooms by subject. Shared by pages, API, command line and flows."""
