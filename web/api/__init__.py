"""The JSON API (« /api/v1 »): the same actions and refusals as the command line, over HTTP, by personal tokens."""
