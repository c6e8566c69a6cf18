"""Sign in by mail or ProConnect; sessions and personal API tokens."""
