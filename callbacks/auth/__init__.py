"""Who is asking: sessions, tokens, the middleware in front of every request."""
