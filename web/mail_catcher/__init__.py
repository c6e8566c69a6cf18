"""The local page that shows the mails caught on this machine."""
