"""What only reads, for pages, API, commands and flows: the same subjects as ``actions``. Nothing here writes."""
