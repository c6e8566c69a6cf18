"""Who is behind a request: sign-in by mail and ProConnect, sessions, rate limits."""
