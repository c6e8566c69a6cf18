"""Everything that reads foreign bytes, given bytes that nobody would write (``python -m fuzz``, docs/fuzzing.md)."""
