"""The processes of one system: what they must share, their periodic rounds, its incidents."""
