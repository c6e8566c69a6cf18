"""Two keys: what concerns authority is proposed by one person, and confirmed by another from the other side."""
