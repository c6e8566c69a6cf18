"""HTTP: the pages, the JSON API, sign-in and sessions, the local mail page, and the server that runs them."""
