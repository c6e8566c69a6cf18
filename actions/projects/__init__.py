"""Create a project, change its parties and its status, appoint its contractor."""
