"""Give a sign-off, on the page or on paper; take it back; the ANCT's signature of the charter."""
