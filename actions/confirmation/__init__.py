"""The second key: what was proposed is done, dropped, or expires. Above every room whose acts it carries out."""
