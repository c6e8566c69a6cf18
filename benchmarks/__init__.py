"""How fast a sign-off is, next to the least it could cost and to the engines a team would choose instead.

``make bench`` plays everything in one run, on one machine: see ``__main__``, and beside it ``sweep`` (the daily
reminders), ``mails`` and ``wake_up``.
"""
