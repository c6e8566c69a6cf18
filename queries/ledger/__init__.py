"""Find rows from the words that people use; verify the journal."""
