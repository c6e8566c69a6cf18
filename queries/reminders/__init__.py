"""What is awaited of whom: reminders, digests, « what awaits me », calendars."""
