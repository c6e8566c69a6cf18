"""What became of the notices."""
