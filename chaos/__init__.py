"""Break the system on purpose, while thousands of sign-offs flow in, and judge what came of it.

``python -m chaos`` (``make chaos``) starts whole systems of its own, on free ports and in a folder of their own, deals
them harms, and lets a judge that reads nothing but SQL and mailboxes count what was lost or doubled. See
docs/chaos.md.
"""
