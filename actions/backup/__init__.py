"""Write a backup of the whole system, read it, restore from it."""
