"""Pages and addresses that people open: mail frequency, calendar feed, the local mail page."""
