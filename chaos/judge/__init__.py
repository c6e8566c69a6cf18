"""The judge: reads SQL, mailboxes and the clients' notes, and nothing else. Imports nothing of the system it judges."""
