"""Who may turn a key, what is proposed and waits for one, and who holds which authority on what evidence."""
