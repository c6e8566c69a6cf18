"""Who is who: the people of projects, and what is kept about one person."""
