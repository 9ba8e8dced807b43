"""GitHub's REST interface: a client that keeps within its rate limits, and what it tells."""
